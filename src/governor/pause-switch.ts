import { existsSync } from 'node:fs';

/** By which a run is paused and let go on from outside: by hand, or by a file that is there. */
export class PauseSwitch {
  #by = '';
  /** Called at once when the switch is turned by hand. */
  onTurn: () => void = () => {};

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
    return this.file !== null && existsSync(this.file) ? `${this.file} exists (--pause-file)` : '';
  }
}
