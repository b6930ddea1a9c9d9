import { describe, expect, it } from 'vitest';
import { EXIT } from '../../src/exit-codes.js';
import { adviceFor, type Situation } from '../../src/report/advice.js';
import type { Summary } from '../../src/report/summary.js';
import { summaryOf } from './end-samples.js';

function adviceOf(summary: Partial<Summary>, rest: Partial<Situation> = {}): string[] {
  const list = '/state/rejects.jsonl';
  return adviceFor({
    summary: summaryOf(summary),
    sources: ['/s'],
    target: 'redis://r:6379/0',
    rejectList: list,
    ...rest,
  });
}

describe('what to do next', () => {
  it('after a clean migration is to verify and then to cut over, with lines that can be typed', () => {
    const advice = adviceOf({ listed: 5, outcomes: { written: 5 } }, { sources: ['/s', "/it's here"] });
    expect(advice).toEqual([
      `check it: sess2redis verify /s '/it'\\''s here' --to redis://r:6379/0`,
      `then cut over: stop Odoo, sess2redis sync /s '/it'\\''s here' --to redis://r:6379/0 --final, and start Odoo with its Redis module`,
    ]);
  });

  it('after rejects is to look into the list', () => {
    const advice = adviceOf({
      listed: 5,
      outcomes: { written: 2, malformed: 2, unreadable: 1 },
      exitCode: EXIT.rejects,
    });
    expect(advice[0]).toMatch(/^3 rejected: see \/state\/rejects\.jsonl, .*sess2redis explain/);
    expect(advice[1]).toMatch(/^check it: /);
    expect(adviceOf({ listed: 1, outcomes: { malformed: 1 } }, { rejectList: null })[0]).toContain('the examples');
  });

  it.each([
    [EXIT.interrupted, /^run the same line again/],
    [EXIT.terminated, /^run the same line again/],
    [EXIT.temporary, /run the same line again$/],
    [EXIT.limit, /^the same line goes on from here/],
  ])('after exit code %s is that line again, and nothing of a cut-over', (exitCode, sentence) => {
    const advice = adviceOf({ listed: 5, outcomes: { written: 5 }, exitCode });
    expect(advice).toEqual([expect.stringMatching(sentence)]);
  });

  it('of open entries is to settle them', () => {
    expect(adviceOf({ listed: 5, unsettled: 2, exitCode: EXIT.unexpected })).toEqual([
      expect.stringContaining('settles what is open'),
    ]);
  });

  it('after a rehearsal is the real thing, and after an audit the rehearsal', () => {
    expect(adviceOf({ listed: 5, outcomes: { written: 5 }, dryRun: true })[0]).toContain('without --dry-run');
    expect(adviceOf({ command: 'audit', listed: 5, dryRun: true }, { target: null })[0]).toBe(
      'rehearse it: sess2redis migrate /s --to <url> --dry-run',
    );
  });

  it('of an empty directory is to doubt it', () => {
    expect(adviceOf({ listed: 0 })[0]).toMatch(/^nothing is in there/);
  });
});
