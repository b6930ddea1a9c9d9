import { describe, expect, it } from 'vitest';
import { EXIT } from '../../src/errors.js';
import type { PassNote } from '../../src/ledger/facts.js';
import { adviceFor, type Situation, stageOf } from '../../src/report/advice.js';
import { noteSentence } from '../../src/report/section.js';
import type { Summary } from '../../src/report/summary.js';
import { summaryOf } from '../support/end-samples.js';

function adviceOf(summary: Partial<Summary>, rest: Partial<Situation> = {}): string[] {
  const list = '/state/rejects.jsonl';
  const advice = adviceFor({
    summary: summaryOf(summary),
    application: 'Odoo',
    reader: 'module',
    sources: ['/s'],
    target: 'redis://r:6379/0',
    rejectList: list,
    ...rest,
  });
  return advice.map(noteSentence);
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
    [EXIT.temporary, /run the same line again$/],
    [EXIT.limit, /^the same line goes on from here/],
  ])('after exit code %s is that line again, and nothing of a cut-over', (exitCode, sentence) => {
    const stopped = 'stopped after 5 entries, as --limit says; there are more';
    const advice = adviceOf({ listed: 5, outcomes: { written: 5 }, exitCode, stopped });
    expect(advice).toEqual([expect.stringMatching(sentence)]);
  });

  it('after a limit that nobody set for the run is left to the sentence that ended it', () => {
    const stopped = '/s is not the directory that it was: nothing was deleted; check that the store is mounted';
    expect(adviceOf({ listed: 5, exitCode: EXIT.limit, stopped })).toEqual([]);
  });

  it('after a signal is said by the run itself, once', () => {
    for (const exitCode of [EXIT.interrupted, EXIT.terminated, EXIT.hungUp])
      expect(adviceOf({ listed: 5, outcomes: { written: 5 }, exitCode })).toEqual([]);
  });

  it('leads from the final pass to the switch, and not round in a circle', () => {
    const final = (summary: Partial<Summary>) => adviceOf({ listed: 5, ...summary }, { stage: 'final' });
    expect(final({ command: 'sync' })).toEqual([
      'check it, with Odoo stopped: sess2redis verify /s --to redis://r:6379/0',
      'then start Odoo with its Redis module, and say so: sess2redis sync /s --to redis://r:6379/0 --cutover-done',
    ]);
    expect(final({ command: 'verify' })).toEqual([expect.stringMatching(/^then start Odoo .*--cutover-done$/)]);
    expect(final({ command: 'verify', exitCode: EXIT.different })[0]).toMatch(
      /sync .* --final --repair, which leaves what is not written by us, then verify/,
    );
  });

  it('is nothing of a cutover once it is over', () => {
    const outcomes = { kept: 5, written: 1 };
    for (const command of ['migrate', 'sync', 'verify'])
      expect(adviceOf({ command, listed: 6, outcomes }, { stage: 'switched' }), command).toEqual([]);
    expect(adviceOf({ command: 'sync', listed: 0 }, { stage: 'switched' })).toEqual([]);
    const different = adviceOf({ command: 'verify', exitCode: EXIT.different }, { stage: 'switched' });
    expect(different).toEqual([expect.stringMatching(/^Odoo runs on Redis, .*explain/)]);
    expect(different[0]).not.toMatch(/sync|switch:/);
  });

  it('asks for the password that stood in the URL, where a line is to be typed', () => {
    const rest = { isPasswordLeftOut: true } as const;
    expect(adviceOf({ listed: 5, outcomes: { written: 5 } }, rest).at(-1)).toMatch(
      /--password-file or SESS2REDIS_PASSWORD$/,
    );
    expect(adviceOf({ exitCode: EXIT.limit, stopped: 'stopped, as --limit says' }, rest)).toHaveLength(1);
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

describe('the stage of the cutover', () => {
  const pass = (rest: Partial<PassNote>): PassNote => ({
    ...{ command: 'sync', startedMs: 1, elapsedMs: 1, isFull: true, listed: 1, outcomes: {}, deletes: {}, exitCode: 0 },
    ...rest,
  });

  it.each<[string, PassNote[], boolean, string]>([
    ['nothing is on record', [], false, 'before'],
    ['the last pass was the final one', [pass({}), pass({ isFinal: true, exitCode: EXIT.rejects })], false, 'final'],
    ['the final pass was not complete', [pass({}), pass({ isFinal: true, exitCode: EXIT.temporary })], false, 'before'],
    ['a pass came after it', [pass({ isFinal: true }), pass({})], false, 'before'],
    ['one was cut short after it', [pass({ isFinal: true }), pass({ exitCode: EXIT.interrupted })], false, 'final'],
    ['Odoo runs on Redis', [pass({ isFinal: true })], true, 'switched'],
  ])('follows from the record: %s', (_, passes, isCutoverDone, stage) => {
    expect(stageOf(passes, isCutoverDone)).toBe(stage);
  });

  it('speaks of another application without its name', () => {
    const advice = adviceOf(
      { listed: 5, outcomes: { written: 5 } },
      { application: 'the application', reader: 'settings' },
    );
    expect(advice[1]).toMatch(
      /^then cut over: stop the application, .*and start the application with its Redis settings$/,
    );
  });
});
