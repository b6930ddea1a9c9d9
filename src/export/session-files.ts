import type { Stats } from 'node:fs';
import { type Application, newStoreName } from '../applications/application.js';
import type { FileEncoder } from '../applications/file-encoder.js';
import { OperatorError } from '../errors.js';
import type { Outcome } from '../session.js';
import { ChunkCursor } from '../source/chunk.js';
import { SessionReader } from '../source/read.js';
import { walk } from '../source/walk.js';
import { errorCode } from '../system/errno.js';
import { realFileSystem } from '../system/file-system.js';
import type { SaveTime } from './make-file.js';
import { OpenedStore } from './opened-store.js';
import type { FilePlacer } from './place.js';

/** What the reader of an existing file says of one that isn't there, and of one that is no file. */
const ABSENT: Outcome = 'vanished';
const NO_FILE: Outcome = 'foreign';

/** Gives each session its outcome against the files that are there: a newer one, or an equally new one, stays. */
export class SessionFiles {
  /** Why the session settled last could not be written. */
  reason = '';
  readonly #existing: SessionReader;

  constructor(
    readonly root: string,
    readonly encoder: FileEncoder,
    readonly placer: FilePlacer,
    maxFileBytes: number,
    readonly store = new OpenedStore(root),
  ) {
    this.#existing = new SessionReader(realFileSystem, maxFileBytes);
  }

  /**
   * Writes the session `sid`, or finds that its file says the same or more.
   * @throws {OperatorError} for what would stop every other session as well
   */
  settle(sid: string, bytes: Buffer, saved: SaveTime): Outcome {
    const path = this.encoder.pathOf(sid);
    const found = this.#find(path);
    if (found === NO_FILE) {
      this.reason = 'something that is no regular file has its name';
      return 'unwritable';
    }
    if (found !== ABSENT) {
      const outcome = this.#compare(found, bytes, saved);
      if (outcome !== null) return outcome;
    } else if (this.#isNewerElsewhere(sid, saved)) return 'kept';
    this.reason = this.placer.place(path, bytes, saved.ms);
    if (this.reason !== '') return 'unwritable';
    return found === ABSENT ? 'written' : 'updated';
  }

  /** Null when a regular file is there and was read. */
  #find(path: string): Outcome | null {
    try {
      const full = this.store.reach(path);
      // Most are absent, and an exception for each would cost more than the rest of the work on it.
      if (realFileSystem.lstatSync(full, { throwIfNoEntry: false }) === undefined) return ABSENT;
      return this.#existing.read(full);
    } catch (error) {
      if (error instanceof OperatorError) throw error;
      const outcome = this.#existing.failed(error);
      // What stands in the way of a shard is told when the file is put there.
      return ['ENOENT', 'ENOTDIR', 'ELOOP'].includes(this.#existing.failure) ? ABSENT : outcome;
    }
  }

  /** Null when the file is to be replaced. */
  #compare(found: Outcome | null, bytes: Buffer, saved: SaveTime): Outcome | null {
    const { buffer, length, mtimeMs, explanation } = this.#existing;
    if (found === 'unreadable') {
      this.reason = `the file that is there cannot be read: ${explanation}`;
      return 'unwritable';
    }
    const isSame = found === null && length === bytes.length && buffer.compare(bytes, 0, bytes.length, 0, length) === 0;
    if (saved.certainty === 'exact') {
      if (isSame && Math.abs(mtimeMs - saved.ms) <= saved.slackMs) return 'same';
      return mtimeMs >= saved.ms ? 'kept' : null;
    }
    // A second run must not make a session younger than the first one did.
    if (isSame) return 'same';
    return saved.certainty === 'unknown' || mtimeMs >= saved.ms ? 'kept' : null;
  }

  /** Whether the application finds a session of the same id, as new or newer, as long as this one has no file. */
  #isNewerElsewhere(sid: string, saved: SaveTime): boolean {
    const path = this.encoder.otherPathOf(sid);
    if (path === null) return false;
    const other = lookAt(this.store.reach(path));
    return other?.isFile() === true && (saved.certainty === 'unknown' || other.mtimeMs >= saved.ms);
  }
}

/** Undefined for what isn't there, or can't be looked at: writing beside it says what is wrong. */
function lookAt(path: string): Stats | undefined {
  try {
    return realFileSystem.lstatSync(path, { throwIfNoEntry: false });
  } catch (error) {
    if (errorCode(error) === '') throw error;
    return undefined;
  }
}

const ENTRIES_AT_ONCE = 1024;

/**
 * How many files the directory holds that the application would take for sessions, by their names. NaN where it can't
 * be listed: what was exported is exported all the same.
 */
export function countSessionFiles(root: string, encoder: FileEncoder, application: Application): number {
  try {
    return count(root, encoder, application);
  } catch (error) {
    if (errorCode(error) === '') throw error;
    return Number.NaN;
  }
}

/** @throws a system error */
function count(root: string, encoder: FileEncoder, application: Application): number {
  const name = newStoreName();
  const reads = encoder.readsIn(realFileSystem, root);
  let files = 0;
  const options = {
    application,
    fileSystem: realFileSystem,
    maxEntries: () => ENTRIES_AT_ONCE,
    onUnreadable: () => {},
    shards: null,
  };
  for (const chunk of walk([root], options)) {
    const entries = new ChunkCursor(chunk);
    while (entries.next()) {
      if (!entries.mayBeFile || application.recognise(entries.path, name).verdict !== 'session') continue;
      if (reads(name)) files++;
    }
  }
  return files;
}
