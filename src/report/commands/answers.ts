import type { Statistics } from '../../counts/statistics.js';
import { OUTCOMES, type Outcome } from '../../session.js';
import { formatCount, formatDuration, formatMoment } from '../../units.js';
import { countOfClass, MEANINGS } from '../outcomes.js';
import type { LabelledValue } from '../section.js';
import type { Summary } from '../summary.js';

/** What the first screen of a report answers: who stays logged in, who does not and why, how long the freeze is. */

/** Reasons that are named beside a number; the others are counted together. */
const NAMED_REASONS = 2;

/**
 * How many logins stay and how many do not. Sessions take the place of logins where the files of the application do not
 * tell them apart, and where a pass read only what had changed. Of a run that ended early nothing is said of people.
 *
 * @param tellsLogins whether the files of the application say which sessions are logins
 */
export function loginAnswers(summary: Summary, statistics: Statistics, tellsLogins: boolean): LabelledValue[] {
  const { dryRun, outcomes, ours } = summary;
  const would = dryRun ? 'would ' : '';
  const rejects = countOfClass(summary, 'reject');
  const unknown = {
    label: 'not known',
    value: formatCount(rejects),
    note: 'files that were rejected: nobody can say whose they are',
    tone: 'warn' as const,
  };
  const open = rejects === 0 ? [] : [unknown];
  if (summary.stopped !== undefined) {
    const moved = formatCount(countOfClass(summary, 'moved'));
    return [
      { label: 'moved so far', value: moved, note: `of ${formatCount(summary.listed)} entries that were seen` },
      ...open,
    ];
  }
  if ((outcomes.unchanged ?? 0) > 0) {
    const [sessions, what] =
      ours === undefined
        ? [(outcomes.unchanged ?? 0) + countOfClass(summary, 'moved'), 'sessions, unchanged or new']
        : [ours, 'sessions with a copy in Redis, of this and all earlier passes'];
    return [{ label: `${would}stay logged in`.trim(), value: formatCount(sessions), note: what }, ...open];
  }
  const skipped = OUTCOMES.flatMap(([outcome, of]): [Outcome, number][] =>
    of === 'skip' ? [[outcome, outcomes[outcome] ?? 0]] : [],
  );
  if (!tellsLogins) {
    const moved = countOfClass(summary, 'moved') + countOfClass(summary, 'kept');
    const note = 'sessions; which of them are logins the files do not say';
    const stay = { label: `${would}carry over`, value: formatCount(moved), note };
    return [stay, { label: `${would}stay behind`, ...reasonsOf(skipped) }, ...open];
  }
  const logins = statistics.census.cells.filter(({ sessionClass }) => sessionClass === 'login');
  const all = logins.reduce((sum, { count }) => sum + count, 0);
  const moving = logins.reduce((sum, cell) => sum + cell.moving, 0);
  const left = OUTCOMES.map(([outcome], code): [Outcome, number] => [outcome, statistics.loginsLeft[code] ?? 0]);
  return [
    {
      label: `${would}stay logged in`,
      value: formatCount(moving),
      note: `logins of ${formatCount(all)} that were read; one person may have several`,
    },
    { label: dryRun ? 'would have to log in again' : 'have to log in again', ...reasonsOf(left) },
    ...open,
  ];
}

/** The sum of these, and the most frequent of them in words. */
function reasonsOf(counts: readonly (readonly [Outcome, number])[]): { value: string; note?: string } {
  const occurred = counts.filter(([, count]) => count > 0).sort(([, a], [, b]) => b - a);
  const sum = occurred.reduce((total, [, count]) => total + count, 0);
  if (sum === 0) return { value: '0' };
  const [only] = occurred;
  if (only !== undefined && occurred.length === 1) return { value: formatCount(sum), note: MEANINGS[only[0]] };
  const parts = occurred
    .slice(0, NAMED_REASONS)
    .map(([outcome, count]) => `${formatCount(count)} ${MEANINGS[outcome]}`);
  const named = occurred.slice(0, NAMED_REASONS).reduce((total, [, count]) => total + count, 0);
  if (sum > named) parts.push(`${formatCount(sum - named)} for other reasons`);
  return { value: formatCount(sum), note: parts.join('; ') };
}

/** How long the freeze takes; nothing where that is not known. */
export function freezeAnswer(freezeMs: number | null | undefined): LabelledValue[] {
  if (typeof freezeMs !== 'number') return [];
  return [
    {
      label: 'freeze, at most',
      value: formatDuration(freezeMs),
      note: 'the last pass, while the application is stopped',
    },
  ];
}

/**
 * What this pass changed in Redis since the one before it.
 *
 * @param previousMs when that one started, epoch milliseconds; null where there was none
 */
export function passAnswer({ outcomes, deletes }: Summary, previousMs: number | null): LabelledValue[] {
  if (previousMs === null) return [];
  const { written = 0, updated = 0 } = outcomes;
  const value = `+${formatCount(written)} ~${formatCount(updated)} −${formatCount(deletes.deleted ?? 0)}`;
  const label = 'since the pass before';
  return [{ label, value, note: `new, changed, ended since ${formatMoment(previousMs)}` }];
}
