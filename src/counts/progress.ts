import { type GovernorState, paceOf } from '../governor/state.js';
import type { ListedDirectory } from '../source/directories.js';
import type { CountedSoFar } from '../source/entry-count.js';
import type { Tally } from './tally.js';

/** With less than this share of the whole done or listed, an estimate of the rest would be a guess. */
const LEAST_SHARE = 0.01;
/** So many shards must be listed before their mean size is taken for that of the others; ids are spread evenly. */
const LEAST_SHARDS = 16;

/** How far a run has come. One object per run; whatever shows progress reads it at any time. */
export class Progress {
  #listed = 0;
  /** Whether `listed` is complete. */
  isListingFinal = false;
  lanes = 0;
  /** What the governor does, and what lanes wait for; null while neither slows the run down. */
  governor: GovernorState | null = null;
  wait: { reason: string } | null = null;
  /** Memory in use by the target, as last reported; NaN if it is not asked. */
  targetBytes = Number.NaN;
  /** Entries of the previous run over the same stores; null if unknown. */
  expected: number | null = null;
  /** What was counted ahead of the walk; null where nothing is. */
  ahead: (CountedSoFar & { stop: () => void }) | null = null;
  /** For how long chunks had to wait so far, in milliseconds by reason. */
  heldBackMs: () => Readonly<Record<string, number>> = () => ({});
  /** What became of the copies of sessions that have ended. */
  deletes: Readonly<Record<string, number>> = {};
  #shards = { inThem: 0, read: 0, left: Number.NaN };

  /** @param startMs by the same clock as the times given to {@link etaMs} */
  constructor(
    readonly tally: Tally,
    readonly startMs: number,
    readonly sources: number,
    /** The run stops after so many. */
    readonly mostEntries = Number.POSITIVE_INFINITY,
  ) {}

  /**
   * What slows the run down and why, as `hibernating: memory 92 % of maxmemory`; empty at full speed. A wait goes
   * first: while lanes wait, nothing moves, whatever rate the governor allows.
   */
  get pace(): string {
    if (this.wait !== null) return `waiting: ${this.wait.reason}`;
    return this.governor === null ? '' : paceOf(this.governor);
  }

