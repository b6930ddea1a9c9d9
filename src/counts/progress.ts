import { type GovernorState, paceOf } from '../governor/state.js';
import type { ListedDirectory } from '../source/directories.js';
import type { Tally } from './tally.js';

/** Below this share of the whole, what is left can't be told from what was seen. */
const LEAST_SHARE = 0.01;
/** Shards that must have been read before their mean speaks for the others: ids are random, so shards are alike. */
const LEAST_SHARDS = 16;

/** How far a run is. One object for the whole run: everything that shows progress reads it whenever it likes. */
export class Progress {
  #listed = 0;
  /** Whether `listed` grows no more. */
  isListingFinal = false;
  lanes = 0;
  /** What the governor does, and what lanes wait for; null where neither holds the run back. */
  governor: GovernorState | null = null;
  wait: { reason: string } | null = null;
  /** Memory that the target uses, as it last said; NaN where nobody asks it. */
  targetBytes = Number.NaN;
  /** Entries that an earlier run over the same stores had, if that is known. */
  expected: number | null = null;
  /** Why and for how long chunks were held back so far, and what became of copies of ended sessions. */
  heldBackMs: () => Readonly<Record<string, number>> = () => ({});
  deletes: Readonly<Record<string, number>> = {};
  #shards = { inThem: 0, read: 0, left: Number.NaN };

  /** @param startMs on the clock whose readings {@link etaMs} is given */
  constructor(
    readonly tally: Tally,
    readonly startMs: number,
    readonly sources: number,
  ) {}

  /**
   * What sets the pace and why, as `hibernating: memory 92 % of maxmemory`; empty while nothing holds the run back. A
   * wait goes first: while lanes wait, nothing moves at whatever pace the governor allows.
   */
  get pace(): string {
    if (this.wait !== null) return `waiting: ${this.wait.reason}`;
    return this.governor === null ? '' : paceOf(this.governor);
  }

  /** Entries that were found so far: by the walk, or in Redis, where keys without a file are counted as well. */
  get listed(): number {
    return Math.max(this.#listed, this.done);
  }

  /** Tells of so many more. */
  found(entries: number): void {
    this.#listed += entries;
  }

  /** Entries whose fate is known. */
  get done(): number {
    return this.tally.listed;
  }

  /** Tells of a directory that was read to its end. */
  see({ source, shard, entries, shardsLeft }: ListedDirectory): void {
    // What is in stores that are still to come is not known.
    if (source !== this.sources - 1) return;
    if (shard === '') this.#shards = { inThem: 0, read: 0, left: shardsLeft };
    else this.#shards = { inThem: this.#shards.inThem + entries, read: this.#shards.read + 1, left: shardsLeft };
  }

  /** How many entries there are in all, or NaN while nobody can say: `listed` is growing and no run came before. */
  get total(): number {
    if (this.isListingFinal) return this.listed;
    if (this.expected !== null && this.expected >= this.listed) return this.expected;
    const { inThem, read, left } = this.#shards;
    const isEnough = read >= LEAST_SHARDS && read >= (read + left) * LEAST_SHARE;
    return isEnough ? this.listed + (inThem / read) * left : Number.NaN;
  }

  /** Time that is left at the mean pace so far; NaN where it would be a guess. */
  etaMs(nowMs: number): number {
    const { done, total } = this;
    const isHonest = done < total && done > total * LEAST_SHARE;
    return isHonest ? ((nowMs - this.startMs) / done) * (total - done) : Number.NaN;
  }
}

/** What a lane waits for: a word for the summary, and a sentence for whoever watches. */
export interface LaneWait {
  reason: string;
  message: string;
}

/** How long lanes waited for the target, by reason. Lanes that wait at once for the same reason count once. */
export class LaneWaits {
  readonly #waiting = new Map<object, LaneWait>();
  readonly #sinceMs = new Map<string, number>();
  readonly #passedMs: Record<string, number> = {};

  constructor(readonly now: () => number) {}

  /** @param wait null where the lane goes on, or has ended */
  note(lane: object, wait: LaneWait | null): void {
    const before = this.#waiting.get(lane)?.reason;
    if (wait === null) this.#waiting.delete(lane);
    else this.#waiting.set(lane, wait);
    if (before !== undefined && before !== wait?.reason && !this.#isWaitedFor(before)) this.#book(before);
    if (wait !== null && !this.#sinceMs.has(wait.reason)) this.#sinceMs.set(wait.reason, this.now());
  }

  /** What some lane waits for; null where all are at work. */
  get current(): LaneWait | null {
    const [wait] = this.#waiting.values();
    return wait ?? null;
  }

  /** Milliseconds by reason, waits that go on included. */
  get heldBackMs(): Record<string, number> {
    // A copy: what is waited for still is put back, and would come up again without end.
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
