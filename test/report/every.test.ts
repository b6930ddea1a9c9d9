import { describe, expect, it } from 'vitest';
import { EXIT } from '../../src/errors.js';
import { PassDiary } from '../../src/report/every.js';
import type { Summary } from '../../src/report/summary.js';
import { summaryOf } from '../support/end-samples.js';

const at = (hours: number, minutes: number, seconds: number, day = 27) =>
  new Date(2026, 10, day, hours, minutes, seconds).getTime();
const passOf = (summary: Partial<Summary>, endedMs = at(23, 5, 10), warnings: string[] = []) => ({
  summary: summaryOf(summary),
  warnings,
  endedMs,
  nextMs: endedMs + 10_000,
});

describe('passes that follow one another', () => {
  it('are a dated line each, with what was new, changed and ended, and when the next one begins', () => {
    const diary = new PassDiary();
    expect(diary.take(passOf({ outcomes: { written: 1 } }))).toMatchObject({ isNew: true });
    const outcomes = { written: 1329, updated: 165, unchanged: 9 };
    const pass = passOf({ outcomes, deletes: { deleted: 129, kept: 1 }, elapsedMs: 1400, freezeEstimateMs: 7300 });
    expect(diary.take(pass)).toEqual({
      lines: ['23:05:10 #2  +1,329 ~165 -129  1.4 s  freeze 7.3 s  next 23:05:20'],
      isNew: false,
      warnings: [],
    });
  });

  it('have the date on a line of its own, first and after midnight', () => {
    const diary = new PassDiary();
    expect(diary.take(passOf({})).lines).toHaveLength(2);
    expect(diary.take(passOf({})).lines).toHaveLength(1);
    expect(diary.take(passOf({}, at(0, 0, 1, 28))).lines).toEqual([
      '2026-11-28',
      '00:00:01 #3  +0 ~0 -0  0.0 s  next 00:00:11',
    ]);
  });

  it('are told in full where something is new: a warning, more rejects, another exit code, an early end', () => {
    const isNew = (diary: PassDiary, ...[summary, warnings]: [Partial<Summary>, string[]?]) =>
      diary.take(passOf(summary, at(1, 1, 1), warnings)).isNew;
    const diary = new PassDiary();
    isNew(diary, {}, ['3 entries are foreign']);
    expect(isNew(diary, {}, ['4 entries are foreign'])).toBe(false);
    expect(diary.take(passOf({}, at(1, 1, 1), ['4 entries are foreign', 'another'])).warnings).toEqual(['another']);
    const rejects = { exitCode: EXIT.rejects, outcomes: { malformed: 2 } };
    expect(isNew(diary, rejects)).toBe(true);
    expect(isNew(diary, rejects)).toBe(false);
    expect(isNew(diary, { ...rejects, outcomes: { malformed: 3 } })).toBe(true);
    expect(isNew(diary, { exitCode: EXIT.temporary, stopped: 'gone' })).toBe(true);
    expect(diary.take(passOf({ exitCode: EXIT.temporary })).lines.at(-1)).toContain('  exit code 5  next ');
    expect(diary.take(passOf({ exitCode: EXIT.interrupted })).lines.at(-1)).not.toContain('next');
  });
});
