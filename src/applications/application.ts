import type { ByteSink } from '../python/sink.js';
import type { Layout, Outcome, SessionFacts } from '../session.js';
import type { FileSystem } from '../system/file-system.js';
import type { PoolOrder } from './server-pool.js';

/**
 * READ FIRST. An application: whose sessions these are, how its file store names, writes and ages them, and where, as
 * what and until when its Redis reader looks for them. This interface is all that the rest of the program knows of one;
 * `application-of.ts` chooses between Odoo (`odoo/`) and the applications that a template describes (`templated.ts`).
 *
 * An object serves one thread: it is made there from plain data, and its fields describe the file that was inspected
 * last. Nothing here reads files, the clock or Redis. Paths, keys and ids are text of one character per byte.
 */
export interface Application {
  readonly name: string;
  readonly title: string;
  readonly store: StoreRules;
  readonly reader: ValueRules;
  /** What `inspect` found, refilled for every file. */
  readonly content: Content;
  /** What the counts of an audit need of the session inspected last. */
  readonly facts: SessionFacts;
  /** Whether the session planned last is over its age and was given a grace: its end moves with the clock. */
  readonly isGraced: boolean;
  /** Which of the store's sessions this run is about, as words: runs with other words are about other sessions. */
  readonly scope: readonly string[];
  /** The lifetimes after a save that sessions have whose content says nothing else, milliseconds. */
  readonly lifetimesMs: readonly number[];
  /** No copy lives longer after it was written, milliseconds. */
  readonly longestLifetimeMs: number;

  /** Fills and returns `name`: what a path below the store is, told from the path alone. */
  recognise(path: string, name: StoreName): StoreName;
  /** Whether sessions may lie in, or below, this sub-directory of a store. */
  entersDirectory(path: string): boolean;
  /** Where the application may keep this id, in the order in which to look; nothing where it can't be told. */
  pathsOf(sid: string): readonly string[];
  /** Whether text can be an id of the application. */
  isSid(text: string): boolean;
  /** Whether the Redis reader takes such an id at all: that of a file, or any. */
  accepts(name: StoreName): boolean;
  acceptsSid(sid: string): boolean;
  /** What shows which files of a store are hidden behind others of the same id; null where none can be. */
  shadowsIn(fileSystem: FileSystem, root: string): Shadows | null;
  /**
   * Why an entry that is no session of its store looks like one all the same, a sentence; empty where it does not.
   * @param name what `recognise` makes of the path
   */
  misplacement(fileSystem: FileSystem, root: string, path: string, mayBeFile: boolean, name: StoreName): string;
  /** Text with an id in it, such as a path, cut so short that nobody can use the id. */
  mask(text: string, sid: string): string;

  /** Reads `bytes[start, end)`, a whole file, to its end and fills `content`. The bytes have to stay until `encode`. */
  inspect(bytes: Buffer, start: number, end: number): void;
  /**
   * When the session inspected last ends, epoch milliseconds, or why it stays behind. An mtime in the future counts as
   * now.
   */
  plan(mtimeMs: number, nowMs: number): Plan;
  /** What in the session inspected last tells the release that wrote it, by a word; empty where nothing does. */
  markOf(name: StoreName): string;
  /** Whether the session inspected last is a visitor's cart that only the reader's shorter lifetime ends. */
  losesCart(mtimeMs: number, nowMs: number): boolean;
  /**
   * Appends the value of the session inspected last, field by field.
   * @returns false where the value is the file, byte for byte, and nothing was appended
   * @throws {UnsupportedSession} for a session that the reader's form of value can't hold
   * @throws {SinkFull}
   */
  encode(value: RedisValue): boolean;

  /** Whether a key, session or not, is a lock: never created, copied, counted or deleted. */
  isLock(key: string): boolean;
  /** Makes what reads values of Redis as the application's reader does. */
  values(): StoredValues;
}

/** A number is the expiry (epoch milliseconds) at which to write the session; a word is the reason why not to. */
export type Plan = number | Outcome;

/** `before`, the sid and `after` make the key; or `before`, a digest of the sid and `after`: see `keys.ts`. */
export interface KeyTemplate {
  before: string;
  after: string;
  /** The text whose md5 stands there, with `DIGEST_SID` for the id; absent where the id itself does. */
  digest?: string;
}

/** The words by which a command line names a reader, and what stands around the ids in its keys. */
export interface ReaderWords {
  words: readonly string[];
  key: KeyTemplate;
}

/** One step of a decision: its name, and what was found or decided. */
export type ExplainedStep = readonly [name: string, finding: string];

/** Knows which session files of a store its application never looks at, because another of the same id goes before. */
export interface Shadows {
  /** @throws a system error */
  hides(name: StoreName): boolean;
}

/** How the value at a key relates to the one that its file gives. */
export type ValueRelation =
  /** The same bytes, or the same meaning. */
  | 'same'
  | 'other'
  /** No reader can read it, so no reader wrote it: a visitor with this session is logged out, or gets an error. */
  | 'broken';

/**
 * `broken`: the reader makes nothing of a value, so it never wrote it. `unknown`: the reader may, this program can't.
 */
export type ValueState = 'read' | 'broken' | 'unknown';

