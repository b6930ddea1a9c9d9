import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type EntrySize, weighCanary } from '../../src/preflight/canary.js';
import { weightOf as model } from '../../src/preflight/store-sample.js';
import { connectControl } from '../../src/redis/control.js';
import { RedisServer } from '../support/redis-server.js';

let redis: RedisServer;
beforeAll(async () => {
  redis = await RedisServer.start();
});
afterAll(() => redis.stop());

const SIZES: EntrySize[] = Array.from({ length: 250 }, (_, i) => ({ keyBytes: 48 + (i % 50), valueBytes: 40 + 7 * i }));

async function weigh(sizes = SIZES, expected = model, user?: { username: string; password: string }) {
  const client = await connectControl({ ...redis.endpoint, ...user });
  try {
    return await weighCanary(client, sizes, expected);
  } finally {
    client.disconnect();
  }
}

describe('the canary', () => {
  it('finds the model right on this server, and would find another wrong', async () => {
    expect(await weigh()).toBeCloseTo(1, 5);
    expect(await weigh(SIZES, (size) => model(size) / 2)).toBeCloseTo(2, 5);
  });

  it('leaves no key, and none was ever seen: it is all one transaction', async () => {
    await redis.run(['CONFIG', 'SET', 'notify-keyspace-events', 'KEA'], ['CONFIG', 'RESETSTAT']);
    await weigh();
    const [size, stats] = await redis.run(['DBSIZE'], ['INFO', 'commandstats']);
    expect(size).toBe(0);
    expect(String(stats)).toMatch(/cmdstat_multi:calls=1,/);
    expect(String(stats)).toMatch(/cmdstat_exec:calls=1,/);
    expect(String(stats)).toMatch(/cmdstat_set:calls=250,/);
    expect(String(stats)).toMatch(/cmdstat_del:calls=250,/);
  });

  it('weighs no more than a mebibyte, and nothing where nothing is small enough', async () => {
    await redis.run(['CONFIG', 'RESETSTAT']);
    expect(await weigh(Array.from({ length: 20 }, () => ({ keyBytes: 48, valueBytes: 200_000 })))).toBeGreaterThan(0);
    const [stats] = await redis.run(['INFO', 'commandstats']);
    expect(String(stats)).toMatch(/cmdstat_set:calls=5,/);
    expect(await weigh([{ keyBytes: 48, valueBytes: 2 ** 21 }])).toBeNull();
    expect(await weigh([])).toBeNull();
  });

  it.each(['-multi', '-memory', '-del', '-set', '~session:* -@all +@transaction'])(
    'gives up where the user may not: %s',
    async (rule) => {
      const rules = rule.startsWith('~') ? ['resetkeys', ...rule.split(' ')] : [rule];
      await redis.run(['ACL', 'SETUSER', 'mover', 'reset', 'on', '>fake', '+@all', '~*', ...rules]);
      expect(await weigh(SIZES, model, { username: 'mover', password: 'fake' })).toBeNull();
      expect((await redis.run(['DBSIZE']))[0]).toBe(0);
    },
  );

  it('gives up where memory is short, and drives nothing out', async () => {
    await redis.run(['SET', 'odoo', 'x'], ['CONFIG', 'SET', 'maxmemory', '1']);
    expect(await weigh()).toBeNull();
    await redis.run(['CONFIG', 'SET', 'maxmemory', '0']);
    expect(await redis.run(['GET', 'odoo'], ['DBSIZE'])).toEqual([Buffer.from('x'), 1]);
  });
});
