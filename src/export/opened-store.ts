import fs, { constants } from 'node:fs';
import { EXIT, OperatorError } from '../errors.js';
import { errorCode, exitCodeForPlace } from '../system/errno.js';
import { closeQuietly, realFileSystem } from '../system/file-system.js';

/** Open files of this process by number, as links to what they are (proc(5)); Linux alone has it. */
const DESCRIPTORS = '/proc/self/fd';

const DIRECTORY_FLAGS = constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW;

const NONE = -1;

/**
 * A session directory that is held open, and of its shards the one that was asked for last: the paths that it gives
 * lead into these very directories, whatever is put in their place meanwhile. Its owner may do that at any moment, and
 * root that writes by plain paths would follow a link of his to anywhere. Where open files have no names (not Linux), a
 * shard is looked at before each use instead.
 */
export class OpenedStore {
  #root = NONE;
  #shard = '';
  #shardFd = NONE;

  /**
   * @param root absolute and without links; it is opened when it is first needed
   * @param isAbsent whether there is nothing to open, as in a dry run that would make it: no path leads to a file then
   */
  constructor(
    readonly root: string,
    readonly isAbsent = false,
  ) {}

  /**
   * The path of the directory itself.
   * @throws {OperatorError} where it is not the one that was looked at
   */
  get path(): string {
    if (this.isAbsent || !hasDescriptors()) return this.root;
    if (this.#root === NONE) this.#root = openRoot(this.root);
    return `${DESCRIPTORS}/${this.#root}`;
  }

  /**
   * The path at which to reach `file`, relative to the store.
   * @throws a system error where its shard can't be used
   */
  reach(file: string): string {
    const slash = file.lastIndexOf('/');
    if (slash < 0) return `${this.path}/${file}`;
    const shard = file.slice(0, slash);
    if (!hasDescriptors()) {
      for (let end = shard.indexOf('/'); end >= 0; end = shard.indexOf('/', end + 1)) this.#check(shard.slice(0, end));
      this.#check(shard);
      return `${this.root}/${file}`;
    }
    if (shard !== this.#shard) this.#hold(shard);
    return `${DESCRIPTORS}/${this.#shardFd}${file.slice(slash)}`;
  }

  close(): void {
    this.#letGo();
    if (this.#root !== NONE) closeQuietly(realFileSystem, this.#root);
    this.#root = NONE;
  }

  /** Opens the directory step by step, each by the one above it. */
  #hold(shard: string): void {
    let { path } = this;
    this.#letGo();
    for (const step of shard.split('/')) {
      const above = this.#shardFd;
      try {
        this.#shardFd = fs.openSync(`${path}/${step}`, DIRECTORY_FLAGS);
      } catch (error) {
        // Linux says of a link only that it is no directory.
        const isLink = errorCode(error) === 'ENOTDIR' && fs.lstatSync(`${path}/${step}`).isSymbolicLink();
        this.#letGo();
        throw isLink ? Object.assign(new Error('ELOOP: a link'), { code: 'ELOOP' }) : error;
      }
      if (above !== NONE) closeQuietly(realFileSystem, above);
      path = `${DESCRIPTORS}/${this.#shardFd}`;
    }
    this.#shard = shard;
  }

  #check(directory: string): void {
    if (!fs.lstatSync(`${this.root}/${directory}`).isDirectory()) throw notDirectory(directory);
  }

  #letGo(): void {
    if (this.#shardFd !== NONE) closeQuietly(realFileSystem, this.#shardFd);
    this.#shardFd = NONE;
    this.#shard = '';
  }
}

/** @throws {OperatorError} where a link was put in the place of the directory, or of one above it */
function openRoot(root: string): number {
  let fd = NONE;
  try {
    fd = fs.openSync(root, DIRECTORY_FLAGS);
    if (fs.readlinkSync(`${DESCRIPTORS}/${fd}`) === root) return fd;
    fs.closeSync(fd);
  } catch (error) {
    if (errorCode(error) === '') throw error;
    const sentence = `${root} cannot be opened (${errorCode(error)}): check the path and who may write to it`;
    throw new OperatorError(exitCodeForPlace(errorCode(error)), sentence);
  }
  const sentence = `${root} was replaced while it was looked at: check who may write to the directories above it`;
  throw new OperatorError(EXIT.permission, sentence);
}

let areThere: boolean | null = null;

function hasDescriptors(): boolean {
  areThere ??= fs.existsSync(DESCRIPTORS);
  return areThere;
}

function notDirectory(path: string): Error {
  return Object.assign(new Error(`ENOTDIR: not a directory, ${path}`), { code: 'ENOTDIR' });
}
