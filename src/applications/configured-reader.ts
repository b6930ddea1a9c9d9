import type { Outcome, SessionFacts } from '../session.js';
import type { HashForm, KeyTemplate, StoreName } from './application.js';
import type { ApplicationSettings } from './application-of.js';
import type { DetectedReader } from './odoo/detected-reader.js';
import type { PoolOrder } from './server-pool.js';

/**
 * The Redis reader that the operator's options name, with the application whose sessions it reads. It is asked once for
 * each run, where `Application` is asked for every session. `reader-of.ts` makes it.
 */
export interface ConfiguredReader {
  /** As it was named: summaries, ledgers and state directories tell readers apart by it. */
  readonly name: string;
  /** The release that the store was found to need, by its name; null where the name says it. */
  readonly release: string | null;
  /** What a thread makes the application of. */
  readonly settings: ApplicationSettings;
  readonly key: KeyTemplate;
  /** Null for strings. */
  readonly hash: HashForm | null;
  /** The database index of the reader where its operator sets none. */
  readonly databaseIndex: number;
  /** For at most how long it renews a key when it reads it, milliseconds; 0 for one that renews nothing. */
  readonly renewalMs: number;
  /** Whether the operator chose the prefix of the keys, if only an empty one. */
  readonly isPrefixGiven: boolean;
  /** What tells runs apart that share sources and target, beside key and shard; as plain data. */
  readonly division: readonly string[];
  /** Options that only an audit does without, and that the operator has not given yet. */
  readonly missing: readonly { readonly name: string }[];
  /** How several servers share its sessions; null for a reader of one server. */
  readonly pool: PoolOrder | null;
  /**
   * By name, what a ledger has to agree with: all that decides which session gets which key, value and expiry. What a
   * store shows of its reader is left out, as it may change with an upgrade of the application.
   */
  readonly identity: Readonly<Record<string, string>>;

  /** Why a directory is not the store that was meant, as `is ...: name ...`; null for one that may be it. */
  wrongDirectoryReason(directory: string): string | null;
  /** Gathers what the sessions of some stores tell of the reader; null where the options say all of it. */
  observer(): StoreObserver | null;
  /**
   * Whether reader and store fit each other, as far as they were observed.
   * @returns warnings: of logins that the reader can't accept, and of what is special about it
   * @throws {OperatorError} with exit code 7 for a pair under which most users would be logged out
   */
  check(): string[];
  /** Whether sessions that are in Redis may be taken for those of another reader of the application. */
  readonly hasRivals: boolean;
  /**
   * What keys that are in the target say against this reader.
   * @param database the index of the database in which it will look
   */
  rivalsAmong(findings: readonly DetectedReader[], database: number): Rivals;
}

/** What the keys of a target say against the reader of a run: sentences, each null where there is nothing to say. */
export interface Rivals {
  /** What to ask whoever named no prefix, before anything is done. */
  question: string | null;
  /** The application seems to read other keys than a run will write. */
  warning: string | null;
  /** Where none of the keys that were asked for is there: under which prefix there are some. */
  hint: string | null;
}

export const NO_RIVALS: Rivals = { question: null, warning: null, hint: null };

/** A session of a store, taken as a lane takes it. Its fields are valid during the call only. */
export interface ObservedSession {
  name: StoreName;
  facts: SessionFacts;
  /** Null for one that moves. */
  outcome: Outcome | null;
  /** The whole file, and the value that it gives where it moves. */
  file: Buffer;
  value: Buffer;
  mtimeMs: number;
}

/** Chooses a small sample of a store, and says what it shows. */
export interface StoreObserver {
  /** As what the sessions are taken: with every id accepted. */
  readonly settings: ApplicationSettings;
  /** Sub-directories in which sessions may lie, in an order that spreads over the store. */
  directories(): Iterable<string>;
  /** Begins a sample: called once before the root of a store is listed, and once more before its sub-directories. */
  begin(): void;
  /** Told of the path of a file, in `name`; returns whether the file is worth a look. */
  wants(path: string, name: StoreName): boolean;
  /** Told of a session that could be parsed, and that this run is about. */
  add(session: ObservedSession): void;
  /** The reader as the store shows it. */
  settle(): ConfiguredReader;
}

/** `camptocamp`, or `camptocamp, read as camptocamp-19` where the store showed the release. */
export function describeReader({ name, release }: ConfiguredReader): string {
  return release === null ? name : `${name}, read as ${release}`;
}
