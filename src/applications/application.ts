import type { ByteSink } from '../python/sink.js';
import type { PoolOrder } from './pool.js';

/**
 * An application: whose sessions these are, how its file store names, writes and ages them, and where, as what and
 * until when its Redis reader looks for them. This interface is all that the rest of the program knows of one.
 * An object serves one thread: it is made there from {@link ApplicationSettings}, which are plain data, and its fields
 * describe the file that was inspected last. Nothing here touches files, the clock or Redis. Paths, keys and ids are
 * text of one character per byte.
 */
export interface Application {
  readonly name: string;
  readonly title: string;
  readonly store: StoreRules;
  readonly reader: ReaderRules;
  /**
   * Names of what is told of a session besides its age, `login` first where it can be told; see {@link Content.facts}.
   */
  readonly factNames: readonly string[];
  /** What `inspect` found, refilled for every file. */
  readonly content: Content;

  /** What a path below the store is, told from the path alone. Fills `name`. */
  recognise(path: string, name: StoreName): void;
  /** Whether sessions may lie in, or below, this sub-directory of a store. */
  entersDirectory(path: string): boolean;
  /** The path at which the application keeps this id; null where it can't be told. */
  pathOf(sid: string): string | null;

  /** Reads `bytes[start, end)`, a whole file, to its end and fills `content`. The bytes have to stay until `encode`. */
  inspect(bytes: Uint8Array, start: number, end: number): void;
  /** Whose login that is, in the application's own terms, fit to be shown; empty where it is nobody's, or not told. */
  who(): string;
  /**
   * When the session that was inspected last ends: epoch milliseconds, Infinity for never. An mtime in the future
   * counts as now.
   */
  expiryMs(mtimeMs: number, nowMs: number): number;
  /**
   * Appends the value of the session that was inspected last, field by field. Not needed where the value is verbatim.
   */
  encode(value: RedisValue): void;

  /** The key under which the reader looks for this id. */
  keyOf(sid: string): string;
  /** The id of a key; null for a key that is no session's, and where keys don't show the id. */
  sidOf(key: string): string | null;
  /** Whether a key, session or not, is a lock: never created, copied, counted or deleted. */
  isLock(key: string): boolean;

  /**
   * The way back: appends the file's bytes for a value.
   * @param fields the bytes of the string, or of each of `reader.fields`, null for one that is absent.
   * @returns an empty text, or why there is no such file
   */
  decode(fields: readonly (Uint8Array | null)[], file: ByteSink): string;
  /**
   * The mtime with which the inspected file would end at `expiryMs`; NaN where its end does not depend on the mtime.
   */
  mtimeMsFor(expiryMs: number): number;
}

/** What holds for all files of a store. */
export interface StoreRules {
  /** How many directories lie between the store and a session file. */
  readonly levels: number;
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
}

/** What holds for all keys of a reader. */
export interface ReaderRules {
  /** The database index of the reader where its operator sets none. */
  readonly database: number;
  /** How several servers share the sessions (see `serverOf`); null for a reader of one server. */
  readonly pool: PoolOrder | null;
  /** Null for a string; the fields of a hash, in the order in which they are encoded. */
  readonly fields: readonly string[] | null;
  /** The index of the field that tells whether a hash is still ours, and without which there is no session. */
  readonly ownField: number;
  /** Whether the value is the file, byte for byte. */
  readonly isVerbatim: boolean;
  /** A pattern of SCAN that every key of a session matches. */
  readonly keyPattern: string;
  /** Whether `sidOf` finds the id of a key. */
  readonly showsSid: boolean;
  /** Whether a mere read moves the expiry. */
  readonly renewsOnRead: boolean;
  /** What the reader does with a value that it can't decode, for people; empty where it isn't known. */
  readonly onUndecodable: string;
  /** The lifetime that the reader will give a session at its next request, milliseconds; NaN where it isn't known. */
  readonly lifetimeMs: number;
  /** What to set in the application: files or sections by name, and their lines. */
  readonly settings: readonly (readonly [where: string, lines: string])[];
}

/**
 * `ignored` is a file of the application's that is no session; `unsupported` is one that can't be moved, with a reason.
 */
export type NameVerdict = 'session' | 'temp-file' | 'ignored' | 'foreign' | 'unsupported';

export interface StoreName {
  verdict: NameVerdict;
  /** Meaningful for a session only. */
  sid: string;
  /** Why the name is unsupported, a sentence; else empty. */
  reason: string;
}

/** `torn` may be whole at the next pass: see {@link isStillTorn}. */
type ContentVerdict = 'whole' | 'torn' | 'malformed' | 'unsupported' | 'empty';

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

/** From so many milliseconds after its mtime on, nobody is writing a torn file any more. */
export const TORN_FOR_MS = 60_000;

/** Whether a torn file may yet become whole. Else it is malformed: cut by a full disk or a crash. */
export function isStillTorn(store: StoreRules, mtimeMs: number, nowMs: number): boolean {
  return store.isWrittenInPlace && mtimeMs > nowMs - TORN_FOR_MS;
}

/** An empty name, to be filled. */
export function newStoreName(): StoreName {
  return { verdict: 'foreign', sid: '', reason: '' };
}
