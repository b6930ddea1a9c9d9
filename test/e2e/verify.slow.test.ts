import { renameSync, rmSync, unlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Redis } from 'ioredis';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Cli, type CliResult, total } from '../support/cli.js';
import { RedisServer } from '../support/redis-server.js';
import { CREATE_TIME, DAY_S, hexSid, jsonText, pickledLogin, SessionStore, urlsafeSid } from '../support/store.js';
import { makeWorkspace } from '../support/workspace.js';

const work = makeWorkspace();
const cli = new Cli(join(work, 'home'));
const redis = RedisServer.forFile(work);

const SESSIONS = 40;
const keyOf = (sid: string) => `session:${sid}`;

let store: SessionStore;
let client: Redis;
/** The files by their sids. */
let files: Map<string, string>;

const sidOf = (n: number) => (n % 2 === 0 ? hexSid(n) : urlsafeSid(n));
const words = (...more: string[]) => [store.directory, '--to', redis.url, '--lanes', '1', ...more];
const verify = (...more: string[]) => cli.run(['verify', ...words('--json', ...more)]);
/** As an operator whose ledger is on another machine. */
const unledgered = (...more: string[]) => verify('--state-dir', join(work, 'no-ledger'), ...more);
const differencesIn = ({ lines }: CliResult) => lines.filter(({ type }) => type === 'difference');

beforeEach(async () => {
  await redis.flush();
  rmSync(cli.stateHome, { recursive: true, force: true });
  store = new SessionStore(work);
  files = new Map();
  for (let n = 0; n < SESSIONS; n++) {
    const sid = sidOf(n);
    files.set(
      sid,
      n % 2 === 0 ? store.flat(sid, pickledLogin(n + 1)) : store.hashed(sid, jsonText(n + 1, 'shop', CREATE_TIME)),
    );
  }
  client = redis.client();
  expect((await cli.run(['migrate', ...words()])).code).toBe(0);
});
afterEach(() => client.disconnect());

/** What Odoo does when a session is saved. */
async function odooSaves(sid: string, value = '{"uid": 99}', seconds = 7 * DAY_S): Promise<void> {
  await client.set(keyOf(sid), value, 'EX', seconds);
}

