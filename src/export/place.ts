import { randomBytes } from 'node:crypto';
import fs, { constants } from 'node:fs';
import { EXIT, OperatorError } from '../errors.js';
import { errorCode } from '../system/errno.js';
import { closeQuietly, directoryMode, realFileSystem } from '../system/file-system.js';
import { type ExportDirectory, makeDirectory } from './directory.js';
import { OpenedStore } from './opened-store.js';

/** Puts files into a session directory. */
export interface FilePlacer {
  /**
   * Puts `bytes` at `path` (relative, behind a shard or not), saved at `mtimeMs`, over what is there. Returns an empty
   * text, or why this one file can't be.
   * @throws {OperatorError} for what would stop every other file as well
   */
  place(path: string, bytes: Uint8Array, mtimeMs: number): string;
}

/** What `--dry-run` uses: every file would be placed, none is. */
export const dryRunPlacer: FilePlacer = { place: () => '' };

/** Permissions of a file that is not finished: for nobody else. */
const TEMP_MODE = 0o600;

const CREATE_FLAGS = constants.O_CREAT | constants.O_EXCL | constants.O_WRONLY | constants.O_NOFOLLOW;

/** About this one file, and not about the disk. */
const OF_ONE_FILE = ['EACCES', 'EPERM', 'EISDIR', 'ENOTDIR', 'ELOOP', 'EEXIST', 'ENOTEMPTY'];
const NO_ROOM = ['ENOSPC', 'EDQUOT'];

/**
 * Saves into a temporary file in the root of the store, which a rename puts in its place, so that nobody ever reads
 * half a session. Mode, owner and mtime are set before, so that a collector of old sessions sees no other.
 */
export class AtomicPlacer implements FilePlacer {
  readonly #temp: string;

  /**
   * @param mode permissions of the files
   * @throws {OperatorError} where a file can't be made, given its owner and removed again
   */
  constructor(
    readonly directory: ExportDirectory,
    tempSuffix: string,
    readonly store = new OpenedStore(directory.root),
    readonly mode = 0o644,
  ) {
    // One name serves all files: each is gone from it before the next is begun. As tempfile.mkstemp would name it.
    this.#temp = store.reach(`tmp${randomBytes(4).toString('hex')}${tempSuffix}`);
    this.#write(Buffer.alloc(0), 0);
    fs.unlinkSync(this.#temp);
  }

  place(path: string, bytes: Uint8Array, mtimeMs: number): string {
    this.#write(bytes, mtimeMs);
    let failure = '';
    try {
      fs.renameSync(this.#temp, this.#reachOrMake(path));
    } catch (error) {
      failure = errorCode(error);
      if (failure === '') throw error;
    }
    if (failure === '') return '';
    this.#removeTemp();
    if (!OF_ONE_FILE.includes(failure)) throw this.#explain(failure);
    return `the system said ${failure}`;
  }

  #write(bytes: Uint8Array, mtimeMs: number): void {
    const { owner } = this.directory;
    let fd = -1;
    try {
      fd = fs.openSync(this.#temp, CREATE_FLAGS, TEMP_MODE);
      for (let done = 0; done < bytes.length; ) done += fs.writeSync(fd, bytes, done);
      if (owner !== null) fs.fchownSync(fd, owner.uid, owner.gid);
      fs.fchmodSync(fd, this.mode);
      fs.futimesSync(fd, secondsOf(mtimeMs), secondsOf(mtimeMs));
      const open = fd;
      fd = -1;
      // A full disk or quota behind NFS is told here at the latest.
      fs.closeSync(open);
    } catch (error) {
      if (fd >= 0) closeQuietly(realFileSystem, fd);
      this.#removeTemp();
      throw errorCode(error) === '' ? error : this.#explain(errorCode(error));
    }
  }

  /**
   * The path to put a file at, its directories made if need be.
   * @throws a system error
   */
  #reachOrMake(path: string): string {
    try {
      return this.store.reach(path);
    } catch (error) {
      if (errorCode(error) !== 'ENOENT') throw error;
    }
    for (let end = path.indexOf('/'); end >= 0; end = path.indexOf('/', end + 1)) {
      try {
        makeDirectory(this.store.reach(path.slice(0, end)), directoryMode(this.mode), this.directory.owner);
      } catch (error) {
        if (errorCode(error) !== 'EEXIST' || path.lastIndexOf('/') === end) throw error;
      }
    }
    return this.store.reach(path);
  }

  #removeTemp(): void {
    try {
      fs.unlinkSync(this.#temp);
    } catch {
      // It was never made, or the directory is gone: the application passes over such a name.
    }
  }

  #explain(code: string): OperatorError {
    const { root, owner } = this.directory;
    if (NO_ROOM.includes(code)) {
      return new OperatorError(
        EXIT.temporary,
        `${root} has no room for another file (${code}: space, inodes, quota or the directory's index): make room and run ` +
          'the same line again',
      );
    }
    if (code === 'EPERM' && owner !== null) {
      const who = `${owner.uid}:${owner.gid}`;
      return new OperatorError(EXIT.permission, `files in ${root} cannot be given to ${who} (${code}): run as root`);
    }
    if (code === 'EACCES' || code === 'EPERM' || code === 'EROFS') {
      return new OperatorError(
        EXIT.permission,
        `${root} cannot be written by this user (${code}): run as the application's user or root`,
      );
    }
    return new OperatorError(
      EXIT.temporary,
      `writing to ${root} failed, the system said ${code}: check the disk, then run the same line again`,
    );
  }
}

/**
 * The time as Node takes it. A double of today's seconds is good to a quarter of a microsecond, and libuv cuts off what
 * is below its unit, so that a hair less would be the millisecond before: a microsecond goes on top.
 */
function secondsOf(ms: number): number {
  return (ms + 0.001) / 1000;
}
