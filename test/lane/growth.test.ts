import { describe, expect, it } from 'vitest';
import { randomFrom } from '../../src/generate/random.js';
import { LaneGrowth } from '../../src/lane/growth.js';

/** What a number of lanes brings, in entries per second, and the share of the processors that they keep busy. */
interface Machine {
  rate: (lanes: number) => number;
  busy?: (lanes: number) => number;
}

/** Acknowledges 100 entries at a time as such a machine does; returns each number of lanes that there was. */
function grow({ rate, busy = () => 0 }: Machine, initial: number, max: number, seconds = 20): number[] {
  const seen = [initial];
  const lanes = (): number => seen.at(-1) as number;
  let nowMs = 1000;
  const growth = new LaneGrowth(max, nowMs, () => busy(lanes()));
  const endMs = nowMs + seconds * 1000;
  while (nowMs < endMs) {
    nowMs += (100 / rate(lanes())) * 1000;
    const wanted = growth.done(100, lanes(), nowMs);
    if (wanted !== lanes()) seen.push(wanted);
  }
  return seen;
}

describe('the number of lanes', () => {
  it('doubles as long as that pays, up to the most that is allowed', () => {
    const rate = (lanes: number) => lanes * 3000;
    expect(grow({ rate }, 2, 16)).toEqual([2, 4, 8, 16]);
    expect(grow({ rate }, 2, 12)).toEqual([2, 4, 8, 12]);
    expect(grow({ rate }, 1, 16)).toEqual([1, 2, 4, 8, 16]);
    expect(grow({ rate }, 4, 4)).toEqual([4]);
  });

  it('stays after a doubling that brought nothing', () => {
    expect(grow({ rate: () => 50_000 }, 2, 16)).toEqual([2, 4]);
    expect(grow({ rate: (lanes) => Math.min(lanes, 4) * 6000 }, 2, 16)).toEqual([2, 4, 8]);
  });

  it('takes a few hundredths more for nothing, and half as much again for something', () => {
    expect(grow({ rate: (lanes) => 10_000 * 1.03 ** Math.log2(lanes) }, 2, 16)).toEqual([2, 4]);
    expect(grow({ rate: (lanes) => 10_000 * 1.5 ** Math.log2(lanes) }, 2, 16)).toEqual([2, 4, 8, 16]);
  });

  it('does not rise while the processors are busy, and does when they no longer are', () => {
    const rate = (lanes: number) => lanes * 3000;
    expect(grow({ rate, busy: () => 0.8 }, 2, 16)).toEqual([2]);
    expect(grow({ rate, busy: (lanes) => lanes * 0.15 }, 2, 16)).toEqual([2, 4, 8]);
    let looks = 0;
    expect(grow({ rate, busy: () => (++looks < 10 ? 1 : 0) }, 2, 4)).toEqual([2, 4]);
  });

  it('never falls, whatever the machine does', () => {
    const next = randomFrom(1);
    const seen = grow({ rate: () => 100 + next() * 100_000, busy: next }, 2, 16, 200);
    expect([...seen].sort((a, b) => a - b)).toEqual(seen);
    expect(seen.at(-1)).toBeLessThanOrEqual(16);
  });

  it('is judged only after a quarter of a second, and new lanes after a second one', () => {
    const growth = new LaneGrowth(16, 0, () => 0);
    expect([100, 249, 251].map((nowMs) => growth.done(1000, 2, nowMs))).toEqual([2, 2, 2]);
    expect([500, 502].map((nowMs) => growth.done(1000, 2, nowMs))).toEqual([2, 4]);
    expect([751, 753, 1004].map((nowMs) => growth.done(4000, 4, nowMs))).toEqual([4, 4, 8]);
  });
});
