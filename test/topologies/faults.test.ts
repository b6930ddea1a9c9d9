import { describe, expect, it, vi } from 'vitest';
import { setter, World } from '../support/fault-world.js';
import { FaultyLink } from '../support/faulty-link.js';
import { RedisServer } from '../support/redis-server.js';
import { makeWorkspace, until } from '../support/workspace.js';

/** The fault suite in small: what it takes to notice within `npm test` that it would fail. */
// Failovers take their time where processors are scarce.
vi.setConfig({ testTimeout: 180_000 });

const work = makeWorkspace();
const world = new World(work, 300);

describe('a run on which something goes wrong', () => {
  it('settles what a cut link left open by what the keys hold, and goes on', async () => {
    const redis = await RedisServer.forTest(work);
    const link = await FaultyLink.forTest({ path: redis.socket });
    await world.furnish(setter(redis.client()));
    const run = await world.caught(link.url, () => redis.size());
    link.cutNext('some', 'none', 'unsent', 'all');
    const result = await run.finished;
    expect(link.cuts).toBeGreaterThanOrEqual(4);
    world.expectComplete(result, await redis.contents());
    expect(Object.keys(result.summary.throttle.reasons)).toContain('reconnecting');
  });

  it('waits for a server that is gone until it is interrupted, and then ends at once with its progress kept', async () => {
    const redis = await RedisServer.forTest(work, ['--appendonly', 'yes', '--appendfsync', 'always']);
    await world.furnish(setter(redis.client()));
    const run = await world.caught(redis.url, () => redis.size());
    await redis.kill();
    let said = '';
    run.child.stdout?.on('data', (data: Buffer) => {
      said += data.toString();
    });
    await until(() => said.includes('"type":"waiting","reason":"reconnecting"'));
    run.child.kill('SIGINT');
    const result = await run.finished;
    expect(result.summary).toMatchObject({ exitCode: 130 });
    expect(result.errorLines.at(-1)).toMatch(/interrupted by SIG(INT|TERM): .*run the same line again/);
    await redis.up();
    world.expectHonest(result, await redis.contents());
    world.expectComplete(await world.run(redis.url), await redis.contents());
  });

  it('waits out a full memory', async () => {
    const redis = await RedisServer.forTest(work, ['--maxmemory-policy', 'noeviction']);
    const client = redis.client();
    await world.furnish(setter(client));
    const run = await world.caught(redis.url, () => redis.size());
    await client.config('SET', 'maxmemory', '1mb');
    await until(async () => Number(/errorstat_OOM:count=(\d+)/.exec(await client.info('errorstats'))?.[1] ?? 0) > 0);
    await client.config('SET', 'maxmemory', '0');
    const result = await run.finished;
    world.expectComplete(result, await redis.contents());
    expect(Object.keys(result.summary.throttle.reasons)).toContain('memory');
  });
});
