import { cpus } from 'node:os';

/** How long the rate is measured before it is judged. */
const WINDOW_MS = 250;
/** More lanes must bring at least this much, or growing stops. */
const WORTHWHILE_GAIN = 1.15;
/** With the processors busier than this, more threads only take turns. */
const BUSY_SHARE = 0.75;

/** Share of all processors' time, 0 to 1, that was spent working since the last call. Waiting for a disk is not work. */
export type BusyMeter = (elapsedMs: number) => number;

/**
 * Decides when more lanes are worth their memory. Cold disks and NFS answer many readers much faster than one (measured
 * on a cold ext4: 10 k files/s with one thread, 50 k/s with 16) and leave the processors idle meanwhile; warm caches
 * keep them busy with as many lanes as there are processors. So lanes are doubled while there is idle time and the last
 * doubling paid, and never beyond `maxLanes`.
 */
export class LaneGrowth {
  #windowStartMs: number;
  #done = 0;
  #bestRate = 0;
  #isSettled = false;
  /** New lanes take a while to start: their first window is not judged. */
  #isWarm = false;

  constructor(
    readonly maxLanes: number,
    nowMs: number,
    readonly busyShare: BusyMeter = machineMeter(),
  ) {
    this.#windowStartMs = nowMs;
  }

  /** Tells that `count` more entries are done, with `lanes` at work; returns how many lanes there should be. */
  done(count: number, lanes: number, nowMs: number): number {
    this.#done += count;
    const elapsedMs = nowMs - this.#windowStartMs;
    if (this.#isSettled || lanes >= this.maxLanes || elapsedMs < WINDOW_MS) return lanes;
    const rate = this.#done / elapsedMs;
    const busy = this.busyShare(elapsedMs);
    this.#done = 0;
    this.#windowStartMs = nowMs;
    if (!this.#isWarm) {
      this.#isWarm = true;
      return lanes;
    }
    if (busy > BUSY_SHARE) return lanes;
    if (rate < this.#bestRate * WORTHWHILE_GAIN) {
      this.#isSettled = true;
      return lanes;
    }
    this.#bestRate = rate;
    this.#isWarm = false;
    return Math.min(this.maxLanes, lanes * 2);
  }
}

/** Reads the whole machine's processors: Redis may run on it too, and needs its share. */
function machineMeter(): BusyMeter {
  let last = workedMs();
  return (elapsedMs) => {
    const now = workedMs();
    const share = (now.total - last.total) / (elapsedMs * now.processors);
    last = now;
    return share;
  };
}

function workedMs(): { total: number; processors: number } {
  const processors = cpus();
  const total = processors.reduce((sum, { times }) => sum + times.user + times.nice + times.sys + times.irq, 0);
  return { total, processors: processors.length };
}
