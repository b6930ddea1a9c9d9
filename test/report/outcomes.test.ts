import { stripVTControlCharacters } from 'node:util';
import { describe, expect, it } from 'vitest';
import type { Example } from '../../src/counts/statistics.js';
import { EXIT } from '../../src/errors.js';
import type { RejectNote } from '../../src/intake/take-file.js';
import { type EndOfRun, MEANINGS, outcomesSection } from '../../src/report/outcomes.js';
import type { Note } from '../../src/report/section.js';
import type { Summary } from '../../src/report/summary.js';
import { renderText, type TextView } from '../../src/report/text.js';
import { styleFor } from '../../src/report/text-table.js';
import { codeOf, OUTCOMES } from '../../src/session.js';
import { summaryOf } from '../support/end-samples.js';

const note: RejectNote = {
  source: 1,
  path: 'ab/abcdefgh*',
  fingerprint: '0123456789ab',
  outcome: 'malformed',
  reason: 'the text ends in the middle',
  offset: 28,
};

function endOf(summary: Partial<Summary>, rest: Partial<EndOfRun> = {}): EndOfRun {
  return { summary: summaryOf(summary), examples: [], rejects: [], sources: ['/one', '/two'], advice: [], ...rest };
}

function renderEnd(end: EndOfRun, view: TextView = {}): string {
  return renderText({ sections: [outcomesSection(end)], notes: end.advice, exitCode: end.summary.exitCode }, view);
}

const step = (text: string): Note => ({ kind: 'next', text });

function examplesOf(known: Record<string, Example>): (Example | null)[] {
  return OUTCOMES.map(([outcome]) => known[outcome] ?? null);
}

describe('the end of a run in text', () => {
  it('lists what occurred by class, what it means, and ends with the exit code', () => {
    const outcomes = { written: 870, same: 10, kept: 1, expired: 1200, malformed: 8 };
    const pace = { sourceBytes: 2048, valueBytes: 1024, elapsedMs: 41_000, entriesPerSecond: 51 };
    const lines = renderEnd(endOf({ outcomes, listed: 2089, ...pace, exitCode: EXIT.rejects })).split('\n');
    expect(lines[0]).toMatch(/^ {2}moved +written +870 +now in Redis$/);
    expect(lines[1]).toMatch(/^ +same +10 +was there already, with the same value$/);
    expect(lines[2]).toMatch(/^ {2}kept +kept +1 +the key holds another value/);
    expect(lines[3]).toMatch(/^ {2}skipped +expired +1,200 +past its lifetime$/);
    expect(lines[4]).toMatch(/^ {2}rejected +malformed +8 +/);
    expect(lines[5]).toMatch(/^ {2}listed +2,089$/);
    expect(lines[6]).toContain('41 s, 51 entries/s, 2.00 KiB read, 1.00 KiB of values');
    expect(lines.slice(7)).toEqual(['', 'exit code 3: complete, but some files were rejected (they are listed)']);
  });

  it('gives rejects their reason, and what is normal a face where all is asked for', () => {
    const examples = examplesOf({
      written: { source: 0, path: 'never', fingerprint: 'shown' },
      expired: { source: 0, path: 'werkzeug_abcdefgh*.sess', fingerprint: 'ba9876543210' },
      foreign: { source: 1, path: 'README', fingerprint: '' },
      malformed: { source: 0, path: 'other', fingerprint: 'other' },
    });
    const outcomes = { written: 5, expired: 2, foreign: 1, malformed: 1002 };
    const end = endOf({ outcomes }, { examples, rejects: [note] });
    expect(renderEnd(end)).not.toMatch(/ba9876543210|README/);
    expect(renderEnd(end)).toContain('e.g. 0123456789ab  /two/ab/abcdefgh*');
    const lines = renderEnd(end, { isVerbose: true })
      .split('\n')
      .map((line) => line.trim());
    expect(lines).toContain('e.g. ba9876543210  /one/werkzeug_abcdefgh*.sess');
    expect(lines).toContain('e.g. /two/README');
    expect(lines).toContain('e.g. 0123456789ab  /two/ab/abcdefgh*: the text ends in the middle (byte 28)');
    expect(lines).toContain('and 1,001 more');
    expect(lines.filter((line) => line.startsWith('e.g.'))).toHaveLength(3);
  });

  it('says that a dry run would have written', () => {
    const text = renderEnd(endOf({ dryRun: true, outcomes: { written: 1 }, listed: 1 }));
    expect(text).toContain('would be written');
    expect(text).not.toContain('now in Redis');
  });

  it('tells of entries whose fate is open, of logouts, and of what held the run back', () => {
    expect(renderEnd(endOf({ unsettled: 1234 }))).toMatch(/open +1,234 +fate unknown: run again to settle/);
    expect(renderEnd(endOf({}))).not.toContain('open');
    expect(renderEnd(endOf({ deletes: { deleted: 7, kept: 1 } }))).toMatch(/ended +deleted +7 .*\n +kept +1 /);
    expect(renderEnd(endOf({ throttle: { reasons: { latency: 61_000 } } }))).toContain(
      'held back 1 min 1 s by latency',
    );
  });

  it('says what comes next', () => {
    expect(renderEnd(endOf({}, { advice: [step('do this'), step('then that')] }))).toContain(
      '\nnext\n  do this\n  then that\n',
    );
  });

  it('has the same words in colours and without', () => {
    const examples = examplesOf({ expired: { source: 0, path: 'x', fingerprint: 'y' } });
    const outcomes = { written: 1, expired: 1, malformed: 1 };
    const end = endOf({ outcomes, exitCode: EXIT.rejects }, { examples, rejects: [note], advice: [step('do this')] });
    const coloured = renderEnd(end, { style: styleFor(true) });
    expect(coloured).toContain('\x1b[31m');
    expect(stripVTControlCharacters(coloured)).toBe(renderEnd(end, { style: styleFor(false) }));
    expect(renderEnd(end)).not.toContain('\x1b');
  });

  it('knows a code for every outcome that it can show', () => {
    for (const [outcome] of OUTCOMES) {
      const text = renderEnd(endOf({ outcomes: { [outcome]: 77 } }));
      expect(text, outcome).toMatch(new RegExp(`${outcome} +77 `));
      expect(codeOf(outcome)).toBeGreaterThanOrEqual(0);
    }
  });
});

describe('the words for outcomes', () => {
  it('are there for every one of them', () => {
    for (const [outcome] of OUTCOMES) expect(MEANINGS[outcome], outcome).toMatch(/^[^A-Z\n].{5,60}$/);
  });
});
