import { describe, expect, it } from 'vitest';
import { freezeAnswer, loginAnswers, passAnswer } from '../../../src/report/commands/answers.js';
import type { Summary } from '../../../src/report/summary.js';
import { summaryOf } from '../../support/end-samples.js';
import { statisticsOf } from '../../support/statistics-samples.js';

const statistics = statisticsOf([{ valueBytes: 1 }, { valueBytes: 1 }, {}, {}, { facts: { isAuthenticated: false } }]);
for (const cell of statistics.census.cells) {
  if (cell.sessionClass !== 'login') continue;
  statistics.stays(cell, 'expired');
  statistics.stays(cell, 'older');
}
for (const cell of statistics.census.cells) if (cell.sessionClass === 'anonymous') statistics.stays(cell, 'expired');
const outcomes = { written: 2, expired: 2, older: 1 };
const answers = (summary: Partial<Summary>, tellsLogins = true) =>
  loginAnswers(summaryOf({ listed: 5, outcomes, ...summary }), statistics, tellsLogins);

describe('the first screen', () => {
  it('says how many logins stay, how many do not and why, and of visitors nothing', () => {
    expect(answers({})).toEqual([
      expect.objectContaining({ label: 'stay logged in', value: '2', note: expect.stringContaining('logins of 4') }),
      {
        label: 'have to log in again',
        value: '2',
        note: '1 past its lifetime; 1 older than --max-age',
      },
    ]);
    expect(answers({ dryRun: true }).map(({ label }) => label)).toEqual([
      'would stay logged in',
      'would have to log in again',
    ]);
  });

  it('speaks of sessions where the files do not say which of them are logins', () => {
    expect(answers({}, false)).toEqual([
      expect.objectContaining({
        label: 'carry over',
        value: '2',
        note: expect.stringMatching(/^sessions; .*do not say$/),
      }),
      { label: 'stay behind', value: '3', note: '2 past its lifetime; 1 older than --max-age' },
    ]);
  });

  it('speaks of copies in Redis where a pass read only what had changed', () => {
    const [stay] = answers({ outcomes: { ...outcomes, unchanged: 90 }, ours: 92 });
    expect(stay).toMatchObject({ value: '92', note: expect.stringContaining('sessions with a copy in Redis') });
  });

  it('says what nobody knows, and claims nothing of people after a run that ended early', () => {
    const rejected = answers({ outcomes: { ...outcomes, malformed: 7 } }).at(-1);
    expect(rejected).toMatchObject({ label: 'not known', value: '7', tone: 'warn' });
    expect(answers({ stopped: 'interrupted' }).map(({ label }) => label)).toEqual(['moved so far']);
  });

  it('has the freeze and the changes of a pass only where they are known', () => {
    expect(freezeAnswer(7300)).toEqual([expect.objectContaining({ label: 'freeze, at most', value: '7.3 s' })]);
    expect([...freezeAnswer(null), ...passAnswer(summaryOf({}), null)]).toEqual([]);
    const changes = summaryOf({ outcomes: { written: 3, updated: 2 }, deletes: { deleted: 1 } });
    expect(passAnswer(changes, Date.now())).toMatchObject([{ value: '+3 ~2 −1' }]);
  });
});