  /** Entries found so far, by the walk or, for keys without a file, in Redis. */
  get listed(): number {
    return Math.max(this.#listed, this.done);
  }

  /** Adds entries that the walk has found. */
  found(entries: number): void {
    this.#listed += entries;
  }

  /** Entries with an outcome. */
  get done(): number {
    return this.tally.listed;
  }

  /** Takes account of a directory that was listed to its end. */
  addDirectory({ source, shard, entries, shardsLeft }: ListedDirectory): void {
    // Nothing is known about the stores that come after this one.
    if (source !== this.sources - 1) return;
    if (shard === '') this.#shards = { inThem: 0, read: 0, left: shardsLeft };
    else this.#shards = { inThem: this.#shards.inThem + entries, read: this.#shards.read + 1, left: shardsLeft };
  }

  /** Whether {@link total} is a count of this run, and no estimate. */
  get isTotalCounted(): boolean {
    return this.isListingFinal || (this.#isCountedAhead && this.ahead?.isExact === true);
  }

  get #isCountedAhead(): boolean {
    return this.ahead?.isComplete === true && this.ahead.entries >= this.listed;
  }

  /** Entries that are known to be there, by the walk or the count ahead of it. */
  get known(): number {
    return Math.max(this.listed, this.ahead?.isExact === true ? this.ahead.entries : 0);
  }

  /** All entries, listed, counted or estimated; NaN as long as there is nothing to estimate from. */
  get total(): number {
    if (this.isListingFinal) return this.listed;
    if (this.ahead !== null && this.#isCountedAhead) return Math.min(this.ahead.entries, this.mostEntries);
    if (this.expected !== null && this.expected >= this.known) return this.expected;
    const { inThem, read, left } = this.#shards;
    const isEnough = read >= LEAST_SHARDS && read >= (read + left) * LEAST_SHARE;
    return isEnough ? Math.max(this.known, this.listed + (inThem / read) * left) : Number.NaN;
  }

  /** Milliseconds left at the mean rate so far; NaN if that would be a guess. */
  etaMs(nowMs: number): number {
    const { done, total } = this;
    const isHonest = done < total && done > total * LEAST_SHARE;
    return isHonest ? ((nowMs - this.startMs) / done) * (total - done) : Number.NaN;
  }
}

/** What a lane waits for: a word for the summary, and a sentence for the operator. */
export interface LaneWait {
  reason: string;
  message: string;
}

/** How long lanes have waited, by reason. Lanes that wait for the same reason at the same time count once. */
export class LaneWaits {
  readonly #waiting = new Map<object, LaneWait>();
  readonly #sinceMs = new Map<string, number>();
  readonly #passedMs: Record<string, number> = {};

  constructor(readonly now: () => number) {}

  /** @param wait null when the lane goes on or has ended */
  update(lane: object, wait: LaneWait | null): void {
    const before = this.#waiting.get(lane)?.reason;
    if (wait === null) this.#waiting.delete(lane);
    else this.#waiting.set(lane, wait);
    if (before !== undefined && before !== wait?.reason && !this.#isWaitedFor(before)) this.#book(before);
    if (wait !== null && !this.#sinceMs.has(wait.reason)) this.#sinceMs.set(wait.reason, this.now());
  }

  /** What some lane waits for; null if none waits. */
  get current(): LaneWait | null {
    const [wait] = this.#waiting.values();
    return wait ?? null;
  }

  /** Milliseconds by reason, including waits that have not ended. */
  get heldBackMs(): Record<string, number> {
    // A copy of the keys: those still waited for are inserted again, and the loop would never end.
    for (const reason of [...this.#sinceMs.keys()]) {
      this.#book(reason);
      if (this.#isWaitedFor(reason)) this.#sinceMs.set(reason, this.now());
    }
    return Object.fromEntries(Object.entries(this.#passedMs).map(([reason, ms]) => [reason, Math.round(ms)]));
  }

  #isWaitedFor(reason: string): boolean {
    return [...this.#waiting.values()].some((wait) => wait.reason === reason);
  }

  #book(reason: string): void {
    const passedMs = this.now() - (this.#sinceMs.get(reason) ?? this.now());
    this.#passedMs[reason] = (this.#passedMs[reason] ?? 0) + passedMs;
    this.#sinceMs.delete(reason);
  }
}

/** The state of a run at one moment: totals so far, except where noted. */
export interface RunSample {
  elapsedMs: number;
  done: number;
  moved: number;
  rejected: number;
  /** At this moment. */
  lanes: number;
  /** Whether anything slowed the run down at this moment. */
  isHeldBack: boolean;
  /** Memory of this process at this moment. */
  rssBytes: number;
  /** `used_memory` of the target as last reported; absent if it is not asked. */
  targetBytes?: number;
}

/** Twice what a chart of a run can show. */
const MOST_SAMPLES = 600;
const FIRST_INTERVAL_MS = 250;

/**
 * A run over time as a bounded number of samples: when there are too many, every other one is dropped and the interval
 * doubles. A run of a week takes as much memory as one of a minute.
 */
export class RunSamples {
  readonly samples: RunSample[] = [];
  #intervalMs = FIRST_INTERVAL_MS;
  #nextMs = 0;

  /** Whether the next sample is due. */
  isDue(elapsedMs: number): boolean {
    return elapsedMs >= this.#nextMs;
  }

  add(sample: RunSample): void {
    this.samples.push(sample);
    if (this.samples.length >= MOST_SAMPLES) {
      // Even indices, so that the first sample, the start of the run, is kept.
      const kept = this.samples.filter((_, i) => i % 2 === 0);
      this.samples.splice(0, this.samples.length, ...kept);
      this.#intervalMs *= 2;
    }
    this.#nextMs = sample.elapsedMs + this.#intervalMs;
  }
}
