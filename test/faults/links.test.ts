import { describe, expect, it } from 'vitest';
import { setter, World } from '../support/fault-world.js';
import { type CutAt, FaultyLink } from '../support/faulty-link.js';
import { RedisServer } from '../support/redis-server.js';
import { makeWorkspace, until } from '../support/workspace.js';

const work = makeWorkspace();
const world = new World(work);

async function linked() {
  const redis = await RedisServer.forTest(work);
  const link = await FaultyLink.forTest({ path: redis.socket });
  await world.furnish(setter(redis.client()));
  return { redis, link };
}

describe('a link that is cut', () => {
  it.each<[string, CutAt[]]>([
    ['before the batch arrives', ['unsent']],
    ['with none of the replies received', ['none']],
    ['with some of the replies received', ['some']],
    ['with all of the replies received', ['all']],
    ['again and again', ['none', 'some', 'unsent', 'none', 'all', 'some', 'none', 'unsent', 'some', 'none']],
  ])('%s is mended: each session is settled by what its key holds', async (_, places) => {
    const { redis, link } = await linked();
    const run = await world.caught(link.url, () => redis.size());
    link.cutNext(...places);
    const result = await run.finished;
    expect(link.cuts).toBeGreaterThanOrEqual(places.length);
    world.expectComplete(result, await redis.contents());
    expect(Object.keys(result.summary.throttle.reasons)).toContain('reconnecting');
  });

  it('by the server, every connection of it, each second, does not end the run', async () => {
    const { redis, link } = await linked();
    const client = redis.client();
    let kills = 0;
    const killing = setInterval(() => {
      client.call('CLIENT', 'KILL', 'TYPE', 'normal', 'SKIPME', 'yes').then(
        () => kills++,
        () => {},
      );
    }, 1000);
    const result = await world.run(link.url, ['--rate', '100']).finally(() => clearInterval(killing));
    expect(kills).toBeGreaterThan(3);
    world.expectComplete(result, await redis.contents());
  });
});

describe('a link that is half open', () => {
  it('is given up after 15 s without a reply, and the run goes on by a new one', async () => {
    const { redis, link } = await linked();
    const run = await world.caught(link.url, () => redis.size());
    link.silence(true);
    let said = '';
    run.child.stdout?.on('data', (data: Buffer) => {
      said += data.toString();
    });
    await until(() => said.includes('no reply within 15 s'));
    link.cut();
    link.silence(false);
    world.expectComplete(await run.finished, await redis.contents());
  });

  it('for longer than --give-up-after says ends the run with exit code 5 and progress kept', async () => {
    const { redis, link } = await linked();
    const run = await world.caught(link.url, () => redis.size(), ['--give-up-after', '2s']);
    link.silence(true);
    const result = await run.finished;
    expect(result.summary).toMatchObject({ exitCode: 5 });
    expect(result.errorLines.at(-1)).toMatch(/gave up after 2\.0 s, as --give-up-after says; progress is kept/);
    world.expectHonest(result, await redis.contents());
    link.cut();
    link.silence(false);
    world.expectComplete(await world.run(link.url), await redis.contents());
  });
});

describe('a link that is slow', () => {
  it('carries the sessions without being taken for broken', async () => {
    const { redis, link } = await linked();
    link.slow(12_000);
    const result = await world.run(link.url, ['--lanes', '2']);
    world.expectComplete(result, await redis.contents());
    expect(link.cuts).toBe(0);
    expect(result.summary.throttle.reasons).not.toHaveProperty('reconnecting');
  });
});
