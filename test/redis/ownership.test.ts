import { createHash } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { EXIT } from '../../src/errors.js';
import { WriteBatch } from '../../src/redis/batch.js';
import { DELETE_REPLY } from '../../src/redis/ownership.js';
import type { Conflict } from '../../src/redis/steps.js';
import { OUTCOMES, type OwnVersion, UNSETTLED } from '../../src/session.js';
import { RedisServer } from '../support/redis-server.js';
import { DAY, hex40 } from '../support/samples.js';
import { TestWriter } from '../support/test-writer.js';

let redis: RedisServer;
const writers: TestWriter[] = [];
const EXPIRY = Date.now() + 7 * DAY;
const OLD = '{"uid": 1, "was": "old"}';
const NEW = '{"uid": 1, "is": "new"}';

const keyOf = (n: number): string => `session:${hex40(n)}`;
const version = (value: string, expiryMs: number): OwnVersion => ({
  expiryMs,
  digest: createHash('sha1').update(value).digest('hex').slice(0, 16),
});

beforeAll(async () => {
  redis = await RedisServer.start();
});
beforeEach(() => redis.run(['FLUSHALL'], ['SCRIPT', 'FLUSH']));
afterAll(async () => {
  for (const writer of writers) writer.close();
  await redis.stop();
});

function writerFor(conflict: Conflict = 'keep', credentials = {}): TestWriter {
  const writer = new TestWriter({ ...redis.endpoint, ...credentials }, conflict);
  writers.push(writer);
  return writer;
}

function updates(count: number, own: readonly OwnVersion[]): WriteBatch {
  const batch = new WriteBatch('session:', '');
  const value = Buffer.from(NEW);
  for (let n = 0; n < count; n++) batch.addUpdate(n, hex40(n), value, 0, value.length, EXPIRY, own);
  return batch;
}

function deletes(count: number, own: readonly OwnVersion[]): WriteBatch {
  const batch = new WriteBatch('session:', '');
  for (let n = 0; n < count; n++) batch.addDelete(n, hex40(n), own);
  return batch;
}

const outcomesOf = (batch: WriteBatch) =>
  [...batch.outcome.subarray(0, batch.count)].map((code) => (code === UNSETTLED ? 'open' : OUTCOMES[code]?.[0]));
const held = async (n: number) => (await redis.run(['GET', keyOf(n)], ['PEXPIRETIME', keyOf(n)])).map(String);
const set = (n: number, value: string, expiryMs: number) => ['SET', keyOf(n), value, 'PXAT', String(expiryMs)];

