import { formatCount, formatDuration } from '../quantities.js';
import type { Progress } from './progress.js';
import type { Tally } from './tally.js';

/** What is shown of a rate: the last few seconds. */
const WINDOW_MS = 5_000;

/** The rate over the last seconds, from readings that come as they come. */
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

/**
 * One line on how far a run is, in `columns` at most. What matters least is left out first: a line that wraps can't be
 * redrawn.
 */
export function renderProgress(progress: Progress, rate: number, nowMs: number, columns: number): string {
  const { listed, done, isListingFinal, lanes, pace, tally, total } = progress;
  const share = Number.isNaN(total) ? '' : ` ${Math.floor((done / Math.max(total, 1)) * 100)} %`;
  const rejects = tally.ofClass('reject');
  const eta = progress.etaMs(nowMs);
  // In the order of the line; the number says who stays longest when room is short.
  const parts: [text: string, rank: number][] = [
    [`${formatCount(done)} done${share}`, 9],
    [`${formatCount(listed)} listed${isListingFinal ? '' : '+'}`, 4],
    ...resultsOf(tally),
    [`${formatCount(rejects)} rejected`, rejects > 0 ? 7 : 3],
    [`${formatCount(rate)}/s`, 5],
    [lanes === 1 ? '1 lane' : `${lanes} lanes`, 1],
    [pace === '' ? 'full speed' : pace, pace === '' ? 2 : 8],
  ];
  if (!Number.isNaN(eta)) parts.push([`ETA ${formatDuration(eta)}`, 6.5]);
  while (parts.length > 1 && lengthOf(parts) > columns) {
    const least = parts.reduce((lowest, part) => (part[1] < lowest[1] ? part : lowest));
    parts.splice(parts.indexOf(least), 1);
  }
  return parts
    .map(([text]) => text)
    .join(', ')
    .slice(0, columns);
}

/** What a run is after: sessions that move, or, where it compares, how they compare. */
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
