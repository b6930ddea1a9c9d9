import fs, { constants, type Dir, type Dirent, type Stats } from 'node:fs';
import { closeQuietly, type FileSystem } from '../system/file-system.js';

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

  /**
   * Moves to the next name; false at the end.
   * @throws a system error
   */
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

/** Whether the entry may be a file; where the listing does not say what it is, reading it will. */
export function mayBeFile({ type }: Listing): boolean {
  return type === 'file' || type === 'unknown';
}

/** Open files of this thread by number, as links to what they are (proc(5)); Linux alone has it. */
const DESCRIPTORS = '/proc/self/fd';

const DIRECTORY_FLAGS = constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW;

const EUID = process.geteuid?.() ?? -1;

/** Write permission of the group and of everybody. */
const OTHERS_MAY_WRITE = 0o022;

/** What is wrong with something that was opened by a path below a store. */
const NOT_BELOW = 'it is not below the session directory: a directory on the way was replaced meanwhile';
const HARD_LINK = 'it is a hard link to a file of another user than the directory';

/**
 * A session directory as it was when it was first looked at. Whoever may write to it can put a link in the place of a
 * shard between two calls, so that a path leads to files of others: what was opened by a path is measured by this
 * before it is believed. Costs nothing for files of the directory's own user, who could give away no more than what is
 * his.
 */
export class StoreRoot {
  #real = '';
  /** -1: not looked at yet. */
  #uid = -1;
  #isShared = false;

  constructor(
    readonly fileSystem: FileSystem,
    readonly path: string,
  ) {}

  /**
   * Why the file that is open as `fd`, at a path below the store's, is not to be read; or ''.
   * @throws a system error
   */
  refusal(fd: number, fullPath: string, stats: Stats): string {
    if (this.#uid < 0) this.#look();
    if (stats.uid === this.#uid && !this.#isShared) return '';
    const path = fullPath.slice(this.path.length + 1);
    if (!this.#holds(fd, path, stats)) return NOT_BELOW;
    return stats.nlink > 1 && !this.#mayBeLinked(path, stats.uid) ? HARD_LINK : '';
  }

  /**
   * Lists a shard, or the store itself for ''. What is listed is the directory of that name in the store, and never
   * what a link leads to.
   * @throws a system error
   */
  list(shard: string, bufferSize: number): Listing {
    const { fileSystem } = this;
    const path = shard === '' ? this.path : `${this.path}/${shard}`;
    // The operator may name the store by a link.
    if (shard === '' || this.#isCallersAlone()) return new Listing(fileSystem, path, bufferSize);
    return hasDescriptors(fileSystem) ? this.#listOpen(shard, bufferSize) : this.#listTwiceLooked(path, bufferSize);
  }

  /** Whether nobody but the caller could put anything in a shard's place, and so give away no more than what is his. */
  #isCallersAlone(): boolean {
    if (this.#uid < 0) this.#look();
    return this.#uid === EUID && !this.#isShared;
  }

  #listOpen(shard: string, bufferSize: number): Listing {
    const { fileSystem } = this;
    const path = `${this.path}/${shard}`;
    const fd = fileSystem.openSync(path, DIRECTORY_FLAGS);
    try {
      if (!this.#holds(fd, shard, null)) throw notDirectory(path);
      return new Listing(fileSystem, `${DESCRIPTORS}/${fd}`, bufferSize);
    } finally {
      closeQuietly(fileSystem, fd);
    }
  }

  #listTwiceLooked(path: string, bufferSize: number): Listing {
    const { fileSystem } = this;
    const before = fileSystem.lstatSync(path);
    if (!before.isDirectory()) throw notDirectory(path);
    const listing = new Listing(fileSystem, path, bufferSize);
    try {
      if (isSame(before, fileSystem.lstatSync(path, { throwIfNoEntry: false }))) return listing;
      throw notDirectory(path);
    } catch (error) {
      listing.close();
      throw error;
    }
  }

  #look(): void {
    const { uid, mode } = this.fileSystem.statSync(this.path);
    this.#real = String(this.fileSystem.realpathSync(this.path));
    this.#isShared = (mode & OTHERS_MAY_WRITE) !== 0;
    this.#uid = uid;
  }

  /** By the name that the system has for what is open; a file that was replaced meanwhile has a mark behind it. */
  #holds(fd: number, path: string, stats: Stats | null): boolean {
    if (this.#uid < 0) this.#look();
    const wanted = `${this.#real === '/' ? '' : this.#real}/${path}`;
    if (hasDescriptors(this.fileSystem)) {
      const found = String(this.fileSystem.readlinkSync(`${DESCRIPTORS}/${fd}`));
      return found === wanted || found === `${wanted} (deleted)`;
    }
    const parent = path.indexOf('/') < 0 ? wanted : wanted.slice(0, wanted.lastIndexOf('/'));
    const found = this.fileSystem.lstatSync(wanted, { throwIfNoEntry: false });
    return !this.fileSystem.lstatSync(parent).isSymbolicLink() && (stats === null || isSame(stats, found ?? stats));
  }

  /**
   * Whether a file of this user may have further names: one of the directory that it lies in, or one in a closed one.
   */
  #mayBeLinked(path: string, uid: number): boolean {
    const slash = path.lastIndexOf('/');
    const directory = this.fileSystem.lstatSync(slash < 0 ? this.#real : `${this.#real}/${path.slice(0, slash)}`);
    return directory.uid === uid || (directory.uid === 0 && (directory.mode & OTHERS_MAY_WRITE) === 0);
  }
}

let areThere: boolean | null = null;

/** Whether open files have names here; a file system that stands in for the real one has none. */
function hasDescriptors(fileSystem: FileSystem): boolean {
  areThere ??= fs.existsSync(`${DESCRIPTORS}/0`) || fs.existsSync(DESCRIPTORS);
  return areThere && fileSystem === (fs as FileSystem);
}

function isSame(one: Stats, other: Stats | undefined): boolean {
  return other !== undefined && one.dev === other.dev && one.ino === other.ino;
}

function notDirectory(path: string): Error {
  return Object.assign(new Error(`ENOTDIR: not a directory, ${path}`), { code: 'ENOTDIR', syscall: 'opendir' });
}
