import type { Application } from '../applications/application.js';
import { errorCode, isDeadMount } from '../system/errno.js';
import type { FileSystem } from '../system/file-system.js';
import { type Chunk, ChunkPacker } from './chunk.js';
import type { ListedDirectory } from './directories.js';
import { ignoresCase, pathInShard } from './letter-case.js';
import { type Listing, mayBeFile, StoreRoot } from './store-root.js';

/**
 * READ FIRST. The session directories: `sources.ts` finds them by the operator's patterns, `walk.ts` (here) streams
 * their entries as chunks (`chunk.ts`), `read.ts` reads one file. `store-root.ts` lists directories and refuses what
 * lies elsewhere. `survey.ts` samples names before a run, `entry-count.ts` counts them ahead of the walk,
 * `directories.ts` weighs the directories of an audit.
 */

/** Names that one `readSync` fetches at a time; measured on 1 M entries: 32 takes 2.0 s, 1024 takes 0.4 s. */
const NAMES_PER_READ = 1024;

/** A directory that could not be read to its end, '' for the store itself: the run can't claim to be complete. */
export interface UnreadableDirectory {
  source: number;
  shard: string;
  code: string;
}

export interface WalkOptions {
  application: Pick<Application, 'entersDirectory'> & {
    store: Pick<Application['store'], 'levels' | 'hasShards'>;
  };
  fileSystem: FileSystem;
  /** Entries per chunk; asked before each chunk, so that a slow rate can make chunks small. */
  maxEntries: () => number;
  onUnreadable: (directory: UnreadableDirectory) => void;
  /** Null: every shard is listed. */
  shards: ShardGate | null;
  /** Told of every directory that was read to its end. */
  onListed?: (directory: ListedDirectory) => void;
}

/** Knows which shard directories are as they were. */
interface ShardGate {
  /** Told before the first shard of a source where the same shard has several spellings. */
  ignoreCase(source: number): void;
  /** Whether the shard need not be listed; asked before it is, with the mtime that it has then. */
  canSkip(source: number, shard: string, mtimeNs: bigint): boolean;
  /** Tells how many entries a shard had. */
  listed(source: number, shard: string, entries: number): void;
}

/**
 * Streams the entries of session directories as chunks, in the order in which the disk gives them. Holds one chunk
 * and one open directory, whatever the size of the store; sorts, globs and stats nothing. Shard directories are
 * entered, and are in no chunk themselves; every other entry is in exactly one chunk.
 */
export function* walk(sources: readonly string[], options: WalkOptions): Generator<Chunk> {
  const packer = new ChunkPacker();
  for (const [source, root] of sources.entries()) {
    for (const path of entriesOf(root, source, options)) {
      packer.add(path.name, path.mayBeFile);
      if (packer.count >= options.maxEntries()) yield packer.take(source);
    }
    if (packer.count > 0) yield packer.take(source);
  }
}

interface WalkedEntry {
  name: string;
  mayBeFile: boolean;
}

/** Yields every entry of a store but the shard directories: one object, refilled for each. */
export function* entriesOf(
  root: string,
  source: number,
  { application, fileSystem, onUnreadable, onListed, shards: gate }: Omit<WalkOptions, 'maxEntries'>,
): Generator<WalkedEntry> {
  const walked: WalkedEntry = { name: '', mayBeFile: false };
  const shards: string[] = [];
  const store = new StoreRoot(fileSystem, root);
  const listing = store.list('', NAMES_PER_READ);
  let entries = 0;
  try {
    while (listing.next()) {
      entries++;
      // Shards wait until the root is read to its end: one open directory at a time, and there are 4096 at most.
      if (application.entersDirectory(listing.name) && isDirectory(listing, store, '')) {
        shards.push(listing.name);
        continue;
      }
      walked.name = listing.name;
      walked.mayBeFile = mayBeFile(listing);
      yield walked;
    }
  } catch (error) {
    tellUnreadable(error, store, '', source, onUnreadable);
  } finally {
    listing.close();
  }
  onListed?.({ source, shard: '', entries, shardsLeft: shards.length });
  const isCaseIgnored = application.store.hasShards && ignoresCase(fileSystem, root, shards);
  if (isCaseIgnored) gate?.ignoreCase(source);
  // Directories below directories are found on the way, and listed after them.
  for (let i = 0; i < shards.length; i++) {
    const shard = shards[i] as string;
    let directory: Listing;
    try {
      if (gate !== null) {
        const { mtimeNs } = fileSystem.lstatSync(`${root}/${shard}`, { bigint: true });
        if (gate.canSkip(source, shard, mtimeNs)) continue;
      }
      directory = store.list(shard, NAMES_PER_READ);
    } catch (error) {
      // The application removes no directory, but an operator's clean-up may.
      if (errorCode(error) !== 'ENOENT') tellUnreadable(error, store, shard, source, onUnreadable);
      continue;
    }
    entries = 0;
    try {
      while (directory.next()) {
        entries++;
        if (application.store.levels > 1 && isBelow(application, shard, directory, store)) {
          shards.push(`${shard}/${directory.name}`);
          continue;
        }
        walked.name = isCaseIgnored ? pathInShard(shard, directory.name, true) : `${shard}/${directory.name}`;
        walked.mayBeFile = mayBeFile(directory);
        yield walked;
      }
    } catch (error) {
      tellUnreadable(error, store, shard, source, onUnreadable);
      continue;
    } finally {
      directory.close();
    }
    gate?.listed(source, shard, entries);
    onListed?.({ source, shard, entries, shardsLeft: shards.length - i - 1 });
  }
}

/** @throws `error` itself where the whole file system is away, and not this directory alone */
function tellUnreadable(
  error: unknown,
  { fileSystem, path }: StoreRoot,
  shard: string,
  source: number,
  onUnreadable: WalkOptions['onUnreadable'],
): void {
  const code = errorCode(error);
  if (code === '') throw error;
  if (isDeadMount(code)) {
    // It would be told once for every shard otherwise, and no pass over it can be complete.
    if (shard === '') throw error;
    fileSystem.statSync(path);
  }
  onUnreadable({ source, shard, code });
}

/** Looks an entry up whose type the listing does not tell. A link to a directory does not count as a directory. */
function isDirectory({ name, type }: Listing, { fileSystem, path }: StoreRoot, below: string): boolean {
  if (type !== 'unknown') return type === 'directory';
  try {
    return fileSystem.lstatSync(`${path}/${below}${name}`, { throwIfNoEntry: false })?.isDirectory() ?? false;
  } catch {
    // Opening it says what is wrong with it.
    return true;
  }
}

/** Whether an entry of a directory is a nested directory that may contain sessions. */
function isBelow(application: WalkOptions['application'], shard: string, listing: Listing, store: StoreRoot): boolean {
  return application.entersDirectory(`${shard}/${listing.name}`) && isDirectory(listing, store, `${shard}/`);
}
