import { describe, expect, it } from 'vitest';
import { fitLine } from '../../src/bench/memory.js';

describe('a line through points', () => {
  it.each([
    [
      [
        [0, 5],
        [1, 7],
      ],
      2,
      5,
      1,
    ],
    [
      [
        [1, 1],
        [2, 2],
        [3, 3],
      ],
      1,
      0,
      1,
    ],
    [
      [
        [0, 9],
        [10, 4],
      ],
      -0.5,
      9,
      1,
    ],
    // By hand: means 2 and 11/3; xx 2, xy 5, yy 38/3.
    [
      [
        [1, 1],
        [2, 4],
        [3, 6],
      ],
      2.5,
      -4 / 3,
      75 / 76,
    ],
    // No slope to explain anything by.
    [
      [
        [1, 2],
        [2, 4],
        [3, 2],
      ],
      0,
      8 / 3,
      0,
    ],
    [
      [
        [1, 3],
        [2, 3],
      ],
      0,
      3,
      1,
    ],
  ] as [[number, number][], number, number, number][])(
    'through %j has slope %f, intercept %f, R2 %f',
    (points, ...line) => {
      const { slope, intercept, r2 } = fitLine(points) ?? { slope: 0, intercept: 0, r2: 0 };
      for (const [i, value] of [slope, intercept, r2].entries()) expect(value).toBeCloseTo(line[i] as number, 10);
    },
  );

  it('loses nothing to large numbers', () => {
    const points = [1e5, 1e6, 8e6].map((x): [number, number] => [x, 2 ** 40 + 645 * x]);
    const line = fitLine(points);
    expect(line?.slope).toBeCloseTo(645, 6);
    expect(line?.intercept).toBeCloseTo(2 ** 40, 0);
    expect(line?.r2).toBeCloseTo(1, 12);
  });

  it.each([
    [[]],
    [[[3, 4]]],
    [
      [
        [3, 4],
        [3, 5],
      ],
    ],
  ] as [[number, number][]][])('is none through %j', (points) => {
    expect(fitLine(points)).toBeNull();
  });
});
