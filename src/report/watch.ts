import { RecentRate, renderProgress } from './live-line.js';
import type { Progress } from './progress.js';
import { RunSamples } from './series.js';
import { type StatusEvent, statusOf } from './status.js';
import type { Terminal } from './terminal.js';

/** Often enough to look alive, seldom enough to cost nothing. */
const TICK_MS = 200;
/** On a pipe each line is one of a log that somebody keeps. */
const PIPE_INTERVAL_MS = 30_000;
/** Status events: a person who looks at them, and a program that stores them. */
const STATUS_TERMINAL_MS = 1_000;
const STATUS_PIPE_MS = 5_000;

/** Where progress is shown. */
export interface Outlets {
  terminal: Terminal;
  /** Takes status events; null without `--json`. */
  print: ((event: StatusEvent) => void) | null;
  /** Whether a person reads the events as they come. */
  isPrintedToTerminal: boolean;
  now: () => number;
}

/**
 * Watches a run: draws the live line or writes a plain one now and then, sends status events, and takes the samples for
 * the report. Reads the counts and changes nothing.
 */
export class Watch {
  readonly series = new RunSamples();
  readonly #rate = new RecentRate();
  #startMs = 0;
  #plainMs = 0;
  #statusMs = 0;
  #progress: Progress | null = null;
  #timer: NodeJS.Timeout | null = null;

  constructor(readonly outlets: Outlets) {}

  /** Begins to watch; the first line is there at once. */
  start(progress: Progress): void {
    this.#progress = progress;
    this.#startMs = progress.startMs;
    this.#plainMs = progress.startMs;
    this.#statusMs = progress.startMs;
    this.tick();
    this.#timer = setInterval(() => this.tick(), TICK_MS);
    this.#timer.unref();
  }

  /** Takes the line away and ends with a last sample. */
  stop(): void {
    if (this.#timer !== null) clearInterval(this.#timer);
    this.#timer = null;
    this.outlets.terminal.clear();
    if (this.#progress !== null) this.#sample(this.#progress, this.outlets.now());
  }

  /** Shows how far the run is, where it is time for that. */
  tick(): void {
    const progress = this.#progress;
    if (progress === null) return;
    const { terminal, print, isPrintedToTerminal, now } = this.outlets;
    const nowMs = now();
    const rate = this.#rate.of(progress.done, nowMs);
    if (terminal.isLive) {
      terminal.draw(renderProgress(progress, rate, nowMs, terminal.columns));
    } else if (nowMs - this.#plainMs >= PIPE_INTERVAL_MS) {
      this.#plainMs = nowMs;
      terminal.say(renderProgress(progress, rate, nowMs, Number.POSITIVE_INFINITY));
    }
    if (print !== null && nowMs - this.#statusMs >= (isPrintedToTerminal ? STATUS_TERMINAL_MS : STATUS_PIPE_MS)) {
      this.#statusMs = nowMs;
      print(statusOf(progress, rate, nowMs));
    }
    if (this.series.isDue(nowMs - this.#startMs)) this.#sample(progress, nowMs);
  }

  #sample(progress: Progress, nowMs: number): void {
    const { tally, lanes, pace, targetBytes } = progress;
    this.series.add({
      elapsedMs: Math.round(nowMs - this.#startMs),
      done: progress.done,
      moved: tally.ofClass('moved'),
      rejected: tally.ofClass('reject'),
      lanes,
      isHeldBack: pace !== '',
      rssBytes: process.memoryUsage.rss(),
      ...(!Number.isNaN(targetBytes) && { targetBytes }),
    });
  }
}
