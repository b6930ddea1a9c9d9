import fc from 'fast-check';
import { it } from 'vitest';
import { CutoverShop } from '../support/cutover-shop.js';
import { RedisServer } from '../support/redis-server.js';
import { type Step, SyncModel, steps } from '../support/sync-model.js';
import { makeWorkspace } from '../support/workspace.js';

const work = makeWorkspace();
const redis = RedisServer.forFile(work);

async function play(taken: readonly Step[]): Promise<void> {
  await redis.flush();
  const model = new SyncModel(new CutoverShop(work, redis, 0));
  for (const step of taken) await model.take(step);
  await model.take({ kind: 'pass' });
}

// Many more are played in test/faults/sync-model.test.ts.
it('any order of saves, logouts, rotations, writes of Odoo, crashes and passes keeps the promises', async () => {
  await fc.assert(fc.asyncProperty(steps, play), { numRuns: 4, endOnFailure: true });
}, 120_000);