describe('a session that is', () => {
  it('as it should be matches, and all of them make exit code 0', async () => {
    const { code, summary, errorLines } = await verify();
    expect(summary).toMatchObject({
      outcomes: { match: SESSIONS },
      listed: SESSIONS,
      compared: SESSIONS,
      different: 0,
    });
    expect(errorLines).toEqual([]);
    expect(code).toBe(0);
  });

  it('gone from Redis is missing', async () => {
    await client.del(keyOf(sidOf(3)));
    const result = await verify();
    expect(result.summary).toMatchObject({ outcomes: { match: SESSIONS - 1, missing: 1 }, different: 1, exitCode: 4 });
    expect(differencesIn(result)).toEqual([
      {
        type: 'difference',
        outcome: 'missing',
        path: `${store.directory}/${sidOf(3).slice(0, 2)}/${sidOf(3).slice(0, 8)}*`,
        fingerprint: expect.stringMatching(/^[0-9a-f]{12}$/),
        reason: 'no key',
      },
    ]);
    expect(result.code).toBe(4);
  });

  it('another in Redis differs, and is told by the keys that differ', async () => {
    await client.set(keyOf(sidOf(1)), jsonText(77, 'shop', CREATE_TIME), 'KEEPTTL');
    const result = await unledgered();
    expect(result.summary).toMatchObject({ outcomes: { match: SESSIONS - 1, differs: 1 }, exitCode: 4 });
    expect(differencesIn(result)).toMatchObject([{ outcome: 'differs', reason: 'has another value of uid' }]);
  });

  it.each([
    ['nonsense', 'the reader cannot read it: neither a pickle nor a JSON object starts like this (byte 0)'],
    ['', 'the reader cannot read it: it is empty'],
    [pickledLogin(1), 'the reader cannot read it: it is a pickle, and the reader takes JSON'],
  ])('nothing that its reader can read differs, whoever wrote it: %j', async (value, reason) => {
    await client.set(keyOf(sidOf(1)), value, 'EX', 30 * DAY_S);
    const recorded = await verify();
    const stays = `${reason}; it is not written by us, so it stays`;
    expect(differencesIn(recorded)).toMatchObject([{ outcome: 'differs', reason: stays }]);
    const alone = await unledgered();
    expect(differencesIn(alone)).toMatchObject([{ outcome: 'differs', reason }]);
    expect([recorded.code, alone.code]).toEqual([4, 4]);
  });

  it('a list in Redis differs', async () => {
    await client.del(keyOf(sidOf(1)));
    await client.rpush(keyOf(sidOf(1)), 'x');
    const result = await verify();
    expect(differencesIn(result)).toMatchObject([
      {
        outcome: 'differs',
        reason: 'the key is of another type, and the reader fails at it; it is not written by us, so it stays',
      },
    ]);
  });

  it.each([
    ['later', 3600_000, 'expires 1 h later than its file'],
    ['earlier', -3600_000, 'expires 1 h earlier than its file'],
  ])('to end %s than its file drifts', async (_, byMs, reason) => {
    const at = Number(await client.call('PEXPIRETIME', keyOf(sidOf(2))));
    await client.pexpireat(keyOf(sidOf(2)), at + byMs);
    const result = await unledgered();
    expect(result.summary).toMatchObject({ outcomes: { match: SESSIONS - 1, 'expiry-drift': 1 }, exitCode: 4 });
    expect(differencesIn(result)).toMatchObject([{ outcome: 'expiry-drift', reason }]);
    expect((await unledgered('--expiry-tolerance', '2h')).summary).toMatchObject({
      outcomes: { match: SESSIONS },
      exitCode: 0,
    });
  });

  it('never to end drifts', async () => {
    await client.persist(keyOf(sidOf(2)));
    expect(differencesIn(await unledgered('--expiry-tolerance', '100d'))).toMatchObject([
      { outcome: 'expiry-drift', reason: 'never expires' },
    ]);
  });

  it('over on disk, but lives on in Redis, drifts; one that Odoo renewed there is newer', async () => {
    const [copied, renewed] = [sidOf(4), sidOf(6)];
    const held = await client.getBuffer(keyOf(copied));
    const [last, longAgo] = [Date.now() / 1000 - 8 * DAY_S, Date.now() / 1000 - 9 * DAY_S];
    utimesSync(files.get(copied) as string, last, last);
    utimesSync(files.get(renewed) as string, longAgo, longAgo);
    utimesSync(files.get(sidOf(8)) as string, last, last);
    // As a tool does it that counts from the moment of the copy.
    await client.set(keyOf(copied), held as Buffer, 'EX', 7 * DAY_S);
    await odooSaves(renewed);
    await client.del(keyOf(sidOf(8)));
    const result = await unledgered();
    expect(result.summary).toMatchObject({
      outcomes: { match: SESSIONS - 3, 'expiry-drift': 1, newer: 1, expired: 1 },
      listed: SESSIONS,
      exitCode: 4,
    });
    expect(differencesIn(result)).toMatchObject([
      {
        outcome: 'expiry-drift',
        reason: expect.stringMatching(/^expires (8 d|7 d 23 h|7 d 24 h).* later than its file$/),
      },
    ]);
  });
});

