import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { encodeReceipts } from '../../src/ledger/receipts.js';
import { receiptKeys } from '../../src/redis/marker.js';
import { canKeepReceipts, dropReceipts, ReceiptWriter, readReceipts } from '../../src/redis/receipt-keys.js';
import { openWriter } from '../../src/redis/writer.js';
import { RedisServer } from '../support/redis-server.js';

const KEYS = receiptKeys({ before: 'session:', after: ':x' }, '0123abcd');
const GIVE_UP_MS = 20_000;
const SOON = Date.now() + 3_600_000;
const sid = (n: number) => `${n}`.padStart(40, '0');
const never = new AbortController().signal;

let redis: RedisServer;
beforeAll(async () => {
  redis = await RedisServer.start();
});
afterAll(() => redis.stop());
beforeEach(() => redis.run(['FLUSHALL'], ['CONFIG', 'SET', 'maxmemory', '0'], ['CONFIG', 'RESETSTAT']));

/** Receipts of one session each, by pass. */
async function keep(run: string, passes: readonly number[], keys = KEYS): Promise<void> {
  const sender = openWriter(redis.endpoint, { conflict: 'keep', giveUpAfterMs: GIVE_UP_MS });
  const writer = new ReceiptWriter(sender, redis.endpoint, { run, keys });
  for (const pass of passes) {
    await writer.keep(pass, 1, encodeReceipts([sid(pass)], 1, Float64Array.of(SOON), Buffer.alloc(8, pass)));
  }
  sender.close();
}

describe('receipts in a target', () => {
  it('lie apart from the sessions, end some days after their copies, and are read by pass and run', async () => {
    await keep('a1', [1, 2, 3]);
    await keep('b2', [9]);
    await keep('a1', [4], receiptKeys({ before: 'session:', after: ':x' }, 'other001'));
    expect(await redis.run(['DBSIZE'])).toEqual([0]);
    const { table, mayLack } = await readReceipts(redis.endpoint, KEYS, ({ pass }) => pass > 1, never);
    expect(mayLack).toBe(false);
    const known = [1, 2, 3, 4, 9].map((pass) => table.of(sid(pass))?.newest ?? null);
    const of = (run: string, pass: number) => ({ run, pass, batch: 1 });
    expect(known).toEqual([null, of('a1', 2), of('a1', 3), null, of('b2', 9)]);
    expect(table.of(sid(2))?.versions).toEqual([{ expiryMs: SOON, digest: '02'.repeat(8) }]);
  });

  it('say nothing of what is missing once the server has dropped keys for want of memory', async () => {
    await keep('a1', [1]);
    await redis.run(['CONFIG', 'SET', 'maxmemory-policy', 'allkeys-random'], ['CONFIG', 'SET', 'maxmemory', '1']);
    await redis.run(['SET', 'something', 'else']).catch(() => {});
    await redis.run(['CONFIG', 'SET', 'maxmemory', '0'], ['CONFIG', 'SET', 'maxmemory-policy', 'noeviction']);
    expect((await readReceipts(redis.endpoint, KEYS, () => true, never)).mayLack).toBe(true);
  });

  it('are left where they can be read again: not on a server with one database', async () => {
    expect(await canKeepReceipts(redis.endpoint, KEYS)).toBe(true);
    const single = await RedisServer.start('--databases', '1');
    try {
      expect(await canKeepReceipts(single.endpoint, KEYS)).toBe(false);
      expect(await single.run(['DBSIZE'])).toEqual([0]);
    } finally {
      await single.stop();
    }
  });

  it('are taken away, and nothing beside them', async () => {
    await keep('a1', [1, 2]);
    const others = receiptKeys({ before: 'session:', after: ':x' }, 'other001');
    await keep('a1', [3], others);
    await dropReceipts(redis.endpoint, KEYS);
    expect((await readReceipts(redis.endpoint, KEYS, () => true, never)).table.count).toBe(0);
    expect((await readReceipts(redis.endpoint, others, () => true, never)).table.count).toBe(1);
  });
});
