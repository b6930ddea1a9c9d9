import { describe, expect, it } from 'vitest';
import { slotOf } from '../../src/redis/cluster.js';
import { RedisServer } from '../support/redis-server.js';
import { hex40 } from '../support/samples.js';

const slot = (key: string) => slotOf(Buffer.from(key, 'latin1'));

describe('the slot of a key', () => {
  it.each([
    // The check value of the specification's CRC is 0x31c3.
    ['123456789', 0x31c3],
    ['foo', 12_182],
    ['', 0],
    ['{user1000}.following', slot('user1000')],
    ['foo{}{bar}', 8363],
    ['foo{{bar}}zap', slot('{bar')],
    ['foo{bar}{zap}', slot('bar')],
    ['foo{bar', slot('foo{bar')],
    ['foo}bar{', slot('foo}bar{')],
  ])('of %j is %i', (key, expected) => {
    expect(slot(key)).toBe(expected);
  });

  it('is what Redis says, for the keys of sessions and for any bytes', async () => {
    const redis = await RedisServer.start('--cluster-enabled', 'yes');
    try {
      const keys = Array.from({ length: 500 }, (_, i) => `session:${i % 2 === 0 ? '' : `:{sh${i}op}:`}${hex40(i)}`);
      keys.push('é{ü}ß', 'a{b', '}{', '{}', '{}x{y}', '{a}{b}');
      const said = await redis.run(...keys.map((key) => ['CLUSTER', 'KEYSLOT', key]));
      expect(keys.map((key) => slotOf(Buffer.from(key)))).toEqual(said);
    } finally {
      await redis.stop();
    }
  });
});
