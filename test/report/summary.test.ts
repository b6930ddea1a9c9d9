import { describe, expect, it } from 'vitest';
import { Statistics } from '../../src/counts/statistics.js';
import { Tally } from '../../src/counts/tally.js';
import { EXIT, OperatorError } from '../../src/errors.js';
import { summarize, summarizeFailure } from '../../src/report/summary.js';
import type { PassResult } from '../../src/run.js';
import { NOW } from '../support/samples.js';

function resultOf(chosen: Partial<PassResult> = {}): PassResult {
  const tally = new Tally();
  for (let i = 0; i < 3; i++) tally.addOne('written');
  tally.addOne('malformed');
  return {
    tally,
    statistics: new Statistics(NOW),
    deletes: { deleted: 0, kept: 0, absent: 0 },
    stopped: null,
    isTargetReplaced: false,
    heldBackMs: {},
    elapsedMs: 812.4,
    exitCode: EXIT.rejects,
    ...chosen,
  };
}

const title = { command: 'migrate', isDryRun: false, profile: 'camptocamp', isResumed: false } as const;

/** The fields that scripts rely on; more may come, none may go. */
const FIELDS = [
  ...[
    'type',
    'version',
    'command',
    'dryRun',
    'profile',
    'listed',
    'outcomes',
    'sourceBytes',
    'valueBytes',
    'elapsedMs',
  ],
  ...['entriesPerSecond', 'peakRssBytes', 'resumed', 'deletes', 'throttle', 'exitCode'],
];

describe('the summary', () => {
  it('has every field that is promised to scripts', () => {
    const summary = summarize(title, resultOf({ heldBackMs: { rate: 120 } }), EXIT.rejects);
    expect(Object.keys(summary)).toEqual(expect.arrayContaining(FIELDS));
    expect(summary).toMatchObject({
      type: 'summary',
      version: 1,
      command: 'migrate',
      dryRun: false,
      profile: 'camptocamp',
      listed: 4,
      outcomes: { written: 3, malformed: 1 },
      elapsedMs: 812,
      entriesPerSecond: 4.9,
      resumed: false,
      deletes: {},
      throttle: { reasons: { rate: 120 } },
      exitCode: 3,
    });
    expect(summary.peakRssBytes).toBeGreaterThan(10 * 2 ** 20);
    expect(summary).not.toHaveProperty('stopped');
  });

  it('survives JSON as it is', () => {
    const summary = summarize(title, resultOf(), EXIT.rejects);
    expect(JSON.parse(JSON.stringify(summary))).toEqual(summary);
  });

  it('of a run that took no time has a rate that is a number', () => {
    expect(summarize(title, resultOf({ elapsedMs: 0 }), EXIT.complete).entriesPerSecond).toBe(4000);
    expect(summarize(title, resultOf({ elapsedMs: 0, tally: new Tally() }), EXIT.complete).entriesPerSecond).toBe(0);
  });

  it('says why a run ended early, and with which code', () => {
    const stopped = new OperatorError(EXIT.temporary, 'the server is gone');
    const summary = summarize(title, resultOf({ stopped }), EXIT.temporary);
    expect(summary).toMatchObject({ stopped: 'the server is gone', exitCode: 5 });
  });

  it('of a command that failed before its first entry has the same fields', () => {
    const summary = summarizeFailure('migrate', true, EXIT.usage, '--to is missing');
    expect(Object.keys(summary)).toEqual(expect.arrayContaining(FIELDS));
    expect(summary).toMatchObject({ dryRun: true, listed: 0, outcomes: {}, exitCode: 2, stopped: '--to is missing' });
  });
});
