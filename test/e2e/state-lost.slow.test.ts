import { cpSync, rmSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { CutoverShop, SESSION } from '../support/cutover-shop.js';
import { RedisServer } from '../support/redis-server.js';
import { hexSid, jsonText } from '../support/store.js';
import { makeWorkspace, until } from '../support/workspace.js';

const work = makeWorkspace();
const redis = RedisServer.forFile(work, ['--databases', '64']);
/** Without a database that receipts could lie in. */
const single = RedisServer.forFile(work, ['--databases', '1']);
let databases = 0;
const SIDS = Array.from({ length: 40 }, (_, n) => hexSid(n));
const [SAVED, EMPTIED, BROKEN, OUT, OTHERS, OLD] = SIDS as [string, string, string, string, string, string];
const LIFE = 7 * 86_400_000;
const HOUR = 3600;

async function newShop(server = redis): Promise<CutoverShop> {
  if (server === single) await single.flush();
  const shop = new CutoverShop(work, server, server === single ? 0 : databases++);
  for (const sid of SIDS) shop.save(sid, jsonText(1), sid === OLD ? 5 * 24 * HOUR : 60);
  expect((await shop.summary('migrate')).exitCode).toBe(0);
  return shop;
}

type Loss = (shop: CutoverShop, meanwhile: () => Promise<void>) => Promise<void>;

const LOSSES: Record<string, Loss> = {
  lost: async ({ stateDir }, meanwhile) => {
    await meanwhile();
    rmSync(stateDir, { recursive: true });
  },
  'restored from an older copy': async ({ stateDir }, meanwhile) => {
    cpSync(stateDir, `${stateDir}-copy`, { recursive: true });
    await meanwhile();
    rmSync(stateDir, { recursive: true });
    cpSync(`${stateDir}-copy`, stateDir, { recursive: true });
  },
};

describe.each(Object.entries(LOSSES))('a state directory that was %s', (kind, lose) => {
  const isLost = kind === 'lost';
  it.each([
    ['receipts in the target stand in for it', redis],
    ['without receipts nothing that is stale or over is right to verify', single],
  ])('%s', async (_, server) => {
    const shop = await newShop(server);
    await lose(shop, async () => {
      for (const sid of [SAVED, EMPTIED, BROKEN, OUT]) shop.save(sid, jsonText(2), 1);
      const anew = hexSid(100);
      shop.save(anew, jsonText(2), 1);
      expect((await shop.summary('sync')).exitCode).toBe(0);
      shop.logOut(anew);
      // A login of five days ago whose record is missing.
      if (isLost) shop.logOut(OLD);
    });
    // Their copies end later than by these files: a restore, a lifetime of its own, a rotation.
    shop.save(SAVED, jsonText(3), 5 * HOUR);
    shop.save(EMPTIED, '', 0);
    shop.save(BROKEN, '{"uid": 5, "db', 0);
    shop.logOut(OUT);
    await shop.run('sync', '--final');
    const { exitCode, outcomes } = await shop.summary('verify');
    if (server === redis) {
      expect([exitCode, outcomes]).toEqual([3, { match: SIDS.length - (isLost ? 4 : 3), empty: 1, malformed: 1 }]);
      expect(await shop.held(SAVED)).toBe(jsonText(3));
      return;
    }
    expect(exitCode).toBe(4);
    // The one that came and went, the one whose newest version is not on record, and the one of days ago.
    const stillIn = isLost ? 3 : 2;
    expect(outcomes).toMatchObject({ differs: 1, extra: 2 + stillIn, match: SIDS.length - (isLost ? 5 : 4) });
    expect(outcomes.newer).toBeUndefined();
    // Asked again, with what that pass has recorded in doubt, it says the same.
    await shop.run('sync', '--final');
    expect((await shop.summary('verify')).outcomes).toEqual(outcomes);
  });

  it('does not make differences of what only Odoo can have written', async () => {
    const shop = await newShop();
    const set = (sid: string, ...life: string[]) => shop.redisCall('SET', SESSION + sid, jsonText(9), ...life);
    await lose(shop, async () => {
      expect((await shop.summary('sync')).exitCode).toBe(0);
      await set(hexSid(200));
      await set(OTHERS, 'PXAT', String(Date.now() + 1000 + LIFE));
    });
    await shop.run('sync', '--final');
    const { exitCode, outcomes } = await shop.summary('verify');
    expect(outcomes).toEqual({ match: SIDS.length - 1, newer: 1, 'redis-only': 1 });
    expect(exitCode).toBe(0);
  });
});

it('that is lost together with the marker is stood in for by the receipts alone', async () => {
  const shop = await newShop();
  shop.save(SAVED, jsonText(2), 1);
  expect((await shop.summary('sync')).exitCode).toBe(0);
  rmSync(shop.stateDir, { recursive: true });
  const database = shop.db === 15 ? 14 : 15;
  const lua = "for _, key in ipairs(redis.call('keys', '*sess2redis-marker:????????')) do redis.call('del', key) end";
  const client = redis.client({ db: database });
  await client.call('EVAL', lua, '0');
  client.disconnect();
  shop.save(SAVED, jsonText(3), 5 * HOUR);
  shop.logOut(OUT);
  const { exitCode, outcomes, deletes } = await shop.summary('sync', '--final');
  expect([exitCode, outcomes, deletes.deleted]).toEqual([0, { updated: 1, same: SIDS.length - 2 }, 1]);
  expect(await shop.held(SAVED)).toBe(jsonText(3));
  expect((await shop.summary('verify')).outcomes).toEqual({ match: SIDS.length - 1 });
});

it('that is lost after the final pass: who logged out in Redis since is not brought back', async () => {
  const shop = await newShop();
  expect((await shop.summary('sync', '--final')).exitCode).toBe(0);
  rmSync(shop.stateDir, { recursive: true });
  await shop.redisCall('DEL', SESSION + OUT);
  expect((await shop.summary('sync')).outcomes).toEqual({ same: SIDS.length - 1, kept: 1 });
  expect(await shop.held(OUT)).toBeUndefined();
});

it('that is lost: a migrate leaves what is there alone, and the sync after it tells ours from what Odoo wrote', async () => {
  const shop = await newShop();
  // On trial Odoo saved it in Redis, and gave it less time to live than its file has.
  await shop.redisCall('SET', SESSION + OTHERS, jsonText(9), 'EX', '3600');
  rmSync(shop.stateDir, { recursive: true });
  shop.save(SAVED, jsonText(3), 1);
  for (const command of ['migrate', 'sync', 'sync']) {
    expect((await shop.summary(command)).exitCode).toBe(0);
    expect([command, await shop.held(OTHERS)]).toEqual([command, jsonText(9)]);
    expect([command, await shop.held(SAVED)]).toEqual([command, jsonText(command === 'migrate' ? 1 : 3)]);
  }
  expect((await shop.summary('verify')).outcomes).toEqual({ match: SIDS.length - 1, newer: 1 });
});

it('that another run had while a pass went by: what that run sent is known to the next pass', async () => {
  const shop = await newShop();
  for (const sid of SIDS.slice(0, 30)) shop.save(sid, jsonText(2), 3);
  const slow = shop.cli.start(['sync', ...shop.words, '--json', '--rate', '4']);
  await until(async () => (await shop.held(SIDS[0] as string)) === jsonText(2) || slow.child.exitCode !== null);
  slow.child.kill('SIGUSR1');
  // The other one takes a save that the slow one has gone past, and is newer than its own.
  for (const sid of SIDS.slice(0, 30)) shop.save(sid, jsonText(3), 2);
  const other = `${shop.stateDir}-other`;
  const words = shop.words.map((word) => (word === shop.stateDir ? other : word));
  expect((await shop.cli.run(['sync', ...words])).code).toBe(0);
  slow.child.kill('SIGUSR2');
  await slow.finished;
  for (const sid of SIDS.slice(0, 30)) shop.save(sid, jsonText(4), 1);
  shop.logOut(OLD);
  expect((await shop.summary('sync', '--final')).exitCode).toBe(0);
  expect(new Set([...(await shop.contents()).values()].map(({ value }) => `${value}`))).toEqual(
    new Set([jsonText(1), jsonText(4)]),
  );
  expect((await shop.summary('verify')).outcomes).toEqual({ match: SIDS.length - 1 });
});

it('leaves receipts until the switch, and none after it', async () => {
  const shop = await newShop();
  const client = redis.client({ db: shop.db === 15 ? 14 : 15 });
  const [marker] = await client.keys(`*sess2redis-marker:????????`);
  const receipts = async () => (await client.keys(`${SESSION}sess2redis-marker:*:receipts:*`)).length;
  const before = await receipts();
  expect([marker !== undefined, before > 0]).toEqual([true, true]);
  expect((await shop.summary('sync', '--final')).exitCode).toBe(0);
  expect((await shop.summary('sync', '--cutover-done')).exitCode).toBe(0);
  const after = await receipts();
  client.disconnect();
  expect(after).toBeLessThan(before);
});

it('that is older knows that what ends in minutes, and is no file of days ago, was never moved', async () => {
  const shop = await newShop();
  await LOSSES['restored from an older copy']?.(shop, async () => {
    expect((await shop.summary('sync')).exitCode).toBe(0);
    await shop.redisCall('SET', SESSION + hexSid(200), jsonText(9), 'EX', '600');
  });
  await shop.run('sync', '--final');
  expect(await shop.summary('verify')).toMatchObject({ exitCode: 0, outcomes: { 'redis-only': 1 } });
});

it('that is whole: verify names the copy of a login whose file holds none any more', async () => {
  const shop = await newShop();
  shop.save(EMPTIED, '', 0);
  expect(await shop.summary('verify')).toMatchObject({ exitCode: 4, outcomes: { extra: 1, match: SIDS.length - 1 } });
  await shop.run('sync');
  expect((await shop.summary('verify')).outcomes).toEqual({ empty: 1, match: SIDS.length - 1 });
});