/** Reads values of Redis as the reader does. Its fields describe the value read last, where that could be read. */
export interface StoredValues {
  readonly isLogin: boolean;
  /** Whether this run is about such sessions, as far as the content says. */
  readonly isInScope: boolean;
  /** How long the session lives after its last save, milliseconds; NaN where its end says nothing of its save. */
  readonly lifetimeMs: number;
  /** Its content sets its lifetime, or may have cut it short. */
  readonly hasOwnLifetime: boolean;
  readonly mayBeCutShort: boolean;
  read(value: Buffer): ValueState;
  /** How a value relates to the one that the file gives, and what is different in words without any content. */
  compare(fromFile: Buffer, inRedis: Buffer): readonly [ValueRelation, string];
}

/** What holds for all files of a store. */
export interface StoreRules {
  /** How many directories lie between the store and a session file, at most. */
  readonly levels: number;
  /** Whether directories are named after two characters of the id, and their mtimes tell of every save in them. */
  readonly hasShards: boolean;
  /** Whether a file that is being saved can be seen half-written; else the application renames a finished file. */
  readonly isWrittenInPlace: boolean;
  /**
   * Whether the application itself refuses a file that is over its age; else it is a live login until it is cleaned up.
   */
  readonly refusesOldFiles: boolean;
  /** What moves a file's mtime. */
  readonly mtimeMeans: 'last request' | 'last save';
  /** Permissions of the files that the application writes. */
  readonly mode: number;
  /** Whose files alone are read, where the store is shared; null for anybody's. */
  readonly ownerUid: number | null;
  /** How long the files live as far as their content says nothing else, milliseconds; NaN where only it says so. */
  readonly lifetimeMs: number;
  /** The application deletes files that were last saved longer ago, milliseconds; NaN where that isn't known. */
  readonly collectedAfterMs: number;
}

/** Keys that are hashes: the field with the session, which tells whether a hash is still ours, and all others. */
export interface HashForm {
  own: string;
  /** Names and values, in turn; they are the same for every session. */
  others: readonly string[];
}

/** What holds for all values of a reader. */
interface ValueRules {
  /** Null for strings. */
  readonly hash: HashForm | null;
  /** Null for a string; the fields of a hash, in the order in which they are encoded. */
  readonly fields: readonly string[] | null;
  /** The index of the field that tells whether a hash is still ours, and without which there is no session. */
  readonly ownField: number;
  /** Whether the value is the file, byte for byte. */
  readonly isVerbatim: boolean;
}

/** What holds for all keys of a reader that a template describes. */
export interface ReaderRules extends ValueRules {
  /** The database index of the reader where its operator sets none. */
  readonly database: number;
  /** How several servers share the sessions (see `serverOf`); null for a reader of one server. */
  readonly pool: PoolOrder | null;
  /** A pattern of SCAN that every key of a session matches. */
  readonly keyPattern: string;
  /** Whether `sidOf` finds the id of a key. */
  readonly showsSid: boolean;
  /** Whether a mere read moves the expiry. */
  readonly renewsOnRead: boolean;
  /** What the reader does with a value that it can't decode, for people; empty where it isn't known. */
  readonly onUndecodable: string;
  /** How long a mere read lets a session live at most, milliseconds; 0 where it moves nothing. */
  readonly renewalMs: number;
  /** The lifetime that the reader will give a session at its next request, milliseconds; NaN where it isn't known. */
  readonly lifetimeMs: number;
  /** What to set in the application: files or sections by name, and their lines. */
  readonly settings: readonly (readonly [where: string, lines: string])[];
}

/** `ignored` is a file of the application's that is no session; `unsupported` is one that can't be moved. */
export type NameVerdict = 'session' | 'temp-file' | 'ignored' | 'foreign' | 'unsupported';

/** A path relative to its session directory, taken apart. */
export interface StoreName {
  verdict: NameVerdict;
  /** Byte for byte as in the file name; empty where it is no session's. */
  sid: string;
  layout: Layout;
  /** How the application made the id, by a word of its own; null where it makes all alike. */
  kind: string | null;
  /** Why the name is unsupported, a sentence; else empty. */
  reason: string;
}

/** `torn` may be whole at the next pass: see {@link isStillTorn}. `foreign` is a session of another application. */
type ContentVerdict = 'whole' | 'torn' | 'malformed' | 'unsupported' | 'empty' | 'foreign';

/** What a file holds, as far as its fate and the audit depend on it. */
export interface Content {
  verdict: ContentVerdict;
  /** Why it is not whole, fit to be shown; else empty. */
  reason: string;
  /** The member of the session at which reading stopped, fit to be shown; empty where none can be named. */
  member: string;
  /** The byte at which reading stopped; -1 where none can be named. */
  offset: number;
  /** The serialisation, by its name in the template; empty where it is none of those allowed. */
  format: string;
  /** By bit, in the order of `factNames`: whether the session has it. */
  facts: number;
}

/** A value in the making. Field `i` of a hash is `sink.buffer[ends[i - 1], ends[i])`, a string is field 0. */
export interface RedisValue {
  readonly sink: ByteSink;
  readonly ends: number[];
}

/** From so many milliseconds after its last change on, nobody is writing a torn file any more. */
export const TORN_FOR_MS = 60_000;

/**
 * Whether a torn file may yet become whole. Else it is malformed: cut by a full disk or a crash. An mtime is what
 * somebody set it to, in the future at times; a ctime is by the clock of the store, so the earlier of the two counts.
 */
export function isStillTorn(store: StoreRules, mtimeMs: number, ctimeMs: number, nowMs: number): boolean {
  return store.isWrittenInPlace && Math.min(mtimeMs, ctimeMs) > nowMs - TORN_FOR_MS;
}

/** An empty name, to be filled. */
export function newStoreName(): StoreName {
  return { verdict: 'foreign', sid: '', layout: 'flat', kind: null, reason: '' };
}
