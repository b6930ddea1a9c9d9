/** How long a number of lanes is watched before it is judged. */
const WINDOW_MS = 250;
/** A lane more must bring at least this much, or growing stops. */
const WORTHWHILE_GAIN = 1.05;

/**
 * Decides when another lane is worth its memory. Cold disks and NFS answer many readers much faster than one (measured
 * on a cold ext4: 10 k files/s with one thread, 50 k/s with 16), warm caches want as many as there are cores. So lanes
 * are doubled as long as the last doubling paid, and then left alone.
 */
export class LaneGrowth {
  #windowStartMs: number;
  #done = 0;
  #bestRate = 0;
  #isSettled = false;
  /** New lanes start cold: their first window is not judged. */
  #isWarm = false;

  constructor(
    readonly maxLanes: number,
    nowMs: number,
  ) {
    this.#windowStartMs = nowMs;
  }

  /** Tells that `count` more entries are done, with `lanes` at work; returns how many lanes there should be. */
  done(count: number, lanes: number, nowMs: number): number {
    this.#done += count;
    const elapsedMs = nowMs - this.#windowStartMs;
    if (this.#isSettled || elapsedMs < WINDOW_MS) return lanes;
    const rate = this.#done / elapsedMs;
    this.#done = 0;
    this.#windowStartMs = nowMs;
    if (!this.#isWarm) {
      this.#isWarm = true;
      return lanes;
    }
    if (rate < this.#bestRate * WORTHWHILE_GAIN) {
      this.#isSettled = true;
      return lanes;
    }
    this.#bestRate = rate;
    this.#isWarm = false;
    if (lanes >= this.maxLanes) this.#isSettled = true;
    return Math.min(this.maxLanes, lanes * 2);
  }
}
