import { existsSync, mkdirSync, readdirSync, renameSync, rmdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { CutoverShop, SESSION } from '../support/cutover-shop.js';
import { RedisServer } from '../support/redis-server.js';
import { DAY_S, hexSid, jsonText } from '../support/store.js';
import { makeWorkspace, until } from '../support/workspace.js';

const work = makeWorkspace();
const SIDS = Array.from({ length: 90 }, (_, n) => hexSid(n));
const [A, B] = SIDS as [string, string];
const NEWCOMER = hexSid(500);
const CHANGED = jsonText(1, 'shop', ', "changed": 1');
const FAKETIME = faketimeLibrary();

async function newShop(sids: readonly string[] = SIDS): Promise<{ shop: CutoverShop; redis: RedisServer }> {
  const redis = await RedisServer.forTest(work);
  const shop = new CutoverShop(work, redis, 0);
  for (const sid of sids) shop.save(sid);
  return { shop, redis };
}

async function movedShop(): Promise<{ shop: CutoverShop; redis: RedisServer }> {
  const made = await newShop();
  expect((await made.shop.summary('migrate')).outcomes).toEqual({ written: SIDS.length });
  return made;
}

/** Where Debian has it; null without it. */
function faketimeLibrary(): string | null {
  const roots = existsSync('/usr/lib') ? readdirSync('/usr/lib').map((name) => join('/usr/lib', name)) : [];
  const places = roots.map((root) => join(root, 'faketime/libfaketime.so.1'));
  return places.find((place) => existsSync(place)) ?? null;
}

function expectChanges(contents: Awaited<ReturnType<CutoverShop['contents']>>): void {
  expect(contents.get(SESSION + A)?.value.toString(), 'a save').toBe(CHANGED);
  expect(contents.has(SESSION + B), 'a logout').toBe(false);
  expect(contents.has(SESSION + NEWCOMER), 'a login').toBe(true);
}

function change(shop: CutoverShop): void {
  shop.save(A, CHANGED, 5);
  shop.logOut(B);
  shop.save(NEWCOMER);
}

describe('a Redis that goes back to an older state', () => {
  it.each([[['--conflict', 'overwrite']], [[]]])('has what changed since again after sync --final %j', async (more) => {
    const { shop, redis } = await movedShop();
    await shop.redisCall('SAVE');
    change(shop);
    expect(await shop.summary('sync')).toMatchObject({ exitCode: 0, deletes: { deleted: 1 } });
    await redis.kill();
    await redis.up();
    expect((await shop.summary('sync', '--final', ...more)).exitCode).toBe(0);
    expectChanges(await shop.contents());
    expect((await shop.summary('verify')).exitCode).toBe(0);
  });

  it('between two passes of sync --every gets it by the passes that follow, of the same process', async () => {
    const { shop, redis } = await movedShop();
    await shop.redisCall('SAVE');
    const run = shop.cli.start(['sync', ...shop.words, '--json', '--every', '1s']);
    onTestFinished(() => {
      run.child.kill('SIGKILL');
    });
    change(shop);
    const isDone = async () => {
      const contents = await shop.contents();
      const { child } = run;
      if (child.exitCode !== null) throw new Error(`the run ended: ${(await run.finished).stderr}`);
      return (
        contents.get(SESSION + A)?.value.toString() === CHANGED &&
        !contents.has(SESSION + B) &&
        contents.has(SESSION + NEWCOMER)
      );
    };
    await until(isDone);
    await redis.kill();
    await redis.up();
    expect(await isDone()).toBe(false);
    await until(isDone);
    run.child.kill('SIGINT');
    expect((await run.finished).code).toBe(130);
    expect((await shop.summary('sync', '--final')).exitCode).toBe(0);
    expectChanges(await shop.contents());
    expect((await shop.summary('verify')).exitCode).toBe(0);
  });
});

describe('a key that Odoo on trial wrote', () => {
  it('and that expired, makes room for the user whose file lives', async () => {
    const { shop } = await newShop();
    await shop.redisCall('SET', SESSION + A, '{"uid": 1}', 'EX', '9999');
    expect((await shop.summary('migrate')).outcomes).toEqual({ written: SIDS.length - 1, kept: 1 });
    await shop.redisCall('PEXPIRE', SESSION + A, '1');
    await until(async () => (await shop.held(A)) === undefined);
    expect((await shop.summary('sync', '--final')).exitCode).toBe(0);
    expect(await shop.held(A)).toBe(jsonText(1));
    expect((await shop.summary('verify')).exitCode).toBe(0);
  });
});

describe.skipIf(FAKETIME === null)('a pass whose clock is off', () => {
  it.each(['-1h', '-20s', '+20s'])(
    'by %s leaves every expiry as its file has it, once a pass by the right clock is over',
    async (off) => {
      const { shop } = await newShop();
      shop.save(A, CHANGED, 0);
      const env = { LD_PRELOAD: FAKETIME as string, FAKETIME: off, FAKETIME_DONT_FAKE_MONOTONIC: '1' };
      const { code } = await shop.cli.run(['migrate', ...shop.words, '--json'], { env });
      // From a minute on it is refused.
      expect(code).toBe(off === '-1h' ? 7 : 0);
      expect((await shop.summary('sync', '--final')).exitCode).toBe(0);
      const contents = await shop.contents();
      for (const sid of SIDS) {
        const savedMs = Math.floor(statSync(join(shop.store, sid.slice(0, 2), sid)).mtimeMs);
        expect(contents.get(SESSION + sid)?.expiryMs, sid).toBe(savedMs + 7 * DAY_S * 1000);
      }
      expect((await shop.summary('verify')).exitCode).toBe(0);
    },
  );
});

describe('a store of which most is gone at once', () => {
  it('as it was not mounted, costs nobody the login, and goes on once it is', async () => {
    const { shop } = await movedShop();
    const before = await shop.contents();
    renameSync(shop.store, `${shop.store}.real`);
    mkdirSync(shop.store);
    for (const words of [[], ['--final']]) expect((await shop.summary('sync', ...words)).exitCode).toBe(6);
    expect(await shop.contents()).toEqual(before);
    rmdirSync(shop.store);
    renameSync(`${shop.store}.real`, shop.store);
    expect(await shop.summary('sync', '--final')).toMatchObject({ exitCode: 0, deletes: {} });
    expect(await shop.contents()).toEqual(before);
  });

  it('is suspected in a small one too: 80 files of 90', async () => {
    const { shop } = await movedShop();
    const before = await shop.contents();
    for (const sid of SIDS.slice(0, 80)) shop.logOut(sid);
    for (const words of [[], ['--final']]) expect((await shop.summary('sync', ...words)).exitCode).toBe(6);
    expect(await shop.contents()).toEqual(before);
    expect(await shop.summary('sync', '--max-delete', '100%')).toMatchObject({ exitCode: 0, deletes: { deleted: 80 } });
  });
});
