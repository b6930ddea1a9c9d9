import { formatCount } from '../quantities.js';
import type { Tally } from './tally.js';

const TERMINAL_INTERVAL_MS = 250;
/** On a pipe each report is a line of a log that somebody keeps. */
const PIPE_INTERVAL_MS = 30_000;

/** One line on how far a run is: redrawn in place on a terminal, a plain line now and then elsewhere. */
export class ProgressLine {
  #lastMs: number;
  #lastListed = 0;
  #isDrawn = false;

  constructor(
    readonly stream: NodeJS.WriteStream,
    nowMs: number,
  ) {
    this.#lastMs = nowMs;
  }

  update(tally: Tally, lanes: number, nowMs: number): void {
    const elapsedMs = nowMs - this.#lastMs;
    if (elapsedMs < (this.stream.isTTY ? TERMINAL_INTERVAL_MS : PIPE_INTERVAL_MS)) return;
    const rate = ((tally.listed - this.#lastListed) / elapsedMs) * 1000;
    this.#lastMs = nowMs;
    this.#lastListed = tally.listed;
    const line =
      `${formatCount(tally.listed)} entries, ${formatCount(tally.ofClass('moved'))} moved, ` +
      `${formatCount(tally.ofClass('reject'))} rejected, ${formatCount(rate)}/s, ${lanes} lanes`;
    if (this.stream.isTTY) {
      this.stream.write(`\r\x1b[K${line.slice(0, Math.max(1, this.stream.columns - 1))}`);
      this.#isDrawn = true;
    } else {
      this.stream.write(`${line}\n`);
    }
  }

  /** Takes the line off the terminal, so that what comes next starts on a clean one. */
  clear(): void {
    if (this.#isDrawn) this.stream.write('\r\x1b[K');
    this.#isDrawn = false;
  }
}
