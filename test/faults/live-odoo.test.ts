import { describe, it } from 'vitest';
import { CutoverShop } from '../support/cutover-shop.js';
import { chance, FAULTS, type Fault, LiveOdoo } from '../support/live-odoo.js';
import { RedisServer } from '../support/redis-server.js';
import { makeWorkspace } from '../support/workspace.js';

/** `LIVE_SEEDS=200` plays more schedules, `LIVE_FIRST=17` begins with another one. */
const SEEDS = Number(process.env.LIVE_SEEDS ?? 10);
const FIRST = Number(process.env.LIVE_FIRST ?? 1);

const SERVERS: readonly string[][] = [
  [],
  ['--appendonly', 'yes', '--appendfsync', 'everysec'],
  ['--dbfilename', 'snapshot.rdb'],
];

const work = makeWorkspace();

describe('an Odoo at work, with random faults on the way: who is logged in is in, who logged out is out', () => {
  it.each(Array.from({ length: SEEDS }, (_, n) => FIRST + n))('by seed %i', async (seed) => {
    const random = chance(seed);
    const options = SERVERS[random(SERVERS.length)] as string[];
    const redis = await RedisServer.forTest(work, options);
    const odoo = new LiveOdoo(new CutoverShop(work, redis, 0), redis, random, options.includes('--dbfilename'));
    if (random(4) > 0) await odoo.pass();
    for (let troubles = 1 + random(3); troubles > 0; troubles--) {
      odoo.work(random(8));
      if (random(2) === 0) await odoo.pass();
      await odoo.trouble(FAULTS[random(FAULTS.length)] as Fault);
    }
    await odoo.final();
    await odoo.expectTruth();
  });
});
