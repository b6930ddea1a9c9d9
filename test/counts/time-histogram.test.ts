import { describe, expect, it } from 'vitest';
import { countFromDay, countWithin, Distances, densestWindow } from '../../src/counts/time-histogram.js';
import { DAY, HOUR } from '../support/samples.js';

const MINUTE = 60_000;

function distancesOf(all: readonly number[]): Distances {
  const distances = new Distances();
  for (const distance of all) distances.add(distance);
  return distances;
}

describe('distances in time', () => {
  it('are counted by the minute for two weeks and by the day after that', () => {
    const distances = distancesOf([-DAY, 0, MINUTE - 1, MINUTE, 14 * DAY - 1, 14 * DAY, 15 * DAY, 9000 * DAY, 8.64e15]);
    const filled = (cells: Uint32Array) => [...cells.entries()].filter(([, count]) => count > 0);
    expect(filled(distances.minutes)).toEqual([
      [0, 3],
      [1, 1],
      [14 * 24 * 60 - 1, 1],
    ]);
    expect(filled(distances.days)).toEqual([
      [0, 1],
      [1, 1],
      [400, 2],
    ]);
  });

  it('are summed between two bounds, and beyond one', () => {
    const distances = distancesOf([0, HOUR - 1, HOUR, 2 * HOUR, 13 * DAY, 20 * DAY, 30 * DAY]);
    expect(countWithin(distances, 0, 60)).toBe(2);
    expect(countWithin(distances, 60, 180)).toBe(2);
    expect(countFromDay(distances, 14)).toBe(2);
    expect(countFromDay(distances, 21)).toBe(1);
  });

  it('show where most of them lie together', () => {
    const together = Array.from({ length: 50 }, (_, n) => 3 * DAY + (n % 8) * MINUTE);
    const spread = Array.from({ length: 40 }, (_, n) => n * HOUR);
    const { count, total, startMinute } = densestWindow(distancesOf([...together, ...spread, 40 * DAY]), 10);
    expect([count, total]).toEqual([50, 91]);
    expect(startMinute).toBeGreaterThanOrEqual(3 * 24 * 60 - 9);
    expect(startMinute).toBeLessThanOrEqual(3 * 24 * 60);
  });
});
