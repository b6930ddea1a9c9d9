import { describe, expect, it } from 'vitest';
import { serverOf } from '../../src/applications/server-pool.js';

/** A text whose first four bytes are this number, in little-endian order. */
const sidOf = (place: number) =>
  String.fromCharCode(place & 255, (place >> 8) & 255, (place >> 16) & 255, (place >>> 24) & 255);

describe('the server of a pool', () => {
  it.each([
    // weights 1, 2, 3: phpredis deals 0..2 to the last, 3 and 4 to the second, 5 to the first.
    ['last first', 0, 2],
    ['last first', 2, 2],
    ['last first', 3, 1],
    ['last first', 4, 1],
    ['last first', 5, 0],
    ['last first', 6, 2],
    ['last first', 0xffffffff, 1],
    ['first first', 0, 0],
    ['first first', 1, 1],
    ['first first', 5, 2],
  ] as const)('%s: %i is on server %i', (order, place, server) => {
    expect(serverOf(`${sidOf(place)}rest`, [1, 2, 3], order)).toBe(server);
  });

  it('is told from the first four bytes in little-endian order', () => {
    // 'abcd' is 0x64636261, 1684234849, which is 1 modulo 2 and 4 modulo 5.
    expect(serverOf('abcdefgh', [1, 1], 'last first')).toBe(0);
    expect(serverOf('abcdefgh', [1, 1, 1, 1, 1], 'last first')).toBe(0);
    expect(serverOf('abcdefgh', [1, 1, 1, 1, 1], 'first first')).toBe(4);
  });

  it('can not be told for an id of two bytes, or without servers', () => {
    expect(serverOf('ab', [1, 1], 'last first')).toBe(-1);
    expect(serverOf('abcd', [], 'last first')).toBe(-1);
  });
});
