/** Entries in a chunk when nothing holds the run back. */
const FULL_CHUNK = 512;
/** At a bounded rate chunks shrink, so that the target sees a stream and not bursts: about ten chunks a second. */
const CHUNKS_PER_SECOND = 10;

/** Entries that a chunk should have at this many sessions per second. */
export function chunkSizeAt(rate: number): number {
  return Math.max(1, Math.min(FULL_CHUNK, Math.floor(rate / CHUNKS_PER_SECOND)));
}

/**
 * Permits that fill up at so many per second. A chunk takes one per entry and gives back those that were not sent, so
 * the rate is the rate at which the target is written to, and entries that stay behind cost nothing. No more than one
 * chunk is saved up.
 */
export class PermitBucket {
  #rate: number;
  #permits: number;
  #filledAtMs: number;

  /** @param rate permits per second, Infinity for no bound, 0 for none at all */
  constructor(rate: number, nowMs: number) {
    this.#rate = rate;
    this.#permits = chunkSizeAt(rate);
    this.#filledAtMs = nowMs;
  }

  get rate(): number {
    return this.#rate;
  }

  /** Permits that were not used stay, as far as a chunk at the new rate has room for them. */
  setRate(rate: number, nowMs: number): void {
    this.#fill(nowMs);
    this.#rate = rate;
    this.#permits = Math.min(this.#permits, chunkSizeAt(rate));
  }

  /** Milliseconds until a chunk of `entries` may start; Infinity while the rate is 0. */
  delayMs(entries: number, nowMs: number): number {
    if (this.#rate === Number.POSITIVE_INFINITY) return 0;
    if (this.#rate === 0) return Number.POSITIVE_INFINITY;
    this.#fill(nowMs);
    const missing = Math.min(entries, chunkSizeAt(this.#rate)) - this.#permits;
    return missing <= 0 ? 0 : (missing / this.#rate) * 1000;
  }

  take(permits: number): void {
    if (this.#rate !== Number.POSITIVE_INFINITY) this.#permits -= permits;
  }

  giveBack(permits: number): void {
    this.#permits = Math.min(chunkSizeAt(this.#rate), this.#permits + permits);
  }

  #fill(nowMs: number): void {
    const filled = this.#rate === Number.POSITIVE_INFINITY ? 0 : ((nowMs - this.#filledAtMs) / 1000) * this.#rate;
    this.#permits = Math.min(chunkSizeAt(this.#rate), this.#permits + filled);
    this.#filledAtMs = nowMs;
  }
}
