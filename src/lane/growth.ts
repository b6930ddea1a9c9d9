import { cpus } from 'node:os';

/**
 * Share of all processors' time, 0 to 1, that was spent working since the last call. Waiting for a disk is not work.
 */
export type BusyMeter = (elapsedMs: number) => number;

/** Reads the whole machine's processors: Redis may run on it too, and needs its share. */
export function machineMeter(): BusyMeter {
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

/** How long a rate is measured, at least, before it counts. */
const WINDOW_MS = 250;
/** A trial is judged by so many windows after it, against as many before. */
const TRIAL_WINDOWS = 4;
/** Twice the lanes must bring at least so much; */
const WORTHWHILE_GAIN = 1.15;
/** and above this number, where lanes cost more memory than all the rest (11 MB each), nearly twice as much. */
const CHEAP_LANES = 8;
const LARGE_GAIN = 1.5;
/** Half the lanes will do if they do so much. */
const BEARABLE_LOSS = 0.95;
/** With the processors busier than this, more threads only take turns. */
const BUSY_SHARE = 0.75;
/** Windows from one trial to the next; twice as many after each that was in vain. */
const FIRST_REST = 8;
const LONGEST_REST = 128;
/** A rate that changes by this factor of its own accord is another disk, or another cache: time to try again. */
const OTHER_CONDITIONS = 1.5;

/** The fewest and the most lanes that there may be; where they are alike, nothing is tried. */
export interface LaneBounds {
  min: number;
  max: number;
}

/**
 * Decides how many lanes are worth their memory, by trial. Cold disks and NFS answer many readers much faster than one
 * (measured on a cold ext4: 10 k files/s with one thread, 50 k/s with 16) and leave the processors idle meanwhile; warm
 * caches keep them busy with as many lanes as there are processors. So at first lanes are doubled as long as that pays
 * and there is idle time, and the last doubling is taken back if it did not pay. Then, ever more seldom while nothing
 * changes, twice as many or half as many are tried, and kept if they bring enough or cost next to nothing.
 */
export class LaneGrowth {
  #phase: 'climbing' | 'resting' | 'trying' = 'climbing';
  /** What there was before the last change. */
  #before = { lanes: 0, rate: 0 };
  #rates: number[] = [];
  #restedWindows = 0;
  #rest = FIRST_REST;
  #restingRate = 0;
  #triesMore = true;
  /** New lanes take a while to start, and retired ones to end: their first window does not count. */
  #isWarm = false;
  #windowStartMs: number;
  #done = 0;

  constructor(
    readonly bounds: LaneBounds,
    nowMs: number,
    readonly busyShare: BusyMeter = machineMeter(),
  ) {
    this.#windowStartMs = nowMs;
  }

  /** Tells that `count` more entries are done, with `lanes` at work; returns how many lanes there should be. */
  done(count: number, lanes: number, nowMs: number): number {
    if (this.bounds.min === this.bounds.max) return lanes;
    this.#done += count;
    const elapsedMs = nowMs - this.#windowStartMs;
    if (elapsedMs < WINDOW_MS) return lanes;
    const rate = this.#done / elapsedMs;
    const isBusy = this.busyShare(elapsedMs) > BUSY_SHARE;
    this.#done = 0;
    this.#windowStartMs = nowMs;
    if (!this.#isWarm) {
      this.#isWarm = true;
      return lanes;
    }
    if (this.#phase === 'climbing') return this.#climb(rate, lanes, isBusy);
    this.#rates.push(rate);
    return this.#phase === 'resting' ? this.#restOrTry(lanes, isBusy) : this.#judgeTrial(lanes);
  }

  /** Tells that something else than the lanes set the pace until now: what was measured says nothing about them. */
  disregard(lanes: number, nowMs: number): void {
    this.#done = 0;
    this.#windowStartMs = nowMs;
    this.#settle(lanes, lanes);
  }

  #climb(rate: number, lanes: number, isBusy: boolean): number {
    const gain = this.#before.rate === 0 ? Number.POSITIVE_INFINITY : rate / this.#before.rate;
    if (gain < gainWanted(lanes)) return this.#settle(this.#before.lanes, lanes);
    const more = Math.min(lanes * 2, this.bounds.max);
    if (isBusy || more === lanes || gain < gainWanted(more)) return this.#settle(lanes, lanes);
    this.#before = { lanes, rate };
    this.#isWarm = false;
    return more;
  }

  #restOrTry(lanes: number, isBusy: boolean): number {
    const rate = mean(this.#rates.slice(-TRIAL_WINDOWS));
    if (this.#rates.length === TRIAL_WINDOWS) this.#restingRate = rate;
    const change = this.#rates.length > TRIAL_WINDOWS ? rate / this.#restingRate : 1;
    if (change > OTHER_CONDITIONS || change < 1 / OTHER_CONDITIONS) {
      this.#rest = FIRST_REST;
      this.#restingRate = rate;
    }
    if (++this.#restedWindows < this.#rest) return lanes;

    const more = isBusy ? lanes : Math.min(lanes * 2, this.bounds.max);
    const fewer = Math.max(Math.ceil(lanes / 2), this.bounds.min);
    const wanted = (this.#triesMore && more > lanes) || fewer === lanes ? more : fewer;
    this.#triesMore = wanted < lanes;
    this.#restedWindows = 0;
    if (wanted === lanes) return lanes;
    this.#before = { lanes, rate };
    return this.#enter('trying', wanted);
  }

  #judgeTrial(lanes: number): number {
    if (this.#rates.length < TRIAL_WINDOWS) return lanes;
    const gain = mean(this.#rates) / this.#before.rate;
    const isKept = gain >= (lanes > this.#before.lanes ? gainWanted(lanes) : BEARABLE_LOSS);
    // What paid once is likely to pay again.
    if (isKept) this.#triesMore = lanes > this.#before.lanes;
    this.#rest = isKept ? FIRST_REST : Math.min(this.#rest * 2, LONGEST_REST);
    return this.#settle(isKept ? lanes : this.#before.lanes, lanes);
  }

  #settle(wanted: number, lanes: number): number {
    this.#restedWindows = 0;
    this.#enter('resting', wanted);
    this.#isWarm = wanted === lanes;
    return wanted;
  }

  #enter(phase: 'resting' | 'trying', wanted: number): number {
    this.#phase = phase;
    this.#rates = [];
    this.#isWarm = false;
    return wanted;
  }
}

function gainWanted(lanes: number): number {
  return lanes > CHEAP_LANES ? LARGE_GAIN : WORTHWHILE_GAIN;
}

function mean(numbers: readonly number[]): number {
  return numbers.reduce((sum, number) => sum + number, 0) / numbers.length;
}
