import { describe, expect, it } from 'vitest';
import { columnsOf, type Section } from '../../src/report/section.js';
import { recordTable, renderText, styleFor, table } from '../../src/report/text.js';

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

const textOf = (...sections: Section[]) => renderText({ sections, notes: [] });

describe('a report as text', () => {
  const columns = columnsOf({ Name: 'text', 'In Redis': 'bytes', Hidden: { only: 'page' } });

  it('has titles and quantities with their units, and leaves out what only a page can show', () => {
    const table = { columns, rows: [['a', 2048, 'x']] };
    const figure = { kind: 'bars', title: '', unit: 'count', bars: [] } as const;
    const lines = ['a line', [{ text: 'go', tone: 'good' }, ': well']] as const;
    expect(textOf({ title: 'Memory', lead: 'Only on the page.', table, lines }, { title: 'A chart', figure })).toBe(
      ['memory', '  name  in Redis', '  a     2.00 KiB', '  a line', '  go: well'].join('\n'),
    );
    expect(textOf({ title: 'Memory', only: 'page', table })).toBe('');
  });

  it('makes one table of neighbours with the same title, and names what each row came from', () => {
    const section = (what: string, names: string[]): Section => ({
      title: what,
      textTitle: 'all',
      table: { columns: columnsOf({ [what]: 'text', Count: 'count' }), rows: names.map((name, i) => [name, i * 1000]) },
    });
    expect(textOf(section('Odoo', ['8', '19']), section('Store', ['/s']))).toBe(
      ['all', '             count', '  Odoo   8       0', '         19  1,000', '  store  /s      0'].join('\n'),
    );
  });

  it('shows a group where it changes, examples below their row, and totals without titles', () => {
    const table = {
      isHeadless: true,
      columns: columnsOf({ What: 'text', Group: { role: 'group' }, Count: 'count', Example: { role: 'examples' } }),
      rows: [
        ['a', 'one', 2, { examples: ['x', 'y'], more: 1000 }],
        ['b', 'one', 1, null],
      ],
      totals: [['', 'all', 3]],
    };
    const lines = textOf({ title: '', table }).split('\n');
    expect(lines.map((line) => line.trim().split(/ {2,}/))).toEqual([
      ['one', 'a', '2'],
      ['e.g. x'],
      ['e.g. y'],
      ['and 1,000 more'],
      ['b', '1'],
      ['all', '3'],
    ]);
  });

  it('ends with what to do next and the exit code, in its colour', () => {
    const notes = [
      { kind: 'warning', text: 'not here' },
      { kind: 'next', text: 'do this' },
    ] as const;
    expect(renderText({ sections: [], notes, exitCode: 0 })).toBe('next\n  do this\n\nexit code 0: complete');
    expect(renderText({ sections: [], notes: [], exitCode: 0 }, styleFor(true))).toBe(
      '\x1b[32mexit code 0: complete\x1b[39m',
    );
  });
});

it('a table of records has a column per function', () => {
  expect(recordTable([{ n: 1 }, { n: 10 }], { number: ({ n }) => String(n), sign: () => '+' }, [0])).toBe(
    ['  number  sign', '       1  +', '      10  +'].join('\n'),
  );
});
