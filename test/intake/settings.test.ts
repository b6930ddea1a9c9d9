import { describe, expect, it } from 'vitest';
import { isOfShard } from '../../src/intake/settings.js';
import { hex40, urlsafe84 } from '../support/samples.js';

/** FNV-1a of hex40(1) to hex40(8), modulo 3; `foobar` is one of the test vectors of its authors. */
const FNV_1A = [2, 2, 2, 2, 1, 0, 1, 1];

describe('the shards of a store', () => {
  const sids = Array.from({ length: 5000 }, (_, n) => (n % 2 === 0 ? hex40(n) : urlsafe84(n)));

  it.each([1, 2, 3, 7, 64])(
    'divide it into %i parts: every session is in one of them, and no part is much larger',
    (of) => {
      const counts = new Array<number>(of).fill(0);
      for (const sid of sids) {
        const takers = counts.map((_, index) => index).filter((index) => isOfShard(sid, { index, of }));
        if (takers.length !== 1) expect(takers, sid).toHaveLength(1);
        counts[takers[0] as number]!++;
      }
      const fair = sids.length / of;
      // Six standard deviations of a fair division.
      for (const count of counts) expect(Math.abs(count - fair)).toBeLessThanOrEqual(6 * Math.sqrt(fair));
    },
  );

  it('are the same on every machine and in every release: two of them may be at work on one store', () => {
    const divided = [1, 2, 3, 4, 5, 6, 7, 8].map((n) =>
      [0, 1, 2].find((index) => isOfShard(hex40(n), { index, of: 3 })),
    );
    expect(divided).toEqual(FNV_1A);
    expect(isOfShard('foobar', { index: 0xbf9cf968 % 1000, of: 1000 })).toBe(true);
  });
});
