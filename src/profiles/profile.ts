import type { ExpirationRule, SidKind } from '../session.js';

/** How a reader turns a session into the value of its key. */
export type ValueEncoding = 'c2c-json' | 'json' | 'pickle' | 'verbatim';

export const DAY_MS = 86_400_000;
export const THREE_DAYS_MS = 3 * DAY_MS;
export const TWO_MINUTES_MS = 120_000;
export const SEVEN_DAYS_MS = 7 * DAY_MS;
export const THREE_HOURS_MS = 3 * 3_600_000;

/**
 * The contract of one Redis session module: under which key it looks for a session, which bytes it can read there, and
 * how long it lets them live. Getting one of these wrong logs every user out, so each profile cites the source it
 * was read from.
 */
export interface Profile {
  name: string;
  /** One line for `sess2redis profiles`. */
  title: string;
  /** Odoo series whose module this is, for people, and the first and the last of them as numbers. */
  odoo: string;
  series: readonly [first: number, last: number];
  /** The address that it was read at; or what it was read from, and that the address is unknown. */
  source: string;
  /** The reader's key is `keyBefore(prefix)`, the sid, `keyAfter(prefix)`. */
  keyBefore: (prefix: string) => string;
  keyAfter: (prefix: string) => string;
  /** The database index that the reader uses when its operator sets none. */
  databaseIndex: number;
  /** Session ids that the reader accepts; it answers any other with a new session, before Redis is asked. */
  sids: readonly SidKind[];
  encoding: ValueEncoding;
  /** For `pickle`: the highest protocol that the reader's Python loads as it is. */
  pickleProtocol: 2 | 4 | 5;
  /**
   * The lowest protocol whose bytes the reader loads as they are. 3 for a reader that runs on Python 3 alone: lower ones
   * were pickled by Python 2, and Python 3 fails on their dates and on text that is not ASCII.
   */
  oldestVerbatimProtocol: 0 | 3;
  authenticatedLifetimeMs: number;
  anonymousLifetimeMs: number;
  /** Whether the reader takes the session's own `expiration` (seconds) before its lifetimes, and of which types. */
  honoursExpiration: ExpirationRule;
  /**
   * Whether a mere read makes the reader set the key's expiry anew, to that moment plus one of the two lifetimes. The value
   * stays as it is, so a copy that was read is still ours although its expiry moved on.
   */
  renewsOnRead: boolean;
  /** What a visitor sees when the reader can't decode a value. */
  onUndecodable: 'empty session' | 'HTTP 500';
  /** Whether the reader's releases for Odoo 18.0 reject the 84-character ids that Odoo 18 itself makes. */
  rejectsOdoo18Sids: boolean;
  /** What the operator has to know about this reader, one sentence for the heading of a run. */
  note?: string;
  /** What ledgers say of its ids, where an older version of this program knew fewer. */
  sidsInLedger?: readonly SidKind[];
  /** Why no store of files fits this reader. */
  fitsNoStore?: string;
}

/** `before`, the sid and `after` make the key. */
export interface KeyTemplate {
  before: string;
  after: string;
}

export function keyTemplateOf(profile: Profile, prefix: string): KeyTemplate {
  return { before: profile.keyBefore(prefix), after: profile.keyAfter(prefix) };
}
