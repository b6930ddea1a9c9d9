import { constants, type Stats } from 'node:fs';
import type { Application } from '../applications/application.js';
import type { Outcome } from '../session.js';
import { errorCode } from '../system/errno.js';
import { closeQuietly, type FileSystem } from '../system/file-system.js';
import type { StoreRoot } from './store-root.js';

/** O_NOFOLLOW: a symlink is never a session. O_NONBLOCK: opening a FIFO must not wait for its writer. */
const OPEN_FLAGS = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;

/** Sizes are recorded in four bytes; no session comes near. */
const MOST_RECORDED_BYTES = 2 ** 32 - 1;

/** The unit of `st_blocks`, whatever the file system's own (stat(2)). */
const BLOCK_BYTES = 512;

const FAILURES: Readonly<Record<string, Outcome>> = {
  ENOENT: 'vanished',
  ENOTDIR: 'vanished',
  ESTALE: 'vanished',
  ELOOP: 'foreign',
  ENXIO: 'foreign',
  EISDIR: 'foreign',
};

/**
 * Reads session files one after another into one buffer that never grows past `maxFileBytes`. What is read and the
 * mtime come from the same open file, so a session that the application replaces meanwhile (temp file and rename) is
 * either the old one or the new one, never a mix.
 */
export class SessionReader {
  buffer: Buffer;
  /** Bytes of the last file read; `buffer[0, length)` holds them. */
  length = 0;
  /** mtime of the last file read, whole milliseconds since the epoch, rounded down. */
  mtimeMs = 0;
  /** When the last file opened changed last in any way, by the clock of its store. */
  ctimeMs = 0;
  /** Size in bytes and low half of the inode number of the last file opened. */
  size = 0;
  inode = 0;
  /** Of the blocks that the file system gave to the last file opened or weighed. */
  allocatedBytes = 0;
  /** System error code of the last file that could not be read, or in words why it is not to be. */
  failure = '';

  constructor(
    readonly fileSystem: FileSystem,
    readonly maxFileBytes: number,
    /** Whether a file can be read while it is being written; else it is replaced as a whole. */
    readonly isWrittenInPlace = false,
    /** Whose files alone are read; null for anybody's. */
    readonly ownerUid: number | null = null,
  ) {
    this.buffer = Buffer.allocUnsafeSlow(Math.min(maxFileBytes, 16 * 1024));
  }

  /** Sets every field back to what it is before a file is read. */
  forget(): void {
    this.length = 0;
    this.size = 0;
    this.inode = 0;
    this.allocatedBytes = 0;
    this.mtimeMs = 0;
    this.ctimeMs = 0;
    this.failure = '';
  }

  /**
   * Takes size and blocks of what is not opened: `path` has one character per byte. What can't be seen weighs nothing.
   */
  weigh(root: string, path: string): void {
    try {
      const bytes = Buffer.concat([Buffer.from(`${root}/`), Buffer.from(path, 'latin1')]);
      const stats = this.fileSystem.lstatSync(bytes, { throwIfNoEntry: false });
      this.size = stats?.size ?? 0;
      this.allocatedBytes = (stats?.blocks ?? 0) * BLOCK_BYTES;
    } catch (error) {
      if (errorCode(error) === '') throw error;
    }
  }

  /**
   * Returns null when the file's bytes are in `buffer`, else the outcome of the file.
   * @param store the session directory that `path` must lie in; null for a path that nobody else can bend
   */
  read(path: string, store: StoreRoot | null = null): Outcome | null {
    const outcome = this.#readOnce(path, store);
    // Behind NFS, a file that the application replaced just now: its name leads to the new one.
    return outcome === 'vanished' && this.failure === 'ESTALE' ? this.#readOnce(path, store) : outcome;
  }

