import { describe, expect, it } from 'vitest';
import { MEANINGS, table } from '../../src/report/text.js';
import { OUTCOMES } from '../../src/session.js';

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

describe('the words for outcomes', () => {
  it('are there for every one of them', () => {
    for (const [outcome] of OUTCOMES) expect(MEANINGS[outcome], outcome).toMatch(/^[^A-Z\n].{5,60}$/);
  });
});
