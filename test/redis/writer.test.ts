import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { EXIT } from '../../src/errors.js';
import { WriteBatch } from '../../src/redis/batch.js';
import { lookUp } from '../../src/redis/reader.js';
import type { Conflict } from '../../src/redis/steps.js';
import { dryRunWriter } from '../../src/redis/writer.js';
import { OUTCOMES, UNSETTLED } from '../../src/session.js';
import { RedisServer } from '../support/redis-server.js';
import { DAY, hex40 } from '../support/samples.js';
import { TestWriter } from '../support/test-writer.js';

let redis: RedisServer;
const writers: TestWriter[] = [];
/** Far enough in the future that nothing expires while a test runs. */
const EXPIRY = Date.now() + 7 * DAY;

const keyOf = (n: number): string => `session:${hex40(n)}`;
const sessionOf = (n: number): string => `{"uid": ${n}}`;

beforeAll(async () => {
  redis = await RedisServer.start();
});
beforeEach(async () => {
  await redis.run(['FLUSHALL'], ['CONFIG', 'SET', 'maxmemory', '0']);
});
afterAll(async () => {
  for (const writer of writers) writer.close();
  await redis.stop();
});

function writerFor(conflict: Conflict, credentials = {}): TestWriter {
  const writer = new TestWriter({ ...redis.endpoint, ...credentials }, conflict);
  writers.push(writer);
  return writer;
}

/** Sessions `first` to `last`, each due a millisecond after the one before. */
function batchOf(first: number, last: number, value = sessionOf): WriteBatch {
  const batch = new WriteBatch('session:', '');
  for (let n = first; n <= last; n++) {
    const source = Buffer.from(value(n));
    batch.add(n, hex40(n), source, 0, source.length, EXPIRY + n);
  }
  return batch;
}

/** Outcomes as words; `open` where none is known. */
const outcomesOf = (batch: WriteBatch) =>
  [...batch.outcome.subarray(0, batch.count)].map((code) => (code === UNSETTLED ? 'open' : OUTCOMES[code]?.[0]));

const expiryTimes = (...keys: string[]) => redis.run(...keys.map((key) => ['PEXPIRETIME', key]));

describe('writing absent keys', () => {
  it('sets key, value and the expiry to the millisecond', async () => {
    const batch = batchOf(1, 128);
    await writerFor('keep').settle(batch);
    expect(new Set(outcomesOf(batch))).toEqual(new Set(['written']));
    const numbers = Array.from({ length: 128 }, (_, i) => i + 1);
    const keys = numbers.map(keyOf);
    expect(await redis.values(keys)).toEqual(numbers.map(sessionOf));
    expect(await expiryTimes(...keys)).toEqual(numbers.map((n) => EXPIRY + n));
    expect(await redis.run(['DBSIZE'])).toEqual([128]);
  });

  it('finds its own values again as the same, and leaves their expiry alone', async () => {
    const writer = writerFor('keep');
    await writer.settle(batchOf(1, 3));
    await redis.run(['PEXPIREAT', keyOf(2), String(EXPIRY + 50_000)]);
    const again = batchOf(1, 5);
    await writer.settle(again);
    expect(outcomesOf(again)).toEqual(['same', 'same', 'same', 'written', 'written']);
    expect(await expiryTimes(keyOf(2))).toEqual([EXPIRY + 50_000]);
  });

  it('keeps what is not its own, of whatever type and age', async () => {
    await redis.run(
      ['SET', keyOf(1), 'Odoo was faster', 'EX', '100'],
      ['SET', keyOf(2), `${sessionOf(2)} `],
      ['SET', keyOf(3), ''],
      ['HSET', keyOf(4), 'data', 'x'],
      ['RPUSH', keyOf(5), sessionOf(5)],
      ['SADD', keyOf(6), 'x'],
      ['XADD', keyOf(7), '*', 'a', 'b'],
    );
    const dump = async () => (await redis.run(...[1, 2, 3, 4, 5, 6, 7].map((n) => ['DUMP', keyOf(n)]))).map(String);
    const before = await dump();
    const batch = batchOf(1, 8);
    await writerFor('keep').settle(batch);
    expect(outcomesOf(batch)).toEqual([...new Array(7).fill('kept'), 'written']);
    expect(await dump()).toEqual(before);
    expect(await redis.run(['TTL', keyOf(2)])).toEqual([-1]);
  });

  it('takes a key that vanishes between the two looks at it for kept: its user has logged out', async () => {
    await redis.run(['SET', keyOf(2), sessionOf(2)]);
    const writer = writerFor('keep');
    const exchange = writer.target.exchange.bind(writer.target);
    let requests = 0;
    writer.target.exchange = async (commands, answers) => {
      if (++requests === 2) await redis.run(['DEL', keyOf(2)]);
      return exchange(commands, answers);
    };
    const batch = batchOf(1, 3);
    await writer.settle(batch);
    expect([requests, outcomesOf(batch)]).toEqual([2, ['written', 'kept', 'written']]);
    expect(await redis.values([keyOf(2)])).toEqual([null]);
  });

  it('needs no second look where every key was absent', async () => {
    const writer = writerFor('keep');
    const exchange = writer.target.exchange.bind(writer.target);
    let requests = 0;
    writer.target.exchange = (commands, answers) => {
      requests++;
      return exchange(commands, answers);
    };
    await writer.settle(batchOf(1, 100));
    expect(requests).toBe(1);
  });

  it('goes to the database that was chosen', async () => {
    await writerFor('keep', { databaseIndex: 3 }).settle(batchOf(1, 1));
    expect(await redis.values([keyOf(1)])).toEqual([null]);
    expect(await lookUp({ ...redis.endpoint, databaseIndex: 3 }, keyOf(1))).toMatchObject({
      value: Buffer.from(sessionOf(1)),
    });
  });
});

