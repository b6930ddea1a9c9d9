import { BY_SIGNAL, EXIT, type ExitCode } from '../errors.js';
import { classOf, type Outcome } from '../session.js';
import { formatCount, formatDuration } from '../units.js';
import type { Summary } from './summary.js';

/** What a line of a pass among many is made from. */
export interface EndedPass {
  summary: Pick<Summary, 'outcomes' | 'deletes' | 'elapsedMs' | 'exitCode' | 'stopped' | 'freezeEstimateMs'>;
  warnings: readonly string[];
  /** When the pass ended, epoch milliseconds. */
  endedMs: number;
  /** When the next one starts. */
  nextMs: number;
}

/**
 * Passes that follow one another (`sync --every`) as one dated line each,
 * `23:05:10 #14  +329 ~165 -129  1.4 s  freeze 7.3 s  next 23:05:20`: sessions that were new, changed and ended, by the
 * clock of this machine, and how long the freeze takes at most where that is known. The date stands on a line of its
 * own, before the first pass and after midnight.
 */
export class PassDiary {
  #passes = 0;
  #day = '';
  #exitCode: ExitCode | null = null;
  #troubles = 0;
  readonly #warnings = new Set<string>();

  /** Takes a pass. Returns its lines, and whether it holds anything new that deserves its tables. */
  take({ summary, warnings, endedMs, nextMs }: EndedPass): { lines: string[]; isNew: boolean; warnings: string[] } {
    const { outcomes, deletes, elapsedMs, exitCode, stopped, freezeEstimateMs } = summary;
    const troubles = countOf(outcomes, (outcome) => classOf(outcome) === 'reject');
    const unheard = warnings.filter((warning) => !this.#warnings.has(withoutNumbers(warning)));
    for (const warning of unheard) this.#warnings.add(withoutNumbers(warning));
    const isNew =
      exitCode !== this.#exitCode || stopped !== undefined || troubles > this.#troubles || unheard.length > 0;
    this.#exitCode = exitCode;
    this.#troubles = troubles;
    this.#passes++;
    const { written = 0, updated = 0 } = outcomes;
    const changes = `+${formatCount(written)} ~${formatCount(updated)} -${formatCount(deletes.deleted ?? 0)}`;
    const parts = [`${clock(endedMs)} #${this.#passes}`, changes, formatDuration(elapsedMs)];
    if (troubles > 0) parts.push(`${formatCount(troubles)} rejected`);
    if (exitCode !== EXIT.complete && exitCode !== EXIT.rejects) parts.push(`exit code ${exitCode}`);
    if (typeof freezeEstimateMs === 'number') parts.push(`freeze ${formatDuration(freezeEstimateMs)}`);
    const day = dayOf(endedMs);
    if (!BY_SIGNAL.includes(exitCode)) parts.push(`next ${clock(nextMs)}`);
    const lines = [...(day === this.#day ? [] : [day]), parts.join('  ')];
    this.#day = day;
    return { lines, isNew, warnings: unheard };
  }
}

function countOf(outcomes: Summary['outcomes'], isCounted: (outcome: Outcome) => boolean): number {
  const counts = Object.entries(outcomes) as [Outcome, number][];
  return counts.reduce((sum, [outcome, count]) => (isCounted(outcome) ? sum + count : sum), 0);
}

/** The same trouble with other numbers is nothing new. */
function withoutNumbers(text: string): string {
  return text.replace(/\d[\d,.]*/g, '#');
}

function clock(ms: number): string {
  const date = new Date(ms);
  return [date.getHours(), date.getMinutes(), date.getSeconds()].map(twoDigits).join(':');
}

function dayOf(ms: number): string {
  const date = new Date(ms);
  return [String(date.getFullYear()), twoDigits(date.getMonth() + 1), twoDigits(date.getDate())].join('-');
}

function twoDigits(number: number): string {
  return String(number).padStart(2, '0');
}
