import { describe, expect, it } from 'vitest';
import { randomFrom } from '../../src/applications/seeded-random.js';
import { type LaneBounds, LaneGrowth } from '../../src/lane/growth.js';

/** What a number of lanes brings, in entries per second, and the share of the processors that they keep busy. */
interface Machine {
  rate: (lanes: number, second: number) => number;
  busy?: (lanes: number, second: number) => number;
}

/** Acknowledges 100 entries at a time as such a machine does; returns each number of lanes that there was. */
function run({ rate, busy = () => 0 }: Machine, initial: number, bounds: LaneBounds, seconds = 3): number[] {
  const seen = [initial];
  const lanes = (): number => seen.at(-1) as number;
  let nowMs = 0;
  const second = () => nowMs / 1000;
  const growth = new LaneGrowth(bounds, nowMs, () => busy(lanes(), second()));
  while (nowMs < seconds * 1000) {
    nowMs += (100 / rate(lanes(), second())) * 1000;
    const wanted = growth.done(100, lanes(), nowMs);
    if (wanted !== lanes()) seen.push(wanted);
  }
  return seen;
}

const UP_TO_8 = { min: 2, max: 8 };
const UP_TO_32 = { min: 2, max: 32 };

describe('the number of lanes', () => {
  it('doubles at first as long as that pays, up to the most that is allowed', () => {
    const rate = (lanes: number) => lanes * 3000;
    expect(run({ rate }, 2, UP_TO_8)).toEqual([2, 4, 8]);
    expect(run({ rate }, 2, { min: 2, max: 6 })).toEqual([2, 4, 6]);
    expect(run({ rate }, 2, UP_TO_32)).toEqual([2, 4, 8, 16, 32]);
  });

  it('goes back where the last doubling brought nothing', () => {
    expect(run({ rate: () => 50_000 }, 2, UP_TO_8)).toEqual([2, 4, 2]);
    expect(run({ rate: (lanes) => Math.min(lanes, 4) * 6000 }, 2, UP_TO_8)).toEqual([2, 4, 8, 4]);
    expect(run({ rate: (lanes) => 10_000 * 1.03 ** Math.log2(lanes) }, 2, UP_TO_8)).toEqual([2, 4, 2]);
  });

  it('goes beyond eight only where that brings nearly twice as much', () => {
    expect(run({ rate: (lanes) => 10_000 * 1.3 ** Math.log2(lanes) }, 4, UP_TO_32)).toEqual([4, 8]);
    expect(run({ rate: (lanes) => (lanes > 8 ? 21_000 : lanes * 2000) }, 4, UP_TO_32)).toEqual([4, 8, 16, 8]);
    expect(run({ rate: (lanes) => lanes * 300 }, 4, UP_TO_32)).toEqual([4, 8, 16, 32]);
  });

  it('does not rise while the processors are busy', () => {
    const rate = (lanes: number) => lanes * 3000;
    expect(run({ rate, busy: () => 0.8 }, 2, UP_TO_8, 60)).toEqual([2]);
    expect(run({ rate, busy: (lanes) => lanes * 0.15 }, 2, UP_TO_8)).toEqual([2, 4, 8]);
  });

  it('falls to what the processors can serve, where that costs nothing', () => {
    const warm = { rate: () => 130_000, busy: () => 0.95 };
    expect(run(warm, 4, UP_TO_32, 60)).toEqual([4, 2]);
    expect(run(warm, 8, { min: 1, max: 32 }, 60)).toEqual([8, 4, 2, 1]);
  });

  it('takes a fall back that costs something', () => {
    const rate = (lanes: number) => (lanes >= 4 ? 100_000 : 80_000);
    const seen = run({ rate, busy: () => 0.9 }, 4, UP_TO_8, 10);
    expect(seen.slice(0, 3)).toEqual([4, 2, 4]);
    expect(seen.at(-1)).toBe(4);
  });

  it('tries ever more seldom while nothing changes', () => {
    const rate = (lanes: number) => Math.min(lanes, 4) * 6000;
    const changes = (seconds: number) => run({ rate }, 4, UP_TO_8, seconds).length;
    expect(changes(300)).toBeLessThan(30);
    expect(changes(20) - changes(2)).toBeGreaterThan(2);
    expect(changes(300) - changes(280)).toBeLessThanOrEqual(2);
  });

  it('grows when a warm cache ends and the cold disk begins, and falls when it ends', () => {
    const isCold = (second: number) => second >= 20 && second < 60;
    const machine: Machine = {
      rate: (lanes, second) => (isCold(second) ? lanes * 1500 : 130_000),
      busy: (_, second) => (isCold(second) ? 0.2 : 0.95),
    };
    expect(run(machine, 4, UP_TO_8, 19).at(-1)).toBe(2);
    expect(run(machine, 4, UP_TO_8, 59)).toContain(8);
    expect(run(machine, 4, UP_TO_8, 100).at(-1)).toBe(2);
  });

  it('is fixed where the bounds are alike', () => {
    expect(run({ rate: (lanes) => lanes * 3000 }, 3, { min: 3, max: 3 }, 60)).toEqual([3]);
  });

  it('stays within its bounds, whatever the machine does', () => {
    const next = randomFrom(1);
    const seen = run({ rate: () => 1000 + next() * 100_000, busy: next }, 4, UP_TO_32, 300);
    expect(Math.max(...seen)).toBeLessThanOrEqual(32);
    expect(Math.min(...seen)).toBeGreaterThanOrEqual(2);
    expect(seen.length).toBeGreaterThan(5);
  });

  it('is judged only after a quarter of a second, and new lanes after a second one', () => {
    const growth = new LaneGrowth(UP_TO_32, 0, () => 0);
    expect([100, 249, 251].map((nowMs) => growth.done(1000, 2, nowMs))).toEqual([2, 2, 2]);
    expect([500, 502].map((nowMs) => growth.done(1000, 2, nowMs))).toEqual([2, 4]);
    expect([751, 753, 1004].map((nowMs) => growth.done(4000, 4, nowMs))).toEqual([4, 4, 8]);
  });

  it('is left alone while something else sets the pace, and what was measured then is forgotten', () => {
    const growth = new LaneGrowth(UP_TO_32, 0, () => 0);
    for (let nowMs = 0; nowMs < 60_000; nowMs += 100) {
      growth.disregard(2, nowMs);
      expect(growth.done(100_000, 2, nowMs + 50)).toBe(2);
    }
  });
});
