import { statfsSync } from 'node:fs';
import type { Application } from '../applications/application.js';
import { escapeBytes } from '../masking.js';
import { errorCode } from '../system/errno.js';
import type { FileSystem } from '../system/file-system.js';

/** A directory that was read to its end. `shard` is empty for the store itself. */
export interface ListedDirectory {
  source: number;
  shard: string;
  /** Names in it, sub-directories too. */
  entries: number;
  /** Shards of the same store that are not read yet; known once the store itself is read. */
  shardsLeft: number;
}

/** The largest directories that are named. */
const NAMED = 5;

interface WeighedDirectory {
  path: string;
  entries: number;
  /** Size of the directory file itself: on ext4 it grows with every name and never shrinks. */
  indexBytes: number;
}

/** How the directories of one store are. */
export interface DirectoryHealth {
  source: string;
  directories: number;
  entries: number;
  indexBytes: number;
  /** The ones with the most names, the fullest first. */
  largest: WeighedDirectory[];
  /** Of the whole file system that the store is on; null where it counts none (btrfs, some NFS servers). */
  inodes: { used: number; total: number } | null;
}

/** A directory of a store, relative to it, of which the name may be made of ids, fit to be shown. */
export function maskedDirectory(directory: string, application: Pick<Application, 'mask'>): string {
  return application.mask(`${escapeBytes(directory)}/`, '').slice(0, -1);
}

/** Collects the health of every store while it is walked: one `stat` per directory, and a handful of numbers. */
export class DirectoryCensus {
  readonly #stores = new Map<number, DirectoryHealth>();

  constructor(
    readonly sources: readonly string[],
    readonly fileSystem: Pick<FileSystem, 'statSync'>,
    readonly application: Pick<Application, 'mask'>,
  ) {}

  add({ source, shard, entries }: ListedDirectory): void {
    const root = this.sources[source] as string;
    const path = shard === '' ? root : `${root}/${shard}`;
    const indexBytes = sizeOf(path, this.fileSystem);
    const store = this.#store(source, root);
    store.directories++;
    store.entries += entries;
    store.indexBytes += indexBytes;
    const { largest } = store;
    if (largest.length < NAMED || entries > (largest.at(-1) as WeighedDirectory).entries) {
      largest.push({
        path: shard === '' ? root : `${root}/${maskedDirectory(shard, this.application)}`,
        entries,
        indexBytes,
      });
      largest.sort((a, b) => b.entries - a.entries).splice(NAMED);
    }
  }

  /** What was collected, in the order of the sources; a store that could not be read is not in it. */
  get health(): DirectoryHealth[] {
    return [...this.#stores.values()];
  }

  #store(source: number, root: string): DirectoryHealth {
    let store = this.#stores.get(source);
    if (store === undefined) {
      store = { source: root, directories: 0, entries: 0, indexBytes: 0, largest: [], inodes: inodesOf(root) };
      this.#stores.set(source, store);
    }
    return store;
  }
}

/** A directory that can't be looked at any more weighs nothing. */
function sizeOf(path: string, fileSystem: Pick<FileSystem, 'statSync'>): number {
  try {
    return fileSystem.statSync(path, { throwIfNoEntry: false })?.size ?? 0;
  } catch (error) {
    if (errorCode(error) === '') throw error;
    return 0;
  }
}

function inodesOf(path: string): DirectoryHealth['inodes'] {
  try {
    const { files, ffree } = statfsSync(path);
    return files > 0 ? { used: files - ffree, total: files } : null;
  } catch {
    // Some FUSE file systems have no answer, and the audit goes on without one.
    return null;
  }
}
