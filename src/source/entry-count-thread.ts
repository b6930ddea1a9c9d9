import { parentPort, workerData } from 'node:worker_threads';
import { applicationOf } from '../applications/application-of.js';
import { realFileSystem } from '../system/file-system.js';
import { letOthersGoFirst } from '../system/process.js';
import type { CountedSoFar, CountRequest } from './entry-count.js';
import { entriesOf } from './walk.js';

/** Entries between two messages. */
const TOLD_EVERY = 50_000;

letOthersGoFirst();
const { sources, application: settings } = workerData as CountRequest;
const application = applicationOf(settings);
let entries = 0;
let isWhole = true;
const tell = (isComplete: boolean) => parentPort?.postMessage({ entries, isComplete } satisfies CountedSoFar);
for (const [source, root] of sources.entries()) {
  const found = entriesOf(root, source, {
    ...{ application, fileSystem: realFileSystem, shards: null },
    onUnreadable: () => {
      isWhole = false;
    },
  });
  for (const _ of found) if (++entries % TOLD_EVERY === 0) tell(false);
}
tell(isWhole);
