import { describe, expect, it } from 'vitest';
import { EXIT } from '../../src/exit-codes.js';
import type { RejectNote } from '../../src/lane/journey.js';
import { Statistics } from '../../src/lane/statistics.js';
import { type Summary, summarizeFailure } from '../../src/report/summary.js';
import { MEANINGS, renderRejects, renderRemaining, renderShapes, renderSummary, table } from '../../src/report/text.js';
import { OUTCOMES } from '../../src/session.js';
import { DAY, factsOf, HOUR, NOW } from '../samples.js';

function summaryOf(chosen: Partial<Summary>): Summary {
  const { stopped: _, ...empty } = summarizeFailure('migrate', false, EXIT.complete, '');
  return { ...empty, ...chosen };
}

const note: RejectNote = {
  source: 1,
  path: 'ab/abcdefgh*',
  fingerprint: '0123456789ab',
  outcome: 'malformed',
  reason: 'the text ends in the middle',
  offset: 28,
};

describe('a table', () => {
  it('aligns its columns and ends no line in spaces', () => {
    expect(
      table(
        [
          ['a', 'long cell', '1'],
          ['longer', 'b', '1,000'],
          ['c', ''],
        ],
        [2],
      ),
    ).toBe(['  a       long cell      1', '  longer  b          1,000', '  c'].join('\n'));
  });

  it('of nothing is nothing', () => {
    expect(table([])).toBe('');
  });
});

describe('the end of a run in text', () => {
  it('lists what occurred by class, and what it means', () => {
    const outcomes = { written: 870, same: 10, kept: 1, expired: 1200, malformed: 8 };
    const text = renderSummary(
      summaryOf({
        outcomes,
        listed: 2089,
        sourceBytes: 2048,
        valueBytes: 1024,
        elapsedMs: 41_000,
        entriesPerSecond: 51,
      }),
    );
    const lines = text.split('\n');
    expect(lines[0]).toMatch(/^ {2}moved +written +870 +now in Redis$/);
    expect(lines[1]).toMatch(/^ +same +10 +was there already, with the same value$/);
    expect(lines[2]).toMatch(/^ {2}kept +kept +1 +the key holds another value/);
    expect(lines[3]).toMatch(/^ {2}skipped +expired +1,200 +past its lifetime$/);
    expect(lines[4]).toMatch(/^ {2}rejected +malformed +8 +/);
    expect(lines[5]).toMatch(/^ {2}listed +2,089$/);
    expect(lines[6]).toContain('41 s, 51 entries/s, 2.00 KiB read, 1.00 KiB of values');
    expect(lines).toHaveLength(7);
  });

  it('says that a dry run would have written', () => {
    const text = renderSummary(summaryOf({ dryRun: true, outcomes: { written: 1 }, listed: 1 }));
    expect(text).toContain('would be written');
    expect(text).not.toContain('now in Redis');
  });

  it('tells of entries whose fate is open', () => {
    expect(renderSummary(summaryOf({ unsettled: 1234 }))).toMatch(/open +1,234 +fate unknown: run again to settle/);
    expect(renderSummary(summaryOf({}))).not.toContain('open');
  });

  it('has a meaning for every outcome', () => {
    for (const [outcome] of OUTCOMES) expect(MEANINGS[outcome], outcome).toMatch(/^[^A-Z\n].{5,60}$/);
  });
});

describe('rejects in text', () => {
  it('are listed with their path, reason and byte, and how many more there are', () => {
    const other = { ...note, source: 0, outcome: 'too-large', reason: 'larger than 5 bytes', offset: -1 } as const;
    const text = renderRejects([note, other], 1002, ['/one', '/two']);
    expect(text.split('\n')).toEqual([
      '  malformed  /two/ab/abcdefgh*  the text ends in the middle (byte 28)',
      '  too-large  /one/ab/abcdefgh*  larger than 5 bytes',
      '  and 1,000 more',
    ]);
    expect(renderRejects([note], 1, ['/one', '/two'])).not.toContain('more');
  });
});

describe('what a store is made of', () => {
  it('is told per generation of Odoo, the largest first', () => {
    const statistics = new Statistics(NOW);
    const json = factsOf({ isAuthenticated: true });
    const pickle = factsOf({ format: 'pickle' });
    for (const sids of ['hex40', 'urlsafe84', 'urlsafe86'] as const) statistics.parsed('hashed', sids, json, 100, NOW);
    statistics.parsed('hashed', 'hex40', pickle, 100, NOW);
    statistics.parsed('flat', 'urlsafe84', json, 100, NOW);
    for (let i = 0; i < 1500; i++) {
      statistics.moves(statistics.parsed('flat', 'hex40', pickle, 1024, NOW), 2048, HOUR);
    }
    const lines = renderShapes(statistics).split('\n');
    expect(lines).toHaveLength(7);
    expect(lines[1]).toMatch(/^ {2}flat +pickle +40 hex +Odoo 8 to 15 +1,500 +0 +1,500 +1.46 MiB +2.93 MiB$/);
    for (const [shape, odoo] of [
      ['hashed  json    40 hex', 'Odoo 17.2 to 17.4'],
      ['hashed  json    84 chars', 'Odoo 18, 19'],
      ['hashed  json    86 chars', 'after Odoo 19'],
      ['hashed  pickle  40 hex', 'Odoo 16, 17'],
      ['flat    json    84 chars', 'an upgrade in between'],
    ] as const) {
      expect(
        lines.find((line) => line.includes(shape)),
        shape,
      ).toContain(odoo);
    }
  });

  it('includes for how long its sessions will live', () => {
    const statistics = new Statistics(NOW);
    const shape = statistics.parsed('flat', 'hex40', factsOf(), 1, NOW);
    for (const left of [1, HOUR, DAY, 30 * DAY]) statistics.moves(shape, 1, left);
    expect(
      renderRemaining(statistics)
        .split('\n')
        .map((line) => line.trim().split(/ {2,}/)),
    ).toEqual([
      ['up to 1 h', '2'],
      ['up to 1 d', '1'],
      ['more than 7 d', '1'],
    ]);
  });
});
