import { expect, it } from 'vitest';
import { KilledMigrate } from '../support/killed-migrate.js';
import { RedisServer } from '../support/redis-server.js';
import { makeWorkspace } from '../support/workspace.js';

const work = makeWorkspace();
const redis = RedisServer.forFile(work, ['--appendonly', 'yes', '--appendfsync', 'always']);

// The whole suite, 30 moments of 50,000 files, is in test/faults/killed.test.ts.
const LIMIT = { timeout: 240_000 };
it('a run that is killed at any moment and run again leaves what an uninterrupted one does', LIMIT, async () => {
  const migrate = new KilledMigrate(work, redis);
  const { elapsedMs, wanted } = await migrate.prepare(4000);
  const restart = async () => {
    await redis.kill();
    await redis.up();
  };
  let resumed = 0;
  for (const share of [null, 0.6, 0.8, 0.95]) {
    const { outcomes } = await migrate.killAfter(
      share && elapsedMs * share,
      wanted,
      share === 0.6 ? restart : undefined,
    );
    if ((outcomes.unchanged ?? 0) + (outcomes.same ?? 0) > 0) resumed++;
  }
  // A control: at least one of them was killed when something was there to go on from.
  expect(resumed).toBeGreaterThan(0);
});
