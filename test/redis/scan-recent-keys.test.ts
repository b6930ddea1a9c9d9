import { describe, expect, it } from 'vitest';
import { RecentKeys } from '../../src/redis/scan.js';

describe('keys that SCAN gives a second time', () => {
  it('are told from new ones', () => {
    const recent = new RecentKeys();
    expect(['a', 'b', 'a', 'c', 'b', 'a'].map((key) => recent.isRepeated(key))).toEqual([
      ...[false, false, true, false, true, true],
    ]);
  });

  it('are found among as many as are promised, however many went before', () => {
    const recent = new RecentKeys(10);
    for (let n = 0; n < 1000; n++) {
      expect(recent.isRepeated(`key ${n}`)).toBe(false);
      for (let back = 0; back < Math.min(10, n); back++) expect(recent.isRepeated(`key ${n - back}`)).toBe(true);
    }
  });

  it('are forgotten in the end, so that memory stays flat', () => {
    const recent = new RecentKeys(10);
    for (let n = 0; n < 30; n++) recent.isRepeated(`key ${n}`);
    expect(recent.isRepeated('key 0')).toBe(false);
  });
});
