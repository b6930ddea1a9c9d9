import { OperatorError } from '../errors.js';
import { EXIT } from '../exit-codes.js';
import { formatDuration } from '../quantities.js';
import type { Trouble } from './trouble.js';

/** The first wait is this long at most, each further one at most twice as long as the one before. */
const FIRST_WAIT_MS = 200;
const LONGEST_WAIT_MS = 5000;
/** What is under way when an interruption comes may take this long. */
const GRACE_MS = 3000;

/** Time is up that a trouble is borne for. */
export class GivenUp extends OperatorError {}

/** Hears what is waited for, and null when it goes on. */
export type WaitListener = (trouble: Trouble | null) => void;

/**
 * How long a connection's troubles are borne. Waits between tries grow exponentially and are cut short at random, so that
 * many lanes don't all come back at once. What counts as one trouble ends with the next success.
 */
export class Retry {
  #sinceMs = Number.NaN;
  #tries = 0;
  #interruption: OperatorError | null = null;
  readonly #interrupted = new Alarm();
  readonly #overdue = new Alarm();

  /** @param limitMs from the first try on; 0 gives up at once */
  constructor(
    readonly limitMs: number,
    readonly listener: WaitListener = () => {},
    readonly now: () => number = () => performance.now(),
    readonly random: () => number = Math.random,
  ) {}

  /** Resolves when the next try is due. @throws {OperatorError} with exit code 5 when time is up, or the interruption */
  async pause(trouble: Trouble): Promise<void> {
    if (this.#interruption !== null) throw this.#interruption;
    const nowMs = this.now();
    if (Number.isNaN(this.#sinceMs)) this.#sinceMs = nowMs;
    const leftMs = this.#sinceMs + this.limitMs - nowMs;
    if (leftMs <= 0) throw this.#givenUp(trouble);
    this.listener(trouble);
    const longestMs = Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** this.#tries++);
    await this.#sleep(Math.min(leftMs, longestMs * (0.5 + this.random() / 2)));
  }

  /** Something was achieved: the next trouble is another one. */
  success(): void {
    if (Number.isNaN(this.#sinceMs)) return;
    this.#sinceMs = Number.NaN;
    this.#tries = 0;
    this.listener(null);
  }

  /** Ends the wait under way, and every later one, with this error. The first one counts. */
  interrupt(error: OperatorError): void {
    if (this.#interruption !== null) return;
    this.#interruption = error;
    this.#interrupted.ring(error);
    setTimeout(() => this.#overdue.ring(error), GRACE_MS).unref();
  }

  /** Settles as `work` does, or rejects when it is not done soon after an interruption. */
  orInterrupted<T>(work: Promise<T>): Promise<T> {
    return Promise.race([work, this.#overdue.rung]);
  }

  async #sleep(ms: number): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    const slept = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, ms);
    });
    await Promise.race([slept, this.#interrupted.rung]).finally(() => clearTimeout(timer));
  }

  #givenUp({ error }: Trouble): OperatorError {
    if (this.limitMs === 0) return error;
    const waited = `gave up after ${formatDuration(this.limitMs)}, as --give-up-after says; progress is kept`;
    return new GivenUp(EXIT.temporary, `${error.message} (${waited})`, { cause: error });
  }
}

/** A promise that rejects when it rings, and till then holds up nobody. */
class Alarm {
  readonly rung: Promise<never>;
  ring: (error: Error) => void = () => {};

  constructor() {
    this.rung = new Promise<never>((_, reject) => {
      this.ring = reject;
    });
    this.rung.catch(() => {});
  }
}