describe('overwriting keys that exist', () => {
  it('replaces value and expiry, and tells its own from others', async () => {
    await redis.run(['SET', keyOf(1), 'old'], ['SET', keyOf(2), sessionOf(2)], ['HSET', keyOf(3), 'data', 'x']);
    const batch = batchOf(1, 4);
    await writerFor('overwrite').settle(batch);
    expect(outcomesOf(batch)).toEqual(['updated', 'same', 'updated', 'written']);
    const keys = [1, 2, 3, 4].map(keyOf);
    expect(await redis.values(keys)).toEqual([1, 2, 3, 4].map(sessionOf));
    expect(await expiryTimes(...keys)).toEqual([1, 2, 3, 4].map((n) => EXPIRY + n));
  });
});

describe('a server that refuses in the middle', () => {
  it('leaves exactly the acknowledged sessions settled when memory runs out', async () => {
    const [info] = await redis.run(['INFO', 'memory']);
    const used = Number(/used_memory:(\d+)/.exec(String(info))?.[1]);
    await redis.run(
      ['CONFIG', 'SET', 'maxmemory-policy', 'noeviction'],
      ['CONFIG', 'SET', 'maxmemory', String(used + 4e6)],
    );
    const writer = writerFor('keep');
    const batch = batchOf(1, 100, (n) => `${n}`.repeat(100_000));
    const settled = writer.settle(batch);
    await expect(settled).rejects.toMatchObject({ name: 'OperatorError', exitCode: EXIT.temporary });
    await expect(settled).rejects.toThrow('the server is at its maxmemory');

    await redis.run(['CONFIG', 'SET', 'maxmemory', '0']);
    const held = await redis.values(Array.from({ length: 100 }, (_, i) => keyOf(i + 1)));
    const outcomes = outcomesOf(batch);
    expect(outcomes).not.toContain('kept');
    expect(outcomes.map((outcome) => outcome === 'open')).toEqual(held.map((value) => value === null));
    expect(outcomes).toContain('open');
    expect(held.filter((value) => value !== null).length).toBeGreaterThan(1);
  });

  it('leaves sessions open to which it denies access, and settles those around them', async () => {
    const open = ['ACL', 'SETUSER', 'odoo', 'on', '>pw', '+@all', 'resetkeys', `~${keyOf(1)}`, `~${keyOf(3)}`];
    await redis.run(open);
    const batch = batchOf(1, 4);
    const writer = writerFor('keep', { username: 'odoo', password: 'pw' });
    await expect(writer.settle(batch)).rejects.toMatchObject({ exitCode: EXIT.permission });
    expect(outcomesOf(batch)).toEqual(['written', 'open', 'written', 'open']);
    expect(await redis.values([1, 2, 3, 4].map(keyOf))).toEqual([sessionOf(1), null, sessionOf(3), null]);
  });

  it('leaves sessions open whose keys it does not let us read', async () => {
    await redis.run(['ACL', 'SETUSER', 'writer', 'on', '>pw', '+set', '~*'], ['SET', keyOf(2), 'other']);
    const batch = batchOf(1, 3);
    const writer = writerFor('keep', { username: 'writer', password: 'pw' });
    await expect(writer.settle(batch)).rejects.toThrow('the user may not do this');
    expect(outcomesOf(batch)).toEqual(['written', 'open', 'written']);
  });
});

describe('a dry run', () => {
  it('would write everything, and touches nothing', async () => {
    const batch = batchOf(1, 3);
    await dryRunWriter.settle(batch);
    dryRunWriter.close();
    expect(outcomesOf(batch)).toEqual(['written', 'written', 'written']);
    expect(await redis.run(['DBSIZE'])).toEqual([0]);
  });
});
