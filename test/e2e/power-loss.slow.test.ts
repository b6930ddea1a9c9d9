import { cpSync, readdirSync, rmSync, statSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
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
const COUNT = 200;
const SIDS = Array.from({ length: COUNT }, (_, n) => hexSid(n));
/** Slow enough to be met with some sessions sent and some not. */
const SLOWLY = ['--rate', '100'];
const UNKNOWN = /the ledger does not know all that was moved/;

interface Target {
  server: RedisServer;
  hasReceipts: boolean;
}
const TARGETS: [string, Target][] = [
  ['with receipts', { server: redis, hasReceipts: true }],
  ['without receipts', { server: single, hasReceipts: false }],
];

type Moment = (shop: CutoverShop, pid: number) => void;

/** Begins a slow pass and, when so many keys are there, does something to its process. */
async function caught(shop: CutoverShop, command: string, keys: number, at: Moment): Promise<void> {
  const run = shop.cli.start([command, ...shop.words, '--json', ...SLOWLY]);
  await until(async () => Number(await shop.redisCall('DBSIZE')) >= keys);
  at(shop, run.child.pid as number);
  await run.finished;
}

const kill: Moment = (_, pid) => process.kill(pid, 'SIGKILL');

/** Leaves this share of what the ledger wrote last: the rest never reached the disk. */
function cutLedger({ stateDir }: CutoverShop, share: number): void {
  const directory = join(stateDir, 'ledger');
  for (const name of readdirSync(directory)) {
    const path = join(directory, name);
    if (name.endsWith('.log')) truncateSync(path, Math.floor(statSync(path).size * share));
  }
}

async function newShop(sids: readonly string[], server = redis): Promise<CutoverShop> {
  if (server === single) await single.flush();
  const shop = new CutoverShop(work, server, server === single ? 0 : databases++);
  for (const sid of sids) shop.save(sid);
  return shop;
}

const movedOf = async (shop: CutoverShop) =>
  [...(await shop.contents()).keys()].map((key) => key.slice(SESSION.length));

/** What the next pass says, and verify after it. */
async function finish(shop: CutoverShop): Promise<{ said: string; code: number | null; verified: number | null }> {
  const { code, stdout } = await shop.run('sync', '--final', '--max-delete', '100%');
  return { said: stdout, code, verified: (await shop.run('verify')).code };
}

describe.each(TARGETS)('a ledger that lost its newest records, %s', (_, { server, hasReceipts }) => {
  it.each([0.3, 0.9])(
    'in a first pass, of which %f are left: who logged out is out, or verify finds them',
    async (share) => {
      const shop = await newShop(SIDS, server);
      await caught(shop, 'migrate', 100, kill);
      cutLedger(shop, share);
      const [saved, ...others] = (await movedOf(shop)) as [string, ...string[]];
      const goneSids = others.slice(0, 60);
      shop.save(saved, jsonText(7), 1);
      for (const sid of goneSids) shop.logOut(sid);
      // Asked at once, it says the same.
      expect((await shop.run('verify')).code).toBe(4);
      const { said, code, verified } = await finish(shop);
      expect([code, UNKNOWN.test(said)]).toEqual([0, !hasReceipts]);
      expect(await shop.held(saved)).toBe(jsonText(7));
      const stillIn = (await movedOf(shop)).filter((sid) => goneSids.includes(sid)).length;
      expect(stillIn > 0).toBe(!hasReceipts);
      expect(verified).toBe(hasReceipts ? 0 : 4);
      const { outcomes } = (await shop.run('verify')).summary;
      expect(outcomes.extra ?? 0).toBe(stillIn);
    },
  );

  it('in a sync: a login that came and went is out, or verify finds it', async () => {
    const shop = await newShop(SIDS.slice(0, 100), server);
    expect((await shop.summary('migrate')).exitCode).toBe(0);
    for (const sid of SIDS.slice(100)) shop.save(sid, jsonText(1), 0);
    await caught(shop, 'sync', 150, kill);
    cutLedger(shop, 0.8);
    for (const sid of SIDS.slice(100)) shop.logOut(sid);
    const { said, verified } = await finish(shop);
    expect(UNKNOWN.test(said)).toBe(!hasReceipts);
    expect(verified).toBe(hasReceipts ? 0 : 4);
  });

  it('in a sync: of a session that was saved twice the newest content wins', async () => {
    const shop = await newShop(SIDS, server);
    expect((await shop.summary('migrate')).exitCode).toBe(0);
    for (const sid of SIDS) shop.save(sid, jsonText(2), 2);
    const isUnderWay = async () =>
      [...(await shop.contents()).values()].filter(({ value }) => `${value}` === jsonText(2));
    const run = shop.cli.start(['sync', ...shop.words, '--json', ...SLOWLY]);
    await until(async () => (await isUnderWay()).length >= 100);
    run.child.kill('SIGKILL');
    await run.finished;
    cutLedger(shop, 0.7);
    for (const sid of SIDS) shop.save(sid, jsonText(3), 0);
    const { said, verified } = await finish(shop);
    expect(UNKNOWN.test(said)).toBe(!hasReceipts);
    expect(new Set([...(await shop.contents()).values()].map(({ value }) => `${value}`))).toEqual(
      new Set([jsonText(3)]),
    );
    expect(verified).toBe(0);
  });

  it('as a copy does that was made during a pass that then ended', async () => {
    const shop = await newShop(SIDS, server);
    const copy = `${shop.stateDir}-copy`;
    await caught(shop, 'migrate', 100, (_, pid) => {
      process.kill(pid, 'SIGSTOP');
      cpSync(shop.stateDir, copy, { recursive: true });
      process.kill(pid, 'SIGCONT');
    });
    rmSync(shop.stateDir, { recursive: true });
    cpSync(copy, shop.stateDir, { recursive: true });
    for (const sid of SIDS.slice(0, 150)) shop.logOut(sid);
    const { said, verified } = await finish(shop);
    expect(said).toMatch(UNKNOWN);
    expect(verified).toBe(hasReceipts ? 0 : 4);
  });
});

describe('a pass that was killed, its ledger whole', () => {
  it.each([
    ['a first one', 0],
    ['a later one', 100],
  ])('is no such case: %s', async (_, before) => {
    const shop = await newShop(SIDS.slice(0, before));
    if (before > 0) expect((await shop.summary('migrate')).exitCode).toBe(0);
    // What Odoo wrote on trial, before the pass: a login of its own, and one over ours.
    if (before > 0) {
      const past = String(Date.now() + 5 * 86_400_000);
      await shop.redisCall('SET', SESSION + hexSid(COUNT), jsonText(9), 'PXAT', past);
      await shop.redisCall('SET', SESSION + SIDS[0], jsonText(9), 'PXAT', past);
    }
    for (const sid of SIDS.slice(before)) shop.save(sid, jsonText(1), 0);
    await caught(shop, 'migrate', before === 0 ? 100 : 150, kill);
    for (const sid of SIDS.slice(-50)) shop.logOut(sid);
    const { said, code, verified } = await finish(shop);
    expect([code, verified]).toEqual([0, 0]);
    expect(said).not.toMatch(UNKNOWN);
  });

  it('nor is one on a target that was emptied since', async () => {
    const shop = await newShop(SIDS);
    await caught(shop, 'migrate', 100, kill);
    await redis.flush();
    const { said, code, verified } = await finish(shop);
    expect([code, verified]).toEqual([0, 0]);
    expect(said).not.toMatch(UNKNOWN);
    expect(await movedOf(shop)).toHaveLength(COUNT);
  });
});
