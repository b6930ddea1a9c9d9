import type { RejectNote } from '../lane/journey.js';

/** Lines per second, and in all, that a program reading them can be asked to take. */
const MOST_PER_SECOND = 200;
const MOST_LINES = 10_000;

/** Examples of each kind of difference that the end of a run shows. */
const EXAMPLES = 3;

/** Decides which differences are told one by one: some of each kind, and a bounded stream of lines. */
export class DifferenceList {
  readonly examples: RejectNote[] = [];
  /** Differences that were not told as a line. */
  untold = 0;
  #told = 0;
  #inSecond = 0;
  #secondStartMs: number;

  constructor(nowMs: number) {
    this.#secondStartMs = nowMs;
  }

  /** Takes a difference; returns whether it may be told as a line now. */
  add(note: RejectNote, nowMs: number): boolean {
    if (this.examples.filter(({ outcome }) => outcome === note.outcome).length < EXAMPLES) this.examples.push(note);
    if (nowMs - this.#secondStartMs >= 1000) {
      this.#secondStartMs = nowMs;
      this.#inSecond = 0;
    }
    if (this.#told >= MOST_LINES || this.#inSecond >= MOST_PER_SECOND) {
      this.untold++;
      return false;
    }
    this.#told++;
    this.#inSecond++;
    return true;
  }
}
