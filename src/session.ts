/**
 * The nouns of the program. A directory entry becomes a session file, a session file becomes facts, facts become
 * a plan, a plan ends in exactly one outcome. See `run.ts` for how they travel.
 */

/**
 * Every fate a directory entry can meet, with its class. The position in this list is the byte by which a lane
 * reports the outcome to the main thread, so entries are only ever appended.
 */
export const OUTCOMES = [
  ['written', 'moved'],
  ['updated', 'moved'],
  ['same', 'moved'],
  ['kept', 'kept'],
  ['expired', 'skip'],
  ['anonymous', 'skip'],
  ['older', 'skip'],
  ['other-db', 'skip'],
  ['temp-file', 'skip'],
  ['foreign', 'skip'],
  ['other-shard', 'skip'],
  ['rotated', 'skip'],
  ['dead', 'skip'],
  ['report-clone', 'skip'],
  ['vanished', 'skip'],
  ['unchanged', 'skip'],
  ['empty', 'skip'],
  ['malformed', 'reject'],
  ['unsupported', 'reject'],
  ['too-large', 'reject'],
  ['unreadable', 'reject'],
  ['match', 'verified'],
  ['newer', 'verified'],
  ['redis-only', 'verified'],
  ['differs', 'difference'],
  ['missing', 'difference'],
  ['expiry-drift', 'difference'],
  ['extra', 'difference'],
  ['not-sampled', 'skip'],
  ['unwritable', 'reject'],
  ['torn', 'skip'],
] as const;

export type Outcome = (typeof OUTCOMES)[number][0];
export type OutcomeClass = (typeof OUTCOMES)[number][1];

const codes = new Map<string, number>(OUTCOMES.map(([name], code) => [name, code]));

/** The byte that stands for an outcome between threads. */
export function codeOf(outcome: Outcome): number {
  return codes.get(outcome) as number;
}

const classes = new Map<Outcome, OutcomeClass>(OUTCOMES);

export function classOf(outcome: Outcome): OutcomeClass {
  return classes.get(outcome) as OutcomeClass;
}

/** Stands in for the outcome of a session whose reply from the target was never read. */
export const UNSETTLED = 255;

/** Stands in for the outcome of a key whose session has a file: it is counted there, and is no entry of its own. */
export const NO_ENTRY = 254;

/** Where a session file lies: `werkzeug_<sid>.sess` in the store itself, or `<sid[:2]>/<sid>`. */
export type Layout = 'flat' | 'hashed';

/** As which Python type a session holds its `expiration`. */
export type ExpirationType = 'int' | 'float' | 'text' | 'other';

/**
 * Which values of a session's `expiration` a reader heeds (camptocamp/odoo-cloud-platform session_redis/session.py,
 * save). `true`, up to 18.0: whatever is true goes to EXPIRE, and so does the text of an int. `int`, from 19.0 on: an
 * int alone; anything else that is true gives the session three hours.
 */
export type ExpirationRule = boolean | 'int';

/** What a session file holds, as far as its fate depends on it. One object per lane, refilled for every file. */
export interface SessionFacts {
  /** As the application calls it: `json`, `pickle`, `php`, ... */
  format: string;
  /** Whom it belongs to, in the words of a template; empty where the members below tell. */
  className: string;
  /** Somebody is logged in, as the application and its readers see it. */
  isAuthenticated: boolean;
  /** The `db` key, or null where it is missing, None or False. */
  db: string | null;
  /**
   * In-session `expiration`: lifetime in seconds that camptocamp-style readers prefer to their own; NaN where it is
   * absent, false to Python, or no number. Readers differ in the types that they heed: see applications/odoo/plan.ts.
   */
  expirationSeconds: number;
  /** `other`: true to Python, and nothing that means a number. Without an `expiration` it is `int`. */
  expirationType: ExpirationType;
  /** When a session ends that another has replaced (`deletion_time`), epoch seconds; NaN if absent. */
  deletionTimeSeconds: number;
  /** Truthy `_trace_disable`: the authenticated clone that a PDF report leaves behind. */
  isReportClone: boolean;
  /** An anonymous visitor would miss it: `sale_order_id` or any `website_sale_*` key with a truthy value. */
  hasCart: boolean;
  /** `_trace` is there, which tells the release that wrote the session; so does the following. */
  hasTrace: boolean;
  /** `create_time` is there. */
  hasCreateTime: boolean;
}

/** Facts of nothing yet; `resetFacts` brings an object back to this state. */
export function newFacts(): SessionFacts {
  return resetFacts({} as SessionFacts);
}

export function resetFacts(facts: SessionFacts): SessionFacts {
  facts.format = 'json';
  facts.className = '';
  facts.isAuthenticated = false;
  facts.db = null;
  facts.expirationSeconds = Number.NaN;
  facts.expirationType = 'int';
  facts.deletionTimeSeconds = Number.NaN;
  facts.isReportClone = false;
  facts.hasCart = false;
  facts.hasTrace = false;
  facts.hasCreateTime = false;
  return facts;
}

/** A value that we wrote, as far as it takes to know it again. */
export interface OwnVersion {
  /** Absolute, epoch milliseconds. */
  expiryMs: number;
  /** First {@link DIGEST_DIGITS} hexadecimal digits of the value's SHA-1, which a Redis script can compute as well. */
  digest: string;
}

export const DIGEST_DIGITS = 16;

export function isSameVersion(one: OwnVersion, other: OwnVersion): boolean {
  return one.expiryMs === other.expiryMs && one.digest === other.digest;
}
