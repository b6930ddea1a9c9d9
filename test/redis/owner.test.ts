import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { WriteBatch } from '../../src/redis/batch.js';
import { AS_SENT, DELETE_REPLY, type Ownership, ownerOf, SHIFT_MS } from '../../src/redis/ownership.js';
import { CODE } from '../../src/redis/steps.js';
import type { OwnVersion } from '../../src/session.js';
import { RedisServer } from '../support/redis-server.js';
import { DAY, HOUR, hex40 } from '../support/samples.js';
import { TestWriter } from '../support/test-writer.js';

const NOW = Date.now();
const SENT = NOW + 3 * DAY;
const KEY = `session:${hex40(1)}`;
const VALUE = '{"uid": 7}';
const versionOf = (value: string, expiryMs = SENT): OwnVersion => ({
  expiryMs,
  digest: createHash('sha1').update(value).digest('hex').slice(0, 16),
});
const OURS = versionOf(VALUE);
const OLDER = versionOf('{"uid": 7, "was": 1}', SENT - DAY);
const NEVER = Number.POSITIVE_INFINITY;
/** A reader that renews to seven days, as Smile's and MuK's. */
const RENEWS: Ownership = { ...AS_SENT, renewalMs: 7 * DAY };
const COARSE: Ownership = { ...AS_SENT, grainMs: 2000 };
const CLUSTER: Ownership = { ...AS_SENT, shiftMs: SHIFT_MS.cluster };

interface Case {
  what: string;
  held?: string;
  heldMs: number;
  versions?: readonly OwnVersion[];
  ownership?: Ownership;
  isOurs: boolean;
}

const CASES: readonly Case[] = [
  { what: 'as it was sent', heldMs: SENT, isOurs: true },
  { what: 'any of several versions', heldMs: SENT, versions: [OLDER, OURS], isOurs: true },
  {
    what: 'one version under the expiry of another',
    heldMs: SENT,
    versions: [versionOf(VALUE, SENT - DAY), OLDER],
    isOurs: false,
  },
  { what: 'nothing of ours', heldMs: SENT, versions: [], isOurs: false },
  { what: 'another value', held: '{"uid": 8}', heldMs: SENT, isOurs: false },
  { what: 'moved to another server by hand, its life began anew', heldMs: SENT + 17, isOurs: true },
  { what: 'moved to another node', heldMs: SENT + 170, ownership: CLUSTER, isOurs: true },
  { what: 'moved twice over a slow link', heldMs: SENT + SHIFT_MS.cluster, ownership: CLUSTER, isOurs: true },
  { what: 'moved to a node whose clock is off', heldMs: SENT - SHIFT_MS.cluster, ownership: CLUSTER, isOurs: true },
  { what: 'later than any move', heldMs: SENT + SHIFT_MS.cluster + 1, ownership: CLUSTER, isOurs: false },
  { what: 'earlier than any move', heldMs: SENT - SHIFT_MS.cluster - 1, ownership: CLUSTER, isOurs: false },
  { what: 'rounded to a second', heldMs: Math.floor(SENT / 1000) * 1000, ownership: COARSE, isOurs: true },
  { what: 'saved again in the tenth of a second of the file', heldMs: SENT + 100, isOurs: false },
  { what: 'saved again a second before the file', heldMs: SENT - 1000, isOurs: false },
  { what: 'saved again with a life of its own', heldMs: NOW + 10 * 60_000, isOurs: false },
  { what: 'saved again with the life of ours', heldMs: NOW + 7 * DAY, isOurs: false },
  { what: 'between SET and EXPIRE', heldMs: NEVER, isOurs: false },
  {
    what: 'rounded by a server of two seconds',
    heldMs: SENT - SHIFT_MS.single - 2000,
    ownership: COARSE,
    isOurs: true,
  },
  {
    what: 'further off than that server rounds',
    heldMs: SENT - SHIFT_MS.single - 2001,
    ownership: COARSE,
    isOurs: false,
  },
  { what: 'renewed by a read', heldMs: NOW + 7 * DAY - HOUR, ownership: RENEWS, isOurs: true },
  { what: 'renewed by a read just now', heldMs: NOW + 7 * DAY, ownership: RENEWS, isOurs: true },
  { what: 'later than any renewal', heldMs: NOW + 8 * DAY, ownership: RENEWS, isOurs: false },
  { what: 'earlier than sent, which no renewal is', heldMs: SENT - HOUR, ownership: RENEWS, isOurs: false },
  { what: 'renewed, of another value', held: '{"uid": 8}', heldMs: NOW + 7 * DAY, ownership: RENEWS, isOurs: false },
  { what: 'between SET and EXPIRE of one that renews', heldMs: NEVER, ownership: RENEWS, isOurs: false },
];

