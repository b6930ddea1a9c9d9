import fc from 'fast-check';
import { it } from 'vitest';
import { CutoverShop } from '../support/cutover-shop.js';
import { RedisServer } from '../support/redis-server.js';
import { SyncModel, steps } from '../support/sync-model.js';
import { makeWorkspace } from '../support/workspace.js';

/** Past any machine's time for so many runs of the program: only what hangs takes longer. */
const WAIT_IN_VAIN_MS = 3_600_000;

const work = makeWorkspace();
const redis = RedisServer.forFile(work);

it(
  'any order of saves, logouts, rotations, writes of Odoo, crashes and passes keeps the promises',
  async () => {
    const property = fc.asyncProperty(steps, async (taken) => {
      await redis.flush();
      const model = new SyncModel(new CutoverShop(work, redis, 0));
      for (const step of taken) await model.take(step);
      await model.take({ kind: 'pass' });
    });
    await fc.assert(property, { numRuns: 60, endOnFailure: true });
  },
  WAIT_IN_VAIN_MS,
);
