import { statfsSync, statSync } from 'node:fs';
import { type Application, newStoreName } from '../applications/application.js';
import { errorCode } from '../system/errno.js';
import type { FileSystem } from '../system/file-system.js';
import { ignoresCase, pathInShard } from './letter-case.js';
import { type Listing, mayBeFile, StoreRoot } from './store-root.js';

/** Names that one `readSync` fetches at a time: in the root as in the walk, and in one of many small shards. */
const NAMES_PER_READ = 1024;
const NAMES_PER_SHARD_READ = 128;

/** A session file by its name: `path` is relative to `source`, an index into the sources. */
export interface SurveyedName {
  source: number;
  path: string;
}

/** A count of the session names in some stores, and some of them, each as likely as any other. */
export interface Survey {
  sessions: number;
  /** False where `maxNames` was reached: there are more. */
  isComplete: boolean;
  sample: SurveyedName[];
}

export interface SurveyBounds {
  /** Directory entries to look at; a million takes half a second on a warm cache. */
  maxNames: number;
  sampleSize: number;
  /** A number from 0 up to 1, as Math.random gives it. */
  random: () => number;
}

/**
 * Counts session names by listing, without opening any, and draws a sample on the way (reservoir sampling, Vitter's
 * algorithm R). Shards are taken in random order and after the root, which gets half of the bound: an upgraded store
 * may begin with millions of leftovers. What can't be listed counts as empty; the walk reports it. Yields where it may
 * be left for a moment.
 */
export function* surveyStores(
  sources: readonly string[],
  application: Application,
  fileSystem: FileSystem,
  bounds: SurveyBounds,
): Generator<void, Survey> {
  const survey: Survey = { sessions: 0, isComplete: true, sample: [] };
  const name = newStoreName();
  let left = bounds.maxNames;

  const count = (source: number, path: string) => {
    if (application.recognise(path, name).verdict !== 'session') return;
    survey.sessions++;
    const { sample } = survey;
    if (sample.length < bounds.sampleSize) {
      sample.push({ source, path });
      return;
    }
    const place = Math.floor(bounds.random() * survey.sessions);
    if (place < bounds.sampleSize) sample[place] = { source, path };
  };

  for (const [source, root] of sources.entries()) {
    const store = new StoreRoot(fileSystem, root);
    const shards: string[] = [];
    let leftInRoot = left / 2;
    let seen = 0;
    for (const entry of entriesOf(store, '', NAMES_PER_READ)) {
      if (++seen % NAMES_PER_READ === 0) yield;
      if (application.entersDirectory(entry.name) && entry.type !== 'file' && entry.type !== 'other')
        shards.push(entry.name);
      else if (leftInRoot > 0) {
        leftInRoot--;
        left--;
        if (mayBeFile(entry)) count(source, entry.name);
      } else {
        survey.isComplete = false;
        break;
      }
    }
    const isCaseIgnored = application.store.hasShards && ignoresCase(fileSystem, root, shards);
    const below = shuffled(shards, bounds.random);
    // Directories in directories are found on the way.
    for (const shard of below) {
      yield;
      if (left <= 0) {
        survey.isComplete = false;
        break;
      }
      for (const entry of entriesOf(store, shard, NAMES_PER_SHARD_READ)) {
        if (left <= 0) {
          survey.isComplete = false;
          break;
        }
        left--;
        if (application.store.levels > 1 && application.entersDirectory(`${shard}/${entry.name}`)) {
          below.push(`${shard}/${entry.name}`);
        } else if (mayBeFile(entry)) count(source, pathInShard(shard, entry.name, isCaseIgnored));
      }
    }
  }
  return survey;
}

/**
 * Files on the file systems that hold the stores: there are no more sessions than that. Null where a file system does
 * not count them (btrfs).
 */
export function filesAtMost(sources: readonly string[]): number | null {
  const perDevice = new Map<number, number>();
  for (const source of sources) {
    try {
      const { files, ffree } = statfsSync(source);
      if (files === 0) return null;
      perDevice.set(statSync(source).dev, files - ffree);
    } catch {
      // Some FUSE file systems have no answer, and what is wrong with a source is the walk's to tell.
      return null;
    }
  }
  return [...perDevice.values()].reduce((sum, count) => sum + count, 0);
}

/** What can't be listed, or not to its end, counts as empty. Yields one object, refilled for each entry. */
function* entriesOf(store: StoreRoot, shard: string, bufferSize: number): Generator<Listing> {
  let listing: Listing | null = null;
  try {
    listing = store.list(shard, bufferSize);
    while (listing.next()) yield listing;
  } catch (error) {
    if (errorCode(error) === '') throw error;
  } finally {
    listing?.close();
  }
}

function shuffled<T>(items: T[], random: () => number): T[] {
  for (let i = items.length - 1; i > 0; i--) {
    const other = Math.floor(random() * (i + 1));
    [items[i], items[other]] = [items[other] as T, items[i] as T];
  }
  return items;
}
