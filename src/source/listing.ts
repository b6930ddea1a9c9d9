import type { Dir, Dirent } from 'node:fs';
import type { FileSystem } from './file-system.js';

/** libuv/libuv, include/uv.h, uv_dirent_type_t. */
const [UV_DIRENT_UNKNOWN, UV_DIRENT_FILE, UV_DIRENT_DIR] = [0, 1, 2];

/** What the listing of a directory says that a name is, without anything being looked at. */
export type EntryType = 'file' | 'directory' | 'unknown' | 'other';

/** `Dir` as Node fills it: names and types in turn, as the file system gave them. */
interface RawDir extends Dir {
  processReadResult?: (path: unknown, result: readonly (string | number)[]) => void;
}

/**
 * The names in one directory, each as one character per byte (latin1). Nothing is looked at but the listing: where the
 * file system tells no types, Node's own `Dirent` would call `lstat` on each name, by the UTF-8 of its latin1, and fail
 * for what is deleted meanwhile (nodejs/node, lib/internal/fs/utils.js, getDirent). So the listing is taken as it comes
 * from the system (lib/internal/fs/dir.js, processReadResult); a Node without that method gives its `Dirent`s.
 */
export class Listing {
  name = '';
  type: EntryType = 'unknown';
  readonly #directory: RawDir;
  #batch: readonly (string | number)[] = [];
  #next = 0;

  /** @throws a system error */
  constructor(fileSystem: Pick<FileSystem, 'opendirSync'>, path: string, bufferSize: number) {
    this.#directory = fileSystem.opendirSync(path, { encoding: 'latin1', bufferSize });
    if (typeof this.#directory.processReadResult !== 'function') return;
    this.#directory.processReadResult = (_, result) => {
      this.#batch = result;
      this.#next = 0;
    };
  }

  /** Moves to the next name; false at the end. @throws a system error */
  next(): boolean {
    if (this.#next < this.#batch.length) return this.#take();
    // Undefined where the names went into the batch.
    const entry = this.#directory.readSync() as Dirent | null | undefined;
    if (entry === null) return false;
    if (entry === undefined) return this.#take();
    this.name = entry.name;
    this.type = entry.isFile() ? 'file' : entry.isDirectory() ? 'directory' : 'other';
    return true;
  }

  close(): void {
    try {
      this.#directory.closeSync();
    } catch {
      // What was read is read.
    }
  }

  #take(): boolean {
    this.name = this.#batch[this.#next] as string;
    const type = this.#batch[this.#next + 1] as number;
    this.#next += 2;
    if (type === UV_DIRENT_FILE) this.type = 'file';
    else if (type === UV_DIRENT_DIR) this.type = 'directory';
    else this.type = type === UV_DIRENT_UNKNOWN ? 'unknown' : 'other';
    return true;
  }
}

/** Reading the file says what it is, where the listing does not. */
export function mayBeFile({ type }: Listing): boolean {
  return type === 'file' || type === 'unknown';
}
