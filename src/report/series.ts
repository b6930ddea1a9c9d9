/** How a run went at one moment: totals so far, except for what says otherwise. */
export interface RunSample {
  elapsedMs: number;
  done: number;
  moved: number;
  rejected: number;
  /** At that moment. */
  lanes: number;
  /** Whether the governor held the run back at that moment. */
  isHeldBack: boolean;
  /** Memory of this process at that moment. */
  rssBytes: number;
  /** `used_memory` of the target when it was last asked; absent where nobody asks. */
  targetBytes?: number;
}

/** Twice what a picture of a run can show. */
const MOST_SAMPLES = 600;
const FIRST_INTERVAL_MS = 250;

/**
 * A run over time in a bounded number of samples: when there are too many, every other one goes and they come half as
 * often. A run of a minute and one of a week cost the same.
 */
export class RunSamples {
  readonly samples: RunSample[] = [];
  #intervalMs = FIRST_INTERVAL_MS;
  #nextMs = 0;

  /** Whether it is time for a sample. */
  isDue(elapsedMs: number): boolean {
    return elapsedMs >= this.#nextMs;
  }

  add(sample: RunSample): void {
    this.samples.push(sample);
    if (this.samples.length >= MOST_SAMPLES) {
      // The first stays, so that the run still starts where it started.
      const kept = this.samples.filter((_, i) => i % 2 === 0);
      this.samples.splice(0, this.samples.length, ...kept);
      this.#intervalMs *= 2;
    }
    this.#nextMs = sample.elapsedMs + this.#intervalMs;
  }
}
