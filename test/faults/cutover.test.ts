import { describe, expect, it, onTestFinished } from 'vitest';
import type { RunningCli } from '../support/cli.js';
import { CutoverShop, SESSION } from '../support/cutover-shop.js';
import { RedisServer } from '../support/redis-server.js';
import { hexSid, jsonText } from '../support/store.js';
import { makeWorkspace, until } from '../support/workspace.js';

const work = makeWorkspace();
const SESSIONS = 120;
const NEWCOMERS = 20;
const sidsFrom = (first: number, count: number) => Array.from({ length: count }, (_, n) => hexSid(first + n));
const SIDS = sidsFrom(0, SESSIONS);
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

/** A shop on a server of its own whose sessions are all in Redis. */
async function movedShop(...options: string[]): Promise<{ shop: CutoverShop; redis: RedisServer }> {
  const redis = await RedisServer.forTest(work, options);
  const shop = new CutoverShop(work, redis, 0);
  for (const sid of SIDS) shop.save(sid);
  expect((await shop.summary('migrate')).outcomes).toEqual({ written: SESSIONS });
  return { shop, redis };
}

/** A final pass that is slow enough to be caught in the middle. */
function slowFinal(shop: CutoverShop): RunningCli {
  const run = shop.cli.start(['sync', ...shop.words, '--json', '--final', '--rate', '60', '--throttle', 'off']);
  onTestFinished(() => {
    run.child.kill('SIGKILL');
  });
  return run;
}

async function absent(shop: CutoverShop, sids: readonly string[]): Promise<string[]> {
  const contents = await shop.contents();
  return sids.filter((sid) => !contents.has(SESSION + sid));
}

describe('a final pass that is killed, after which nobody runs it again but says --cutover-done', () => {
  it.each<[string, (shop: CutoverShop, redis: RedisServer, run: RunningCli) => Promise<void>]>([
    [
      'while the server stands still',
      async (_shop, redis, run) => {
        redis.pause(true);
        await pause(500);
        run.child.kill('SIGKILL');
        redis.pause(false);
      },
    ],
    [
      'while the server holds writes up, which it drops with their connection',
      async (shop, _redis, run) => {
        await shop.redisCall('CLIENT', 'PAUSE', '60000', 'WRITE');
        await pause(500);
        run.child.kill('SIGKILL');
        await shop.redisCall('CLIENT', 'KILL', 'TYPE', 'normal', 'SKIPME', 'yes');
        await shop.redisCall('CLIENT', 'UNPAUSE');
      },
    ],
  ])('%s, leaves no user outside of whom it is not known whether the copy arrived', async (_, kill) => {
    const { shop, redis } = await movedShop();
    const newcomers = sidsFrom(500, NEWCOMERS);
    for (const sid of newcomers) shop.save(sid);
    const run = slowFinal(shop);
    await until(async () => (await redis.size()) > SESSIONS || run.child.exitCode !== null);
    await kill(shop, redis, run);
    await run.finished;
    expect((await shop.summary('sync', '--cutover-done')).exitCode).toBe(0);
    expect(await absent(shop, [...SIDS, ...newcomers])).toEqual([]);
  });

  it('at any moment, several times, leaves every user inside', async () => {
    const { shop } = await movedShop();
    for (let turn = 0; turn < 4; turn++) {
      for (const sid of SIDS.slice(turn * 30, turn * 30 + 30))
        shop.save(sid, jsonText(1, 'shop', `, "turn": ${turn}`), 5);
      const run = slowFinal(shop);
      await pause(400 + turn * 300);
      run.child.kill('SIGKILL');
      await run.finished;
    }
    expect((await shop.summary('sync', '--cutover-done')).exitCode).toBe(0);
    expect(await absent(shop, SIDS)).toEqual([]);
  });
});

describe('after a switch that nobody told of by --cutover-done', () => {
  it.each<[gone: number, command: string[]]>([
    [1, ['migrate']],
    [4, ['sync']],
    [4, ['sync', '--final']],
    [14, ['sync']],
    [36, ['migrate']],
  ])(`nobody of %i of ${SESSIONS} users who logged out in Redis is let in again by %j`, async (gone, command) => {
    const { shop } = await movedShop();
    expect((await shop.summary('sync', '--final')).exitCode).toBe(0);
    const out = SIDS.slice(0, gone);
    await shop.redisCall('DEL', ...out.map((sid) => SESSION + sid));
    for (let pass = 0; pass < 2; pass++) {
      const { exitCode } = await shop.summary(command[0] as string, ...command.slice(1));
      // Refused, in words that say what to do, where logouts can't be told from a loss.
      expect([0, 7]).toContain(exitCode);
      expect(await absent(shop, SIDS)).toEqual(out);
    }
  });

  it.each(['migrate', 'sync'])(
    'a user who logged out in Redis stays out when it restarts, after %s',
    async (command) => {
      const { shop, redis } = await movedShop('--appendonly', 'yes');
      expect((await shop.summary('sync', '--final')).exitCode).toBe(0);
      await shop.redisCall('DEL', SESSION + hexSid(0));
      await redis.stop();
      await redis.up();
      await shop.run(command);
      expect(await absent(shop, SIDS)).toEqual([hexSid(0)]);
    },
  );
});
