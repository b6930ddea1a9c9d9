import type { Stats } from 'node:fs';
import { type Application, newStoreName, type StoreName } from '../applications/application.js';
import type { FileFormat } from '../applications/odoo/file-format.js';
import { HashedTwins } from '../applications/odoo/hashed-twins.js';
import { pathOf } from '../applications/odoo/layout.js';
import { TemplatedApplication } from '../applications/templated.js';
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

/** Whose files are written: those of an Odoo, or of an application that a template describes. */
export type FilesFor = FileFormat | TemplatedApplication;

/** Gives each session its outcome against the files that are there: a newer one, or an equally new one, stays. */
export class SessionFiles {
  /** Why the session settled last could not be written. */
  reason = '';
  readonly #existing: SessionReader;

  constructor(
    readonly root: string,
    readonly format: FilesFor,
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
    const { format } = this;
    const path = isTemplated(format) ? format.pathOf(sid) : pathOf(sid, format.layout);
    if (path === null) {
      this.reason = 'where its file has to lie does not follow from its id';
      return 'unwritable';
    }
    const found = this.#find(path);
    if (found === NO_FILE) {
      this.reason = 'something that is no regular file has its name';
      return 'unwritable';
    }
    if (found !== ABSENT) {
      const outcome = this.#compare(found, bytes, saved);
      if (outcome !== null) return outcome;
    } else if (this.#hasNewerFlatTwin(sid, saved)) return 'kept';
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

  /** Odoo 16 and 17 take a flat file of the same id for the session as long as there is no hashed one. */
  #hasNewerFlatTwin(sid: string, saved: SaveTime): boolean {
    const { format } = this;
    if (isTemplated(format) || format.layout === 'flat' || !format.sids.includes('hex40')) return false;
    const twin = lookAt(this.store.reach(pathOf(sid, 'flat')));
    return twin?.isFile() === true && (saved.certainty === 'unknown' || twin.mtimeMs >= saved.ms);
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
 * How many files the directory holds that an Odoo of this format would take for sessions, by their names. NaN where it
 * can't be listed: what was exported is exported all the same.
 */
export function countSessionFiles(root: string, format: FilesFor, application: Application): number {
  try {
    return count(root, format, application);
  } catch (error) {
    if (errorCode(error) === '') throw error;
    return Number.NaN;
  }
}

/** @throws a system error */
function count(root: string, format: FilesFor, application: Application): number {
  const name = newStoreName();
  const twins = new HashedTwins(realFileSystem, root);
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
      if (isTemplated(format) || isReadBy(name, format, twins)) files++;
    }
  }
  return files;
}

export function isTemplated(format: FilesFor): format is TemplatedApplication {
  return format instanceof TemplatedApplication;
}

/** Odoo 16 and later take up flat files without a hashed twin as well; Odoo up to 15 never looks into shards. */
function isReadBy({ kind, sid, layout }: StoreName, format: FileFormat, twins: HashedTwins): boolean {
  if (kind === null || !format.sids.includes(kind)) return false;
  return layout === format.layout || (layout === 'flat' && !twins.has(sid));
}
