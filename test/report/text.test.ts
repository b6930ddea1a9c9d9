import { describe, expect, it } from 'vitest';
import { table } from '../../src/report/text.js';

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
