import { describe, expect, it } from 'vitest';
import { columnsOf, type Section } from '../../src/report/section.js';
import { renderText } from '../../src/report/text.js';
import { brokenCommand, hangingLines, recordTable, styleFor, table } from '../../src/report/text-table.js';

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
    const figure = { kind: 'bars', title: '', unit: 'count', axis: 'x', bars: [] } as const;
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
    expect(renderText({ sections: [], notes: [], exitCode: 0 }, { style: styleFor(true) })).toBe(
      '\x1b[32mexit code 0: complete\x1b[39m',
    );
  });
});

describe('on a terminal', () => {
  const screen = { columns: 40, rows: 12 };

  it('sentences are broken at spaces, further lines stand further in, and a long word stays whole', () => {
    expect(hangingLines('  one two three four', 12, '  ')).toBe('  one two\n    three\n    four');
    expect(hangingLines('a /a/path/that/is/longer b', 10, '')).toBe('a\n/a/path/that/is/longer\nb');
  });

  it('tables are as wide as it is, and break texts, not numbers', () => {
    const rows = [['name of a thing', '1,234,567', 'what it means in many words of a sentence']];
    const lines = table(rows, [1], undefined, 60).split('\n');
    expect(Math.max(...lines.map(({ length }) => length))).toBeLessThanOrEqual(60);
    expect(lines.length).toBeGreaterThan(1);
    expect(lines[0]).toContain('1,234,567');
  });

  it('a command that is too long is broken before its options, so that it can be pasted', () => {
    const command = ['sess2redis', 'verify', '/a', '--to', "'redis://h?a --b'", '--state-dir', '/state'];
    expect(brokenCommand(command, 36, '  ')).toBe(
      "sess2redis verify /a \\\n  --to 'redis://h?a --b' \\\n  --state-dir /state",
    );
    const notes = [{ kind: 'next', text: 'stop it,', command, after: ', and start it' }] as const;
    expect(renderText({ sections: [], notes }, { screen })).toBe(
      [
        'next',
        '  stop it,',
        '    sess2redis verify /a \\',
        "      --to 'redis://h?a --b' \\",
        '      --state-dir /state',
        '  and start it',
      ].join('\n'),
    );
    expect(renderText({ sections: [], notes })).toContain(`  stop it, ${command.join(' ')}, and start it`);
  });

  it('outcomes of one class share a row where the result would not fit, none is lost, and --verbose has them all', () => {
    const names = Array.from({ length: 12 }, (_, i) => `name${i}`);
    const rows = [['written', 'moved', 7, 'now in Redis'], ...names.map((name, i) => [name, 'skipped', i + 1, 'why'])];
    const columns = columnsOf({ Outcome: 'text', Class: { role: 'group' }, Entries: 'count', Meaning: 'text' });
    const section: Section = { title: '', textTitle: '', isResult: true, table: { isHeadless: true, columns, rows } };
    const text = (view: object) => renderText({ sections: [section], notes: [], exitCode: 0 }, view);
    const short = text({ screen });
    expect(short.split('\n').length).toBeLessThan(12);
    expect(short).toMatch(/^ {2}moved +written +7 +now in Redis$/m);
    expect(short).toMatch(/^ {2}skipped +78 +name11 12,/m);
    for (const [i, name] of names.entries()) expect(short.replace(/\s+/g, ' ')).toContain(`${name} ${i + 1}`);
    expect(text({ screen, isVerbose: true }).split('\n').length).toBeGreaterThan(12);
    expect(text({ screen: { columns: 80, rows: 24 } })).toMatch(/name0 +1 +why/);
  });
});

it('a table of records has a column per function', () => {
  expect(recordTable([{ n: 1 }, { n: 10 }], { number: ({ n }) => String(n), sign: () => '+' }, [0])).toBe(
    ['  number  sign', '       1  +', '      10  +'].join('\n'),
  );
});
