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