let redis: RedisServer;
let writer: TestWriter;
beforeAll(async () => {
  redis = await RedisServer.start();
  writer = new TestWriter(redis.endpoint, 'keep');
});
afterAll(async () => {
  writer.close();
  await redis.stop();
});

const place = ({ held = VALUE, heldMs }: Case) =>
  redis.run(['SET', KEY, held, ...(heldMs === NEVER ? [] : ['PXAT', String(heldMs)])]);

describe.each(CASES)('a key: $what', (of) => {
  const { held = VALUE, heldMs, versions = [OURS], ownership = AS_SENT, isOurs } = of;

  it(`is ${isOurs ? 'ours' : 'not ours'} to verify`, () => {
    const found = { expiryMs: heldMs, slackMs: 0 };
    expect(ownerOf(versions, Buffer.from(held), found, ownership, NOW).isOurs).toBe(isOurs);
  });

  it('is the same to the script that deletes', async () => {
    await place(of);
    const batch = new WriteBatch('session:', '', ownership);
    batch.addDelete(0, hex40(1), versions);
    await writer.settle(batch);
    expect(batch.outcome[0]).toBe(isOurs ? DELETE_REPLY.deleted : DELETE_REPLY.kept);
    expect(await redis.run(['EXISTS', KEY])).toEqual([isOurs ? 0 : 1]);
  });

  it('is the same to the script that updates, which puts the expiry right', async () => {
    await place(of);
    const batch = new WriteBatch('session:', '', ownership);
    const value = Buffer.from('{"uid": 7, "is": "new"}');
    batch.addUpdate(0, hex40(1), value, 0, value.length, SENT + HOUR, versions);
    await writer.settle(batch);
    expect(batch.outcome[0]).toBe(isOurs ? CODE.updated : CODE.kept);
    if (isOurs) expect((await redis.run(['PEXPIRETIME', KEY])).map(Number)).toEqual([SENT + HOUR]);
    await redis.run(['DEL', KEY]);
  });
});

describe('whose a value is', () => {
  const found = { expiryMs: NOW, slackMs: 0 };
  it.each([
    ['saved again by Odoo, as nothing of ours expires then', [OURS], true],
    ['only another value than recorded', [OLDER], false],
    ['unknown without a record', null, false],
  ])('is told: %s', (_, versions, isSavedAgain) => {
    const owner = ownerOf(versions, Buffer.from(VALUE), found, AS_SENT, NOW);
    expect(owner).toEqual({ isOurs: false, isSavedAgain });
  });

  it('leaves open what a server without moments leaves open', () => {
    const late = { expiryMs: SENT + SHIFT_MS.single + 7, slackMs: 5 };
    expect(ownerOf([OURS], Buffer.from(VALUE), late, AS_SENT, NOW).isOurs).toBe(true);
  });

  it('is never ours as a list or a hash', () => {
    expect(ownerOf([OURS], null, { expiryMs: SENT, slackMs: 0 }, AS_SENT, NOW).isOurs).toBe(false);
  });
});
