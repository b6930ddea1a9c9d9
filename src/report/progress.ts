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
   * What sets the pace and why, as `hibernating: memory 92 % of maxmemory`; empty while nothing holds the run back. A wait
   * goes first: while lanes wait, nothing moves at whatever pace the governor allows.
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
