import { describe, expect, it } from 'vitest';
import { escapeHtml, tickIn } from '../../../src/report/html/markup.js';
import { renderPage } from '../../../src/report/html/page.js';
import { renderTable, tableOf } from '../../../src/report/html/tables.js';
import { type Figure, formatIn, type RunReport } from '../../../src/report/section.js';
import { NOW } from '../../support/samples.js';

const EVIL = '</title><script>alert(1)</script>"\'&\x1b';

const figures: Figure[] = [
  { kind: 'bars', title: EVIL, unit: 'count', axis: EVIL, bars: [{ name: EVIL, value: 5 }] },
  {
    kind: 'histogram',
    title: EVIL,
    unit: 'hours',
    axis: EVIL,
    valueAxis: EVIL,
    bins: [
      { from: 0, to: 24, count: 3 },
      { from: 24, to: 48, count: 0 },
    ],
  },
  {
    kind: 'histogram',
    title: EVIL,
    unit: 'bytes',
    axis: EVIL,
    valueAxis: EVIL,
    bins: [{ from: 256, to: 320, count: 3 }],
  },
  {
    kind: 'lines',
    title: EVIL,
    axis: EVIL,
    unit: 'ms',
    valueUnit: 'bytes',
    valueAxis: EVIL,
    lines: [
      {
        name: EVIL,
        points: [
          [0, 1],
          [1000, 2],
        ],
      },
      {
        name: 'b',
        points: [
          [0, 3],
          [1000, 4],
        ],
      },
    ],
    shaded: [{ from: 0, to: 500 }],
    shadedName: EVIL,
  },
];

function reportOf(chosen: Partial<RunReport> = {}): RunReport {
  return {
    command: 'migrate',
    subject: [{ label: EVIL, value: EVIL }],
    startedMs: NOW,
    verdict: { tone: 'good', headline: EVIL, sentences: [EVIL] },
    notes: [{ kind: 'warning', text: EVIL }],
    facts: [{ label: EVIL, value: EVIL }],
    sections: figures.map((figure) => ({ title: EVIL, lead: EVIL, figure })),
    ...chosen,
  };
}

describe('a page', () => {
  it('takes no text for markup, wherever it stands', () => {
    const html = renderPage(reportOf());
    expect(html.match(/<script/g)).toHaveLength(1);
    expect(html).not.toContain('alert(1)</script>');
    expect(html).not.toContain('\x1b');
    expect(html.match(/&lt;script&gt;alert\(1\)/g)?.length).toBeGreaterThan(12);
  });

  it('of nothing but a verdict is a page, too', () => {
    const html = renderPage(reportOf({ subject: [], notes: [], facts: [], sections: [] }));
    expect(html).toMatch(/^<!doctype html>[\s\S]*<\/html>\n$/);
    expect(html).not.toMatch(/<dl|<ul|<section/);
  });

  it('has each picture in two widths, with a name and no rules of its own', () => {
    const html = renderPage(
      reportOf({ sections: figures.map((figure) => ({ title: 'x', figure: { ...figure, title: 'Named' } })) }),
    );
    expect(html.match(/<svg /g)).toHaveLength(2 * figures.length);
    expect(html.match(/<div [^>]*role="img" aria-label="Named"><svg /g)).toHaveLength(2 * figures.length);
    expect(html.match(/<style/g)).toHaveLength(1);
    expect(html).not.toContain('NaN');
  });

  it('shows the numbers of a picture, folded unless a table stands beside it', () => {
    const [figure] = figures as [Figure];
    expect(renderPage(reportOf({ sections: [{ title: 'x', figure }] }))).toContain('<summary>The numbers</summary>');
    const table = { columns: [{ title: 'a' }], rows: [['b']] };
    expect(renderPage(reportOf({ sections: [{ title: 'x', figure, table }] }))).not.toContain('<summary>');
  });
});

describe('a table', () => {
  it('keeps numbers as they are beside how they are shown, and says where there is none', () => {
    const html = renderTable(
      {
        columns: [{ title: 'a' }, { title: 'b', unit: 'bytes' }],
        rows: [
          ['x', 2048],
          [null, null],
        ],
      },
      'c',
    );
    expect(html).toContain('<th scope="row">x</th><td class="number" data-value="2048">2.00 KiB</td>');
    expect(html).toContain('<th scope="row">–</th><td class="number">–</td>');
  });

  it('of a line is bounded, and reaches its end', () => {
    const points = Array.from({ length: 600 }, (_, i): [number, number] => [i, i * 2]);
    const table = tableOf({
      kind: 'lines',
      title: '',
      axis: 't',
      unit: 'ms',
      valueUnit: 'count',
      valueAxis: 'v',
      lines: [{ name: 'n', points }],
    });
    expect(table.rows.length).toBeLessThanOrEqual(42);
    expect(table.rows[0]).toEqual([0, 0]);
    expect(table.rows.at(-1)).toEqual([599, 1198]);
  });
});

describe('text in a page', () => {
  it('has no character left that means something', () => {
    expect(escapeHtml(`<a b="c" d='e'>&\x00\x07\n`)).toBe(
      '&lt;a b=&quot;c&quot; d=&#39;e&#39;&gt;&amp;\ufffd\ufffd\ufffd',
    );
  });

  it('gives quantities their unit, shorter at an axis', () => {
    expect([formatIn('count', 12_345), formatIn('bytes', 2048), formatIn('hours', 36), formatIn('ms', 61_000)]).toEqual(
      ['12,345', '2.00 KiB', '1 d 12 h', '1 min 1 s'],
    );
    expect([
      tickIn('count', 12_345),
      tickIn('count', 2e6),
      tickIn('count', 7),
      tickIn('bytes', 2048),
      tickIn('ms', 2000),
      tickIn('hours', 0),
    ]).toEqual(['12.35 k', '2 M', '7', '2 KiB', '2 s', '0']);
  });
});