  #readOnce(path: string, store: StoreRoot | null): Outcome | null {
    const { fileSystem } = this;
    this.forget();
    let fd = -1;
    try {
      fd = fileSystem.openSync(path, OPEN_FLAGS);
      const stats = fileSystem.fstatSync(fd);
      if (!stats.isFile() || (this.ownerUid !== null && stats.uid !== this.ownerUid)) return 'foreign';
      if (store !== null) {
        this.failure = store.refusal(fd, path, stats);
        if (this.failure !== '') return 'unreadable';
      }
      this.size = Math.min(stats.size, MOST_RECORDED_BYTES);
      this.inode = stats.ino % 2 ** 32;
      this.allocatedBytes = stats.blocks * BLOCK_BYTES;
      this.ctimeMs = stats.ctimeMs;
      this.mtimeMs = isSurelyFloored(stats)
        ? Math.floor(stats.mtimeMs)
        : flooredMilliseconds(fileSystem.fstatSync(fd, { bigint: true }).mtimeNs);
      if (stats.size === 0) return 'empty';
      if (stats.size > this.maxFileBytes) return 'too-large';
      if (stats.size > this.buffer.length) {
        this.buffer = Buffer.allocUnsafeSlow(Math.min(this.maxFileBytes, stats.size * 2));
      }
      for (let count = 0; this.length < stats.size; this.length += count) {
        count = fileSystem.readSync(fd, this.buffer, this.length, stats.size - this.length, null);
        if (count === 0) break;
      }
      if (this.isWrittenInPlace) {
        const after = fileSystem.fstatSync(fd);
        if (after.size !== stats.size || after.mtimeMs !== stats.mtimeMs) return 'torn';
      }
      return this.length === 0 ? 'empty' : null;
    } catch (error) {
      return this.failed(error);
    } finally {
      if (fd >= 0) closeQuietly(fileSystem, fd);
    }
  }

  /**
   * The outcome of a file to which this happened.
   * @throws `error` itself where it is none of the system's
   */
  failed(error: unknown): Outcome {
    this.failure = errorCode(error);
    if (this.failure === '') throw error;
    return FAILURES[this.failure] ?? 'unreadable';
  }

  /** Why the last file is `unreadable`, in words. */
  get explanation(): string {
    return /\s/.test(this.failure) ? this.failure : `the system said ${this.failure}`;
  }

  /**
   * What tells a file from its next save, without opening it; null for what is no regular file or can't be looked at.
   */
  mark(path: string): { mtimeMs: number; size: number; inode: number } | null {
    const { fileSystem } = this;
    try {
      const stats = fileSystem.lstatSync(path, { throwIfNoEntry: false });
      if (stats === undefined || !stats.isFile()) return null;
      const mtimeMs = isSurelyFloored(stats)
        ? Math.floor(stats.mtimeMs)
        : flooredMilliseconds(fileSystem.lstatSync(path, { bigint: true }).mtimeNs);
      return { mtimeMs, size: Math.min(stats.size, MOST_RECORDED_BYTES), inode: stats.ino % 2 ** 32 };
    } catch {
      // Reading the file says what is wrong with it.
      return null;
    }
  }
}

/**
 * `mtimeMs` is a double, good to a quarter of a microsecond: 999.9999 ms arrives as the next whole millisecond. Only a
 * whole number can be such a one, and for it the nanoseconds are asked for.
 */
function isSurelyFloored({ mtimeMs }: Stats): boolean {
  return mtimeMs !== Math.floor(mtimeMs);
}

function flooredMilliseconds(mtimeNs: bigint): number {
  const whole = mtimeNs / 1_000_000n;
  return Number(mtimeNs < 0n && whole * 1_000_000n !== mtimeNs ? whole - 1n : whole);
}

/**
 * When the files of a session changed last, in content, name, time or owner (ctime), epoch milliseconds; null where
 * there is none, Infinity where that can't be told.
 */
export function sessionFileChangedMs(
  fileSystem: Pick<FileSystem, 'lstatSync'>,
  sources: readonly string[],
  sid: string,
  application: Pick<Application, 'pathsOf'>,
): number | null {
  let changedMs: number | null = null;
  const paths = application.pathsOf(sid);
  if (paths.length === 0) return Number.POSITIVE_INFINITY;
  for (const source of sources) {
    for (const path of paths) {
      try {
        const found = fileSystem.lstatSync(`${source}/${path}`, { throwIfNoEntry: false });
        if (found !== undefined) changedMs = Math.max(changedMs ?? 0, found.ctimeMs);
      } catch {
        return Number.POSITIVE_INFINITY;
      }
    }
  }
  return changedMs;
}

/**
 * Whether a session has a file in any of the stores. What can't be looked at, or whose place can't be told, has one: a
 * session ends only when its file is known to be gone.
 */
export function hasSessionFile(
  fileSystem: Pick<FileSystem, 'lstatSync'>,
  sources: readonly string[],
  sid: string,
  application: Pick<Application, 'pathsOf'>,
): boolean {
  const paths = application.pathsOf(sid);
  return (
    paths.length === 0 ||
    sources.some((source) =>
      paths.some((path) => {
        try {
          return fileSystem.lstatSync(`${source}/${path}`, { throwIfNoEntry: false }) !== undefined;
        } catch {
          return true;
        }
      }),
    )
  );
}
