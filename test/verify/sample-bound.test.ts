import { describe, expect, it } from 'vitest';
import { upperBound } from '../../src/verify/sample.js';

/** The chance of at most `count` of `trials`, by the definition, in exact integers where the probability is a fraction. */
function chanceOfAtMost(count: number, trials: number, probability: number): number {
  let sum = 0;
  for (let i = 0; i <= count; i++) {
    let chance = 1;
    for (let j = 0; j < i; j++) chance *= ((trials - j) / (i - j)) * probability;
    sum += chance * (1 - probability) ** (trials - i);
  }
  return sum;
}

describe('the bound that a sample gives', () => {
  it('is near three in n where none differs', () => {
    expect(upperBound(0, 3000)).toBeCloseTo(0.000998, 6);
    expect(upperBound(0, 300)).toBeCloseTo(0.009936, 6);
    expect(upperBound(0, 1)).toBeCloseTo(0.95, 12);
  });

  // Clopper and Pearson's one-sided limits, as statistical tables have them.
  it.each([
    [1, 100, 0.04656],
    [5, 100, 0.102253],
    [1, 10, 0.394163],
    [5, 10, 0.777559],
    [9, 10, 0.994884],
  ])('is exact: %d of %d gives %d', (different, compared, bound) => {
    expect(upperBound(different, compared)).toBeCloseTo(bound, 4);
  });

  it.each([
    [1, 50],
    [3, 200],
    [20, 60],
    [50, 100],
  ])('is the share at which %d of %d or fewer would be a surprise of 5 %%', (different, compared) => {
    expect(chanceOfAtMost(different, compared, upperBound(different, compared))).toBeCloseTo(0.05, 9);
  });

  it('is one where all differ, and no number where nothing was compared', () => {
    expect(upperBound(10, 10)).toBe(1);
    expect(upperBound(0, 0)).toBeNaN();
  });

  it('grows with what differs, and stays a share for samples of any size', () => {
    let last = 0;
    for (const different of [0, 1, 10, 1000, 100_000, 999_999]) {
      const bound = upperBound(different, 1_000_000);
      expect(bound).toBeGreaterThan(last);
      expect(bound).toBeGreaterThan(different / 1_000_000);
      expect(bound).toBeLessThan(1);
      last = bound;
    }
  });
});