describe('a key that Odoo has rewritten', () => {
  it('is newer, with a ledger and without, and no fault', async () => {
    await odooSaves(sidOf(5));
    for (const result of [await verify(), await unledgered()]) {
      expect(result.summary).toMatchObject({ outcomes: { match: SESSIONS - 1, newer: 1 }, different: 0, exitCode: 0 });
      expect(differencesIn(result)).toEqual([]);
    }
  });

  it('is newer in the moment in which it has no expiry yet', async () => {
    await client.set(keyOf(sidOf(5)), '{"uid": 99}');
    for (const result of [await verify(), await unledgered()]) expect(result.summary.outcomes.newer).toBe(1);
  });

  it('is told from a stale copy of ours by the ledger alone where its expiry is no later', async () => {
    await odooSaves(sidOf(5), '{"uid": 99}', 3600);
    expect((await verify()).summary).toMatchObject({ ledger: true, outcomes: { newer: 1 }, exitCode: 0 });
    expect((await unledgered()).summary).toMatchObject({ ledger: false, outcomes: { differs: 1 }, exitCode: 4 });
  });

  it('and a file that was saved after the copy are told apart: that one differs', async () => {
    const file = files.get(sidOf(5)) as string;
    writeFileSync(`${file}.new`, jsonText(1234));
    renameSync(`${file}.new`, file);
    for (const result of [await verify(), await unledgered()]) {
      expect(result.summary).toMatchObject({ outcomes: { match: SESSIONS - 1, differs: 1 }, exitCode: 4 });
    }
    await cli.run(['sync', ...words()]);
    expect((await verify()).summary).toMatchObject({ outcomes: { match: SESSIONS }, exitCode: 0 });
  });

  it('is newer by the ledger where only its expiry was renewed, as some readers do when they read', async () => {
    await client.expire(keyOf(sidOf(5)), 8 * DAY_S);
    expect((await verify()).summary).toMatchObject({ outcomes: { newer: 1 }, exitCode: 0 });
    expect((await unledgered()).summary).toMatchObject({ outcomes: { 'expiry-drift': 1 }, exitCode: 4 });
  });
});

describe('a key without a file', () => {
  it('is extra while it is ours, and comes on top of the files', async () => {
    unlinkSync(files.get(sidOf(7)) as string);
    unlinkSync(files.get(sidOf(8)) as string);
    for (const [result, by] of [
      [await verify(), ', written by us'],
      [await unledgered(), ''],
    ] as const) {
      expect(result.summary).toMatchObject({
        outcomes: { match: SESSIONS - 2, extra: 2 },
        listed: SESSIONS,
        compared: SESSIONS - 2,
        exitCode: 4,
      });
      expect(total(result.summary.outcomes)).toBe(result.summary.listed);
      const [first] = differencesIn(result);
      expect(first).toMatchObject({ outcome: 'extra', key: expect.stringMatching(/^session:.{8}\*$/) });
      expect(first?.reason).toMatch(new RegExp(`^a login without a file, valid for 6 d 2[23] h${by}$`));
    }
  });

  it('is begun by Odoo where the ledger does not know it, and no fault then', async () => {
    await odooSaves(urlsafeSid(4000));
    await odooSaves(hexSid(4001), 'nonsense');
    expect((await verify()).summary).toMatchObject({
      outcomes: { match: SESSIONS, 'redis-only': 2 },
      listed: SESSIONS + 2,
      exitCode: 0,
    });
    expect((await unledgered()).summary).toMatchObject({ outcomes: { match: SESSIONS, extra: 2 }, exitCode: 4 });
  });

  it('is none where it is not of this reader, of this database, of this shard, or no session', async () => {
    await client.set('session:', 'x');
    await client.set(`session::shop:${hexSid(5000)}`, 'x');
    await client.set(`session:${hexSid(5001)}:lock`, 'x');
    await client.set(`session:${urlsafeSid(5002, 86)}`, 'x');
    await client.set('other', 'x');
    await odooSaves(hexSid(5003), jsonText(1, 'another'));
    expect((await unledgered('--odoo-db', 'shop')).summary).toMatchObject({
      outcomes: { match: SESSIONS },
      exitCode: 0,
    });
    await odooSaves(hexSid(5004), jsonText(1, 'shop'));
    const shards = await Promise.all(['1/2', '2/2'].map((shard) => unledgered('--shard', shard, '--odoo-db', 'shop')));
    expect(shards.map(({ summary }) => summary.outcomes.extra ?? 0).sort()).toEqual([0, 1]);
  });

  it('is looked for in every source', async () => {
    const other = new SessionStore(work);
    const to = ['--to', redis.url, '--state-dir', join(work, 'two')];
    other.hashed(urlsafeSid(999), jsonText(1));
    await cli.run(['migrate', other.directory, ...to]);
    expect((await unledgered()).summary.outcomes.extra).toBe(1);
    const both = await cli.summary(['verify', store.directory, other.directory, ...to.slice(0, 2)]);
    expect(both).toMatchObject({ outcomes: { match: SESSIONS + 1 }, exitCode: 0 });
  });
});