describe('updating what is ours', () => {
  it('replaces a recorded version, whichever it is, with value and expiry', async () => {
    await redis.run(set(0, OLD, EXPIRY - 5), set(1, 'older', EXPIRY - 9));
    const batch = updates(3, [version(OLD, EXPIRY - 5), version('older', EXPIRY - 9)]);
    await writerFor().settle(batch);
    expect(outcomesOf(batch)).toEqual(['updated', 'updated', 'written']);
    for (const n of [0, 1, 2]) expect(await held(n)).toEqual([NEW, String(EXPIRY)]);
  });

  it.each([
    ['rewritten by Odoo', ['SET', keyOf(0), 'Odoo was here', 'EX', '1000']],
    ['the same bytes, saved again by Odoo', ['SET', keyOf(0), OLD, 'EX', '1000']],
    ['between the SET and the EXPIRE of the reader', ['SET', keyOf(0), OLD]],
    ['of another type', ['HSET', keyOf(0), 'data', 'x']],
  ])('keeps a key that is %s', async (_, command) => {
    await redis.run(command);
    const before = await redis.run(['DUMP', keyOf(0)], ['PEXPIRETIME', keyOf(0)]);
    const batch = updates(1, [version(OLD, EXPIRY - 5)]);
    await writerFor().settle(batch);
    expect(outcomesOf(batch)).toEqual(['kept']);
    expect(await redis.run(['DUMP', keyOf(0)], ['PEXPIRETIME', keyOf(0)])).toEqual(before);
  });

  it('moves the expiry of a session that was saved without a change', async () => {
    await redis.run(set(0, NEW, EXPIRY - 5));
    const batch = updates(1, [version(NEW, EXPIRY - 5)]);
    await writerFor().settle(batch);
    expect(outcomesOf(batch)).toEqual(['updated']);
    expect(await held(0)).toEqual([NEW, String(EXPIRY)]);
  });

  it('is the same when it runs twice', async () => {
    const writer = writerFor();
    await writer.settle(updates(2, [version(OLD, EXPIRY - 5)]));
    const again = updates(2, [version(NEW, EXPIRY), version(OLD, EXPIRY - 5)]);
    await writer.settle(again);
    expect(outcomesOf(again)).toEqual(['same', 'same']);
  });

  it('overwrites another value where the operator says so', async () => {
    await redis.run(['SET', keyOf(0), 'Odoo was here', 'EX', '1000']);
    const batch = updates(1, [version(OLD, EXPIRY - 5)]);
    await writerFor('overwrite').settle(batch);
    expect(outcomesOf(batch)).toEqual(['updated']);
    expect(await held(0)).toEqual([NEW, String(EXPIRY)]);
  });

  it('only creates, where the user may not run scripts', async () => {
    await redis.run(
      ['ACL', 'SETUSER', 'plain', 'on', '>pw', '~*', '+@all', '-eval', '-evalsha'],
      set(0, OLD, EXPIRY - 5),
    );
    const batch = updates(2, [version(OLD, EXPIRY - 5)]);
    await writerFor('keep', { username: 'plain', password: 'pw' }).settle(batch);
    expect(outcomesOf(batch)).toEqual(['kept', 'written']);
    expect(await held(0)).toEqual([OLD, String(EXPIRY - 5)]);
  });

  it('settles a batch of all kinds', async () => {
    await redis.run(set(1, OLD, EXPIRY), set(2, OLD, EXPIRY));
    const batch = new WriteBatch('session:', '');
    const value = Buffer.from(NEW);
    batch.add(0, hex40(0), value, 0, value.length, EXPIRY);
    batch.addUpdate(1, hex40(1), value, 0, value.length, EXPIRY, [version(OLD, EXPIRY)]);
    batch.addDelete(2, hex40(2), [version(OLD, EXPIRY)]);
    batch.add(3, hex40(1), value, 0, value.length, EXPIRY);
    await writerFor().settle(batch);
    expect([...batch.outcome.subarray(0, 4)]).toEqual([0, 1, DELETE_REPLY.deleted, 2]);
    expect(await redis.values([0, 1, 2].map(keyOf))).toEqual([NEW, NEW, null]);
  });
});

describe('deleting what is ours', () => {
  it('deletes a recorded version and nothing else', async () => {
    await redis.run(
      set(0, OLD, EXPIRY),
      ['SET', keyOf(1), OLD],
      set(2, OLD, EXPIRY + 60_000),
      set(3, 'Odoo was here', EXPIRY),
      ['HSET', keyOf(4), 'data', 'x'],
    );
    const batch = deletes(6, [version('never', EXPIRY), version(OLD, EXPIRY)]);
    await writerFor().settle(batch);
    const { deleted, kept, absent } = DELETE_REPLY;
    expect([...batch.outcome.subarray(0, 6)]).toEqual([deleted, kept, kept, kept, kept, absent]);
    expect(await redis.run(['EXISTS', ...[0, 1, 2, 3, 4].map(keyOf)])).toEqual([4]);
  });

  it('fails where the user may not run scripts', async () => {
    await redis.run(['ACL', 'SETUSER', 'plain', 'on', '>pw', '~*', '+@all', '-eval', '-evalsha'], set(0, OLD, EXPIRY));
    const batch = deletes(1, [version(OLD, EXPIRY)]);
    const writer = writerFor('keep', { username: 'plain', password: 'pw' });
    await expect(writer.settle(batch)).rejects.toMatchObject({ exitCode: EXIT.permission });
    expect(outcomesOf(batch)).toEqual(['open']);
  });
});
