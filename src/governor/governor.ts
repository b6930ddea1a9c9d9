/** Entries in a chunk when nothing holds the run back. */
const FULL_CHUNK = 512;
/** At a set rate chunks shrink, so that the target sees a stream and not bursts: about ten chunks a second. */
const CHUNKS_PER_SECOND = 10;

/**
 * Decides when the next chunk may start. With a rate, a bucket of permits fills at that many sessions per second; a
 * chunk takes one per entry and gives back those that were not sent, so the rate is the rate at which the target is
 * written to, and entries that stay behind cost nothing.
 */
export class Governor {
  readonly maxEntries: number;
  #permits: number;
  #filledAtMs: number;
  #waitedMs = 0;
  #giveBack: (() => void) | null = null;

  /** @param ratePerSecond sessions sent per second, Infinity for no bound */
  constructor(
    readonly ratePerSecond: number,
    readonly now: () => number,
  ) {
    this.maxEntries = Math.max(1, Math.min(FULL_CHUNK, Math.floor(ratePerSecond / CHUNKS_PER_SECOND)));
    this.#permits = this.maxEntries;
    this.#filledAtMs = now();
  }

  /** Whether the governor, and not the disk, sets the pace: more lanes would only wait then. */
  get isHoldingBack(): boolean {
    return this.#waitedMs > 0;
  }

  /** Milliseconds for which chunks were held back, by reason. */
  get heldBackMs(): Record<string, number> {
    return this.#waitedMs > 0 ? { rate: Math.round(this.#waitedMs) } : {};
  }

  /** Resolves when a chunk of `entries` may start, or when `signal` aborts. */
  async admit(entries: number, signal: AbortSignal): Promise<void> {
    if (this.ratePerSecond === Number.POSITIVE_INFINITY) return;
    const startMs = this.now();
    for (;;) {
      this.#fill();
      const missing = Math.min(entries, this.maxEntries) - this.#permits;
      if (missing <= 0 || signal.aborted) break;
      await this.#sleep((missing / this.ratePerSecond) * 1000, signal);
    }
    this.#permits -= entries;
    this.#waitedMs += this.now() - startMs;
  }

  /** Tells that of a chunk's `entries` only `sent` went to the target. */
  settle(entries: number, sent: number): void {
    if (this.ratePerSecond === Number.POSITIVE_INFINITY) return;
    this.#permits = Math.min(this.maxEntries, this.#permits + entries - sent);
    this.#giveBack?.();
  }

  #fill(): void {
    const nowMs = this.now();
    const filled = ((nowMs - this.#filledAtMs) / 1000) * this.ratePerSecond;
    this.#permits = Math.min(this.maxEntries, this.#permits + filled);
    this.#filledAtMs = nowMs;
  }

  #sleep(ms: number, signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const wake = () => {
        clearTimeout(timer);
        signal.removeEventListener('abort', wake);
        this.#giveBack = null;
        resolve();
      };
      const timer = setTimeout(wake, Math.max(1, ms));
      signal.addEventListener('abort', wake, { once: true });
      this.#giveBack = wake;
    });
  }
}
