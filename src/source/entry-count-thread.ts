import { parentPort, workerData } from 'node:worker_threads';
import { applicationOf } from '../applications/application-of.js';
import { realFileSystem } from '../system/file-system.js';
import { letOthersGoFirst } from '../system/process.js';
import type { CountedSoFar, CountRequest } from './entry-count.js';
import { entriesOf } from './walk.js';

/** Entries between two messages. */
const TOLD_EVERY = 50_000;
/** To open a shard costs as much as a hundred names: of a store with more of them so many stand for all. */
const SHARDS_LISTED = 64;

letOthersGoFirst();
const { sources, application: settings } = workerData as CountRequest;
const application = applicationOf(settings);
let entries = 0;
let isExact = true;
let isWhole = true;
const tell = (isComplete: boolean) => parentPort?.postMessage({ entries, isComplete, isExact } satisfies CountedSoFar);
for (const [source, root] of sources.entries()) {
  let inRoot = 0;
  let shards = 0;
  let asked = 0;
  let listed = 0;
  let found = 0;
  const names = entriesOf(root, source, {
    ...{ application, fileSystem: realFileSystem },
    onUnreadable: () => {
      isWhole = false;
    },
    onListed: ({ shard, shardsLeft }) => {
      if (shard !== '') return;
      inRoot = found;
      shards = shardsLeft;
    },
    shards: {
      ignoreCase: () => {},
      listed: () => {},
      // Every so many-th; what lies in one that is listed is listed, too.
      canSkip: (_, shard) => {
        if (shard.includes('/')) return false;
        const isListed = asked++ % Math.ceil(shards / SHARDS_LISTED) === 0;
        if (isListed) listed++;
        return !isListed;
      },
    },
  });
  const before = entries;
  for (const _ of names) {
    found++;
    entries = before + found;
    if (found % TOLD_EVERY === 0) tell(false);
  }
  if (listed > 0 && listed < shards) {
    isExact = false;
    entries = before + inRoot + Math.round(((found - inRoot) / listed) * shards);
  }
}
tell(isWhole);
