import { OperatorError } from '../errors.js';
import { isThere } from '../system/errno.js';

/** By which a run is paused and let go on from outside: by hand, or by a file that is there. */
export class PauseSwitch {
  #by = '';
  /** Called at once when the switch is turned by hand. */
  onTurn: () => void = () => {};
  /** Is told why the file can't be looked at: once, and once more only after it could be. */
  onBlind: (why: string) => void = () => {};
  #isBlind = false;
  #wasThere = false;

  /** @param file pauses as long as it exists; null for none */
  constructor(readonly file: string | null) {}

  /** Pauses; `by` is shown as the reason. */
  pause(by: string): void {
    this.#by = by;
    this.onTurn();
  }

  resume(): void {
    this.#by = '';
    this.onTurn();
  }

  /** By what the run is paused, or empty. Looks for the file. */
  pausedBy(): string {
    if (this.#by !== '') return this.#by;
    return this.file !== null && this.#looks(this.file) ? `${this.file} exists (--pause-file)` : '';
  }

  /**
   * Where the file can't be looked at, what was seen last holds: a disk that fails neither stops nor starts anything.
   */
  #looks(file: string): boolean {
    try {
      this.#wasThere = isThere(file);
      this.#isBlind = false;
    } catch (error) {
      if (!(error instanceof OperatorError)) throw error;
      if (!this.#isBlind) this.onBlind(`the pause file ${error.message}; the run stays as it is, SIGUSR1 pauses it`);
      this.#isBlind = true;
    }
    return this.#wasThere;
  }
}
