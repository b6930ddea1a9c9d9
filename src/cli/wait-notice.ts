import type { LaneWait } from '../lane/waits.js';

/** A shorter wait is not worth a line. */
const WORTH_A_LINE_MS = 1000;

/** Tells that lanes wait for the target, once they have for a while, and then that they go on. */
export class WaitNotice {
  #latest: LaneWait | null = null;
  #told: string | null = null;
  #timer: NodeJS.Timeout | null = null;

  /** @param tell given the wait, or null when it is over */
  constructor(readonly tell: (wait: LaneWait | null) => void) {}

  update(wait: LaneWait | null): void {
    this.#latest = wait;
    if (wait === null) this.end();
    else if (this.#told === null) this.#timer ??= setTimeout(() => this.#say(), WORTH_A_LINE_MS);
    else if (this.#told !== wait.reason) this.#say();
  }

  end(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    this.#latest = null;
    if (this.#told !== null) this.#say();
  }

  #say(): void {
    this.#told = this.#latest?.reason ?? null;
    this.tell(this.#latest);
  }
}
