import { Worker } from 'node:worker_threads';
import type { ApplicationSettings } from '../applications/application-of.js';

/** What the counting thread tells of now and then, and once more when it has counted all. */
export interface CountedSoFar {
  entries: number;
  isComplete: boolean;
  /** False where some directories of a store stood for all of them. */
  isExact: boolean;
}

/** What the counting thread is started with. */
export interface CountRequest {
  sources: readonly string[];
  application: ApplicationSettings;
}

const COUNTING_THREAD = new URL('./entry-count-thread.js', import.meta.url);
const WORTH_A_COUNT_MS = 1000;

/** Names in batches are all that the thread holds; measured, a larger young generation brings nothing. */
const YOUNG_GENERATION_MB = 2;

/**
 * Counts the entries of the stores ahead of the walk, in a thread of its own, by listing alone, so that progress has a
 * total on a first run as well. A name costs a hundredth of what its session does to move. A count that fails tells
 * nothing more: the walk says what is wrong with a directory.
 */
export class EntryCount implements CountedSoFar {
  entries = 0;
  isComplete = false;
  isExact = true;
  #worker: Worker | null = null;
  readonly #timer: NodeJS.Timeout;

  /** @param delayMs a run that is over sooner needs no total, and is spared the thread */
  constructor({ sources, application }: CountRequest, delayMs = WORTH_A_COUNT_MS) {
    this.#timer = setTimeout(() => this.#start({ sources, application }), delayMs);
    this.#timer.unref();
  }

  /** Ends the count, wherever it is. */
  stop(): void {
    clearTimeout(this.#timer);
    void this.#worker?.terminate();
  }

  #start(request: CountRequest): void {
    this.#worker = new Worker(COUNTING_THREAD, {
      workerData: request,
      resourceLimits: { maxYoungGenerationSizeMb: YOUNG_GENERATION_MB },
    });
    this.#worker.unref();
    this.#worker.on('message', ({ entries, isComplete, isExact }: CountedSoFar) => {
      this.entries = entries;
      this.isExact = isExact;
      this.isComplete = isComplete;
    });
    this.#worker.on('error', () => {});
  }
}
