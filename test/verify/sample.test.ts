import { describe, expect, it } from 'vitest';
import { isSampled, sampleOf } from '../../src/intake/settings.js';
import { hex40, urlsafe84 } from '../support/samples.js';

const SESSIONS = 20_000;
const HEX = Array.from({ length: SESSIONS }, (_, n) => hex40(n));
const URLSAFE = Array.from({ length: SESSIONS }, (_, n) => urlsafe84(n));

const drawn = (wanted: number, seed: number, sids = HEX) => {
  const sample = sampleOf(wanted, SESSIONS, seed);
  return sids.filter((sid) => isSampled(sid, sample));
};

/** Four standard deviations of a sample whose size is binomial. */
const spread = (wanted: number) => 4 * Math.sqrt(wanted * (1 - wanted / SESSIONS));

describe('a sample', () => {
  it.each([
    [1000, HEX],
    [1000, URLSAFE],
    [19_000, HEX],
  ])('holds about as many as were wanted: %d', (wanted, sids) => {
    for (const seed of [0, 1, 0xffffffff]) {
      expect(Math.abs(drawn(wanted, seed, sids).length - wanted)).toBeLessThan(spread(wanted));
    }
  });

  it('holds all where as many or more are wanted', () => {
    expect(drawn(SESSIONS, 7).length).toBe(SESSIONS);
    expect(isSampled(hex40(1), sampleOf(10, 0, 7))).toBe(true);
  });

  it('is another for another seed, as far as chance has it, and the same for the same', () => {
    const first = new Set(drawn(1000, 1));
    expect(drawn(1000, 1)).toEqual([...first]);
    const common = drawn(1000, 2).filter((sid) => first.has(sid)).length;
    // Independent draws of 5 % have 50 in common, give or take 7.
    expect(Math.abs(common - 50)).toBeLessThan(35);
  });

  it('favours no part of the sids: each first character has its share', () => {
    const counts = new Map<string, number>();
    for (let seed = 0; seed < 20; seed++) {
      for (const sid of drawn(1000, seed)) counts.set(sid[0] as string, (counts.get(sid[0] as string) ?? 0) + 1);
    }
    expect(counts.size).toBe(16);
    // Chi-square with 15 degrees of freedom: over 50 once in 100,000.
    const total = [...counts.values()].reduce((sum, count) => sum + count, 0);
    const perCharacter = new Map<string, number>();
    for (const [first = ''] of HEX) {
      perCharacter.set(first, (perCharacter.get(first) ?? 0) + 1);
    }
    let chiSquare = 0;
    for (const [first, count] of counts) {
      const expected = (total * (perCharacter.get(first) as number)) / SESSIONS;
      chiSquare += (count - expected) ** 2 / expected;
    }
    expect(chiSquare).toBeLessThan(50);
  });

  it('tells sids apart that differ in their last character alone', () => {
    const alike = Array.from({ length: 64 }, (_, n) => `${urlsafe84(1).slice(0, 83)}${String.fromCharCode(48 + n)}`);
    const sample = sampleOf(50, 100, 3);
    const count = alike.filter((sid) => isSampled(sid, sample)).length;
    expect(count).toBeGreaterThan(16);
    expect(count).toBeLessThan(48);
  });
});
