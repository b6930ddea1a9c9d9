import { type Progress, RunSamples } from '../counts/progress.js';
import type { Tally } from '../counts/tally.js';
import { formatCount, formatDuration } from '../units.js';
import type { Terminal } from './terminal.js';

/** A displayed rate is the mean over these last seconds. */
const WINDOW_MS = 5_000;

/** The rate over the last seconds, from readings at irregular times. */
export class RecentRate {
  readonly #readings: { ms: number; done: number }[] = [];

  /** Takes a reading and returns entries per second. */
  of(done: number, nowMs: number): number {
    const readings = this.#readings;
    readings.push({ ms: nowMs, done });
    while (readings.length > 2 && nowMs - (readings[1] as { ms: number }).ms >= WINDOW_MS) readings.shift();
    const first = readings[0] as { ms: number; done: number };
    return nowMs > first.ms ? ((done - first.done) / (nowMs - first.ms)) * 1000 : 0;
  }
}

const PACE_RANK = 8;

/**
 * The progress of a run in one line of at most `columns` characters. The least important parts are left out first: a
 * line that wraps cannot be redrawn.
 */
export function renderProgress(progress: Progress, rate: number, nowMs: number, columns: number): string {
  const { known, done, lanes, pace, tally, total, isTotalCounted } = progress;
  const share = Number.isNaN(total) ? '' : ` (${Math.floor((done / Math.max(total, 1)) * 100)} %)`;
  const whole = Number.isNaN(total)
    ? `${formatCount(known)}+`
    : `${isTotalCounted ? '' : 'about '}${formatCount(total)}`;
  const rejects = tally.ofClass('reject');
  const eta = progress.etaMs(nowMs);
  const far = `${formatCount(done)}${share}`;
  // In the order of the line; parts with a higher rank stay longer when room is short.
  const parts: [text: string, rank: number][] = [
    [`${formatCount(done)} of ${whole}${share}`, 9],
    ...resultsOf(tally),
    [`${formatCount(rejects)} rejected`, rejects > 0 ? 7 : 3],
    [`${formatCount(rate)} entries/s`, 5],
    [lanes === 1 ? '1 lane' : `${lanes} lanes`, 1],
    [pace === '' ? 'full speed' : pace, pace === '' ? 2 : PACE_RANK],
  ];
  if (!Number.isNaN(eta)) parts.push([`ETA ${formatDuration(eta)}`, 6.5]);
  while (parts.length > 1 && lengthOf(parts) > columns) {
    const least = parts.reduce((lowest, part) => (part[1] < lowest[1] ? part : lowest));
    // What sets the pace matters more than the number that the share is of.
    if (least[1] === PACE_RANK && parts[0]?.[0] !== far) parts[0] = [far, 9];
    else parts.splice(parts.indexOf(least), 1);
  }
  return parts
    .map(([text]) => text)
    .join(', ')
    .slice(0, columns);
}

/** The results of a run: sessions that move or, for `verify`, how they compare. */
function resultsOf(tally: Tally): [text: string, rank: number][] {
  const [sound, different] = [tally.ofClass('verified'), tally.ofClass('difference')];
  if (sound + different === 0) return [[`${formatCount(tally.ofClass('moved'))} moved`, 6]];
  return [
    [`${formatCount(sound)} sound`, 6],
    [`${formatCount(different)} different`, 7],
  ];
}

function lengthOf(parts: readonly (readonly [string, number])[]): number {
  return parts.reduce((sum, [text]) => sum + text.length + 2, -2);
}

/** The progress of a run as a line of `--json`. */
export interface StatusEvent {
  type: 'status';
  elapsedMs: number;
  /** Entries found so far; there will be no more if `listingComplete` is set. */
  listed: number;
  listingComplete: boolean;
  /** Entries with an outcome; `outcomes` counts them. */
  done: number;
  outcomes: Record<string, number>;
  moved: number;
  kept: number;
  skipped: number;
  rejected: number;
  /** `verify`: sessions that are the same in Redis, and those that differ. */
  sound: number;
  different: number;
  entriesPerSecond: number;
  lanes: number;
  /** What slows the run down; empty at full speed. */
  pace: string;
  /** Absent if unknown. */
  total?: number;
  /** Absent if it would be a guess. */
  etaMs?: number;
}

function statusOf(progress: Progress, rate: number, nowMs: number): StatusEvent {
  const { tally, total } = progress;
  const etaMs = progress.etaMs(nowMs);
  return {
    type: 'status',
    elapsedMs: Math.round(nowMs - progress.startMs),
    listed: progress.listed,
    listingComplete: progress.isListingFinal,
    done: progress.done,
    outcomes: tally.outcomes(),
    moved: tally.ofClass('moved'),
    kept: tally.ofClass('kept'),
    skipped: tally.ofClass('skip'),
    rejected: tally.ofClass('reject'),
    sound: tally.ofClass('verified'),
    different: tally.ofClass('difference'),
    entriesPerSecond: Math.round(rate * 10) / 10,
    lanes: progress.lanes,
    pace: progress.pace,
    ...(!Number.isNaN(total) && { total: Math.round(total) }),
    ...(!Number.isNaN(etaMs) && { etaMs: Math.round(etaMs) }),
  };
}

/** The interval of the live line. */
const TICK_MS = 200;
/** The interval of plain lines, which end up in somebody's log. */
const PIPE_INTERVAL_MS = 30_000;
/** The intervals of status events for a person and for a program. */
const STATUS_TERMINAL_MS = 1_000;
const STATUS_PIPE_MS = 5_000;

/** Where progress goes. */
export interface Outlets {
  terminal: Terminal;
  /** Prints a status event; null without `--json`. */
  print: ((event: StatusEvent) => void) | null;
  /** Whether the events go to a terminal, where a person reads them. */
  isPrintedToTerminal: boolean;
  now: () => number;
}

/**
 * Shows the progress of a run: as a live line on a terminal, as plain lines elsewhere, as status events in JSON; and
 * takes the samples for the charts of the report.
 */
export class ProgressDisplay {
  readonly series = new RunSamples();
  readonly #rate = new RecentRate();
  #startMs = 0;
  #plainMs = 0;
  #statusMs = 0;
  #progress: Progress | null = null;
  #timer: NodeJS.Timeout | null = null;

  constructor(readonly outlets: Outlets) {}

  /** Starts the timer and shows the first line at once. */
  start(progress: Progress): void {
    this.#progress = progress;
    this.#startMs = progress.startMs;
    this.#plainMs = progress.startMs;
    this.#statusMs = progress.startMs;
    this.tick();
    this.#timer = setInterval(() => this.tick(), TICK_MS);
    this.#timer.unref();
  }

  /** Removes the live line and takes a last sample. */
  stop(): void {
    if (this.#timer !== null) clearInterval(this.#timer);
    this.#timer = null;
    this.outlets.terminal.clear();
    if (this.#progress !== null) this.#sample(this.#progress, this.outlets.now());
  }

  /** Shows whatever is due. */
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
