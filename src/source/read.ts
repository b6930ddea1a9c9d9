import { constants, type Stats } from 'node:fs';
import type { Outcome } from '../session.js';
import { errorCode, type FileSystem } from './file-system.js';

/** O_NOFOLLOW: a symlink is never a session. O_NONBLOCK: opening a FIFO must not wait for its writer. */
const OPEN_FLAGS = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;

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
 * mtime come from the same open file, so a session that Odoo replaces meanwhile (temp file and rename) is either the
 * old one or the new one, never a mix.
 */
export class SessionReader {
  buffer: Buffer;
  /** Bytes of the last file read; `buffer[0, length)` holds them. */
  length = 0;
  /** mtime of the last file read, whole milliseconds since the epoch, rounded down. */
  mtimeMs = 0;
  /** System error code of the last `unreadable` file. */
  failure = '';

  constructor(
    readonly fileSystem: FileSystem,
    readonly maxFileBytes: number,
  ) {
    this.buffer = Buffer.allocUnsafeSlow(Math.min(maxFileBytes, 16 * 1024));
  }

  /** Returns null when the file's bytes are in `buffer`, else the outcome that ends the file's journey. */
  read(path: string): Outcome | null {
    const { fileSystem } = this;
    this.length = 0;
    this.mtimeMs = 0;
    this.failure = '';
    let fd = -1;
    try {
      fd = fileSystem.openSync(path, OPEN_FLAGS);
      const stats = fileSystem.fstatSync(fd);
      if (!stats.isFile()) return 'foreign';
      this.mtimeMs = this.#wholeMilliseconds(fd, stats);
      if (stats.size === 0) return 'empty';
      if (stats.size > this.maxFileBytes) return 'too-large';
      if (stats.size > this.buffer.length) {
        this.buffer = Buffer.allocUnsafeSlow(Math.min(this.maxFileBytes, stats.size * 2));
      }
      for (let count = 0; this.length < stats.size; this.length += count) {
        count = fileSystem.readSync(fd, this.buffer, this.length, stats.size - this.length, null);
        if (count === 0) break;
      }
      return this.length === 0 ? 'empty' : null;
    } catch (error) {
      this.failure = errorCode(error);
      const outcome = FAILURES[this.failure];
      if (outcome === undefined && this.failure === '') throw error;
      return outcome ?? 'unreadable';
    } finally {
      if (fd >= 0) fileSystem.closeSync(fd);
    }
  }

  /**
   * `mtimeMs` is a double, good to a quarter of a microsecond: 999.9999 ms arrives as the next whole millisecond.
   * Only a whole number can be such a one, and for it the nanoseconds are asked for.
   */
  #wholeMilliseconds(fd: number, stats: Stats): number {
    const floor = Math.floor(stats.mtimeMs);
    if (floor !== stats.mtimeMs) return floor;
    const { mtimeNs } = this.fileSystem.fstatSync(fd, { bigint: true });
    const whole = mtimeNs / 1_000_000n;
    return Number(mtimeNs < 0n && whole * 1_000_000n !== mtimeNs ? whole - 1n : whole);
  }
}
