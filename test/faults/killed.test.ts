import { describe, expect, it } from 'vitest';
import { KilledMigrate } from '../support/killed-migrate.js';
import { RedisServer } from '../support/redis-server.js';
import { makeWorkspace } from '../support/workspace.js';

const SESSIONS = 50_000;
const MOMENTS = 30;

/** Past any machine's time for so many runs of the program: only what hangs takes longer. */
const WAIT_IN_VAIN_MS = 3_600_000;

const work = makeWorkspace();
const redis = RedisServer.forFile(work, ['--appendonly', 'yes', '--appendfsync', 'everysec']);

describe(`a migrate of ${SESSIONS} files that is killed`, () => {
  it(
    `at ${MOMENTS} random moments leaves, once it is run again, what an uninterrupted run does`,
    async () => {
      const migrate = new KilledMigrate(work, redis);
      const { elapsedMs, wanted } = await migrate.prepare(SESSIONS);
      let resumed = 0;
      for (let moment = 0; moment < MOMENTS; moment++) {
        const restart = async () => {
          await redis.stop();
          await redis.up();
        };
        const { outcomes } = await migrate.killAfter(
          elapsedMs * Math.random(),
          wanted,
          moment % 10 === 9 ? restart : undefined,
        );
        if ((outcomes.unchanged ?? 0) + (outcomes.same ?? 0) > 0) resumed++;
      }
      expect(resumed).toBeGreaterThan(MOMENTS / 4);
    },
    WAIT_IN_VAIN_MS,
  );
});
