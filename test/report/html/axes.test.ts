import { describe, expect, it } from 'vitest';
import { roundEnd, ticksOf } from '../../../src/report/html/axes.js';
import { renderFigure } from '../../../src/report/html/figures.js';

const labels = (...[unit, from, to, most]: Parameters<typeof ticksOf>) =>
  ticksOf(unit, from, to, most).map(({ label }) => label.join(' '));

describe('the ticks of an axis', () => {
  it('stand at round values of their unit, and never more than have room', () => {
    expect(labels('count', 0, 27_500, 4)).toEqual(['0', '10 k', '20 k']);
    expect(labels('count', 0, 3, 10)).toEqual(['0', '1', '2', '3']);
    expect(labels('bytes', 0, 300 * 2 ** 20, 4)).toEqual(['0 B', '128 MiB', '256 MiB']);
    expect(labels('ms', 0, 23_000, 6)).toEqual(['0', '5 s', '10 s', '15 s', '20 s']);
    expect(labels('hours', 0, 168, 8)).toEqual(['0', '1 d', '2 d', '3 d', '4 d', '5 d', '6 d', '7 d']);
    for (const most of [1, 2, 3, 7, 20]) {
      for (const to of [1, 9, 10, 11, 12_345, 8e6])
        expect(ticksOf('count', 0, to, most).length, `${to}`).toBeLessThanOrEqual(most + 1);
    }
  });

  it('of moments stand at hours of the local clock, and name the date where it changes', () => {
    const from = new Date(2026, 10, 27, 21, 30).getTime();
    const to = new Date(2026, 10, 28, 13, 0).getTime();
    expect(labels('moment', from, to, 6)).toEqual(['00:00 28 Nov', '03:00', '06:00', '09:00', '12:00']);
    expect(labels('moment', from, to + 6 * 86_400_000, 4).every((label) => label.startsWith('00:00'))).toBe(true);
  });

  it('end where the largest value has room', () => {
    expect([roundEnd('count', 27_500, 4), roundEnd('bytes', 300, 4), roundEnd('count', 1, 4)]).toEqual([
      30_000, 384, 1,
    ]);
  });
});

describe('a picture', () => {
  it('has the largest bar first, with its value, and a bar that can be seen for the smallest', () => {
    const bars = [
      { name: 'few', value: 1 },
      { name: 'many', value: 1_000_000 },
    ];
    const html = renderFigure({ kind: 'bars', title: 't', unit: 'count', axis: 'entries', bars });
    const texts = [...html.matchAll(/<text[^>]*>([^<]*)</g)].map(([, text]) => text);
    expect(texts.slice(0, 5)).toEqual(['entries', 'many', '1,000,000', 'few', '1']);
    for (const [, width] of html.matchAll(/<rect[^>]* width="([\d.]+)"/g)) expect(Number(width)).toBeGreaterThan(1);
  });

  it('has bins of one width, and both axes say what they count', () => {
    const bins = [0, 1, 2].map((i) => ({ from: i * 100, to: (i + 1) * 100, count: i + 1 }));
    const [wide = ''] = renderFigure({
      ...{ kind: 'histogram', title: 't', unit: 'bytes', axis: 'size', valueAxis: 'sessions', bins },
    }).split('</div>');
    expect(
      new Set([...wide.matchAll(/<rect[^>]* width="([\d.]+)"/g)].map(([, width]) => Math.round(Number(width)))).size,
    ).toBe(1);
    expect(wide).toContain('>sessions<');
    expect(wide).toContain('>size<');
    expect(wide).toContain('<title>0 B to 100 B: 1 sessions</title>');
  });

  it('of nothing is still a picture, without a number that is none', () => {
    const lines = [{ name: 'n', points: [[0, 0]] as [number, number][] }];
    const html = renderFigure({
      ...{ kind: 'lines', title: 't', unit: 'ms', valueUnit: 'bytes', axis: 'time', valueAxis: 'memory', lines },
    });
    expect(html).not.toMatch(/NaN|Infinity/);
  });
});
