import type { ExpirationRule } from '../../session.js';
import type { KeyTemplate } from '../application.js';
import { SID_KINDS, type SidKind } from './sid-kinds.js';

/**
 * How a reader turns a session into the value of its key, and of which format such values are; null for that of the
 * file.
 */
export const VALUE_FORMATS = { json: 'json', 'c2c-json': 'json', pickle: 'pickle', verbatim: null } as const;
export type ValueEncoding = keyof typeof VALUE_FORMATS;
export const VALUE_ENCODINGS = Object.keys(VALUE_FORMATS) as readonly ValueEncoding[];

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
   * The lowest protocol whose bytes the reader loads as they are. 3 for a reader that runs on Python 3 alone: lower
   * ones were pickled by Python 2, and Python 3 fails on their dates and on text that is not ASCII.
   */
  oldestVerbatimProtocol: 0 | 3;
  authenticatedLifetimeMs: number;
  anonymousLifetimeMs: number;
  /** Whether the reader takes the session's own `expiration` (seconds) before its lifetimes, and of which types. */
  honoursExpiration: ExpirationRule;
  /**
   * Whether a mere read makes the reader set the key's expiry anew, to that moment plus one of the two lifetimes. The
   * value stays as it is, so a copy that was read is still ours although its expiry moved on.
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

export function keyTemplateOf(profile: Profile, prefix: string): KeyTemplate {
  return { before: profile.keyBefore(prefix), after: profile.keyAfter(prefix) };
}

/** Where `--key-template` puts the session id and `--prefix`. */
export const SID_PLACEHOLDER = '{sid}';
export const PREFIX_PLACEHOLDER = '{prefix}';

export const DEFAULT_KEY_TEMPLATE = 'session:{prefix}{sid}';

/** A reader that no profile knows: the operator names its key and encoding. Lives as long as the file does. */
const plain: Profile = {
  name: 'generic',
  title: 'any other reader: --key-template, --encoding',
  odoo: 'any',
  series: [8, 20],
  source: 'your own',
  ...splitTemplate(DEFAULT_KEY_TEMPLATE),
  databaseIndex: 0,
  sids: SID_KINDS,
  encoding: 'json',
  pickleProtocol: 4,
  oldestVerbatimProtocol: 0,
  authenticatedLifetimeMs: SEVEN_DAYS_MS,
  anonymousLifetimeMs: SEVEN_DAYS_MS,
  honoursExpiration: false,
  renewsOnRead: false,
  onUndecodable: 'empty session',
  rejectsOdoo18Sids: false,
};

/** Which Python loads the pickles follows from the Odoo; the name stays, and so do ids and lifetimes. */
export const generic: Module = {
  plain,
  releases: [
    { ...plain, series: [8, 10], pickleProtocol: 2 },
    { ...plain, series: [11, 20], oldestVerbatimProtocol: 3 },
  ],
};

/** The two halves of a template that names `{sid}` exactly once. */
export function splitTemplate(template: string): Pick<Profile, 'keyBefore' | 'keyAfter'> {
  const [before = '', after = ''] = template.split(SID_PLACEHOLDER);
  const filled = (half: string) => (prefix: string) => half.replaceAll(PREFIX_PLACEHOLDER, () => prefix);
  return { keyBefore: filled(before), keyAfter: filled(after) };
}

/** A session module: the contract that its plain name means where nothing is known of its release, and its releases. */
export interface Module {
  plain: Profile;
  /** The oldest first; none where all releases read alike. They differ in nothing that decides a key or a database. */
  releases: readonly Profile[];
}

/**
 * One release: its name behind the module's, the Odoo series it runs on, and what it does otherwise than the plain one.
 */
export type Release = { release: string; series: Profile['series'] } & Partial<
  Omit<Profile, 'name' | 'odoo' | 'series' | 'keyBefore' | 'keyAfter' | 'databaseIndex'>
>;

/** A module by its table of releases. */
export function moduleOf(plain: Profile, table: readonly Release[] = []): Module {
  return {
    plain,
    releases: table.map(({ release, ...rest }) => ({
      ...plain,
      ...(rest.sids !== undefined && { sidsInLedger: rest.sids }),
      ...rest,
      name: `${plain.name}-${release}`,
      odoo: seriesText(rest.series),
    })),
  };
}

/** The release that runs on an Odoo; undefined where the module has none for it. */
export function releaseFor({ plain, releases }: Module, odoo: number): Profile | undefined {
  return (releases.length === 0 ? [plain] : releases).find(({ series }) => odoo >= series[0] && odoo <= series[1]);
}

/** `12.0 to 17.0` */
function seriesText([first, last]: Profile['series']): string {
  return first === last ? `${first}.0` : `${first}.0 to ${last}.0`;
}
