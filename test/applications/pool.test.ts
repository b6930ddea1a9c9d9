import { describe, expect, it } from 'vitest';
import { serverOf } from '../../src/applications/pool.js';
import { parseSavePath } from '../../src/applications/save-path.js';

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

describe('session.save_path', () => {
  it.each([
    ['tcp://a:6379', [{ address: 'tcp://a:6379', weight: 1, database: 0, prefix: null, hasAuth: false }]],
    [
      'tcp://a:6379?weight=2&database=3&prefix=x:, unix:///run/r.sock?auth=secret&prefix=',
      [
        { address: 'tcp://a:6379', weight: 2, database: 3, prefix: 'x:', hasAuth: false },
        { address: 'unix:///run/r.sock', weight: 1, database: 0, prefix: '', hasAuth: true },
      ],
    ],
    [
      'tcp://a?auth[user]=u&auth[pass]=p',
      [{ address: 'tcp://a', weight: 1, database: 0, prefix: null, hasAuth: true }],
    ],
    ['a:6379', [{ address: 'a:6379', weight: 1, database: 0, prefix: null, hasAuth: false }]],
    ['', { fault: 'session.save_path is empty: it names no server' }],
    ['tcp://a?weight=0', { fault: 'weight of tcp://a is no whole number above zero' }],
    ['tcp://a?database=x', { fault: 'database of tcp://a is no whole number' }],
    ['https://a', { fault: 'session.save_path names something that is no tcp://, tls:// or unix:// address' }],
  ])('%j is read', (text, servers) => {
    expect(parseSavePath(text)).toEqual(servers);
  });
});
