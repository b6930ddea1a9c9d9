import { describe, expect, it } from 'vitest';
import { cliffOf, Distances, evenSpans, spansOf } from '../../src/counts/time-histogram.js';
import { DAY, HOUR } from '../support/samples.js';

const MINUTE = 60_000;

function distancesOf(all: readonly number[]): Distances {
  const distances = new Distances();
  for (const distance of all) distances.add(distance);
  return distances;
}

const spread = (count: number, overMs: number, fromMs = 0) =>
  Array.from({ length: count }, (_, i) => fromMs + (i * overMs) / count);

describe('spans of time', () => {
  it('hold every session once, the last one all that is far away', () => {
    const distances = distancesOf([
      0,
      HOUR,
      2 * HOUR,
      3 * HOUR,
      DAY,
      3 * DAY,
      7 * DAY,
      14 * DAY,
      500 * DAY,
      5000 * DAY,
    ]);
    const spans = spansOf(distances);
    expect(spans.map(({ sessions }) => sessions)).toEqual([1, 2, 1, 1, 1, 1, 3]);
    expect(spans.at(-1)).toMatchObject({ fromHours: 336, toHours: null });
  });

  it('of equal length reach as far as they are asked to', () => {
    const spans = evenSpans(distancesOf(spread(100, 10 * DAY)), 12, 7);
    expect(spans).toHaveLength(14);
    expect(spans[0]).toEqual({ fromHours: 0, toHours: 12, sessions: 5 });
    expect(spans.reduce((sum, { sessions }) => sum + sessions, 0)).toBe(70);
  });
});

describe('a cliff', () => {
  it('is where a quarter and more of the sessions end within minutes', () => {
    const cliff = cliffOf(distancesOf([...spread(300, 5 * MINUTE, 2 * DAY), ...spread(700, 7 * DAY)]));
    expect(cliff?.sessions).toBeGreaterThanOrEqual(300);
    expect(cliff?.share).toBeCloseTo(0.3, 2);
    expect(Math.abs((cliff?.inMinutes ?? 0) - 2 * 24 * 60)).toBeLessThanOrEqual(10);
  });

  it('is none where sessions end one after another, nor among few', () => {
    expect(cliffOf(distancesOf(spread(5000, 7 * DAY)))).toBeNull();
    expect(cliffOf(distancesOf(spread(2000, 3 * HOUR)))).toBeNull();
    expect(cliffOf(distancesOf(spread(199, MINUTE)))).toBeNull();
    expect(cliffOf(distancesOf(spread(200, MINUTE)))).not.toBeNull();
  });

  it('is none among sessions that live for minutes, unless all but a few end at once', () => {
    const ends = distancesOf(spread(1000, 24 * MINUTE));
    expect(cliffOf(ends)).not.toBeNull();
    expect(cliffOf(ends, 24 * MINUTE)).toBeNull();
    expect(cliffOf(distancesOf(spread(1000, 5 * MINUTE)), 24 * MINUTE)).not.toBeNull();
  });
});
