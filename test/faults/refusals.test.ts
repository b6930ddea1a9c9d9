import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Redis } from 'ioredis';
import { describe, expect, it } from 'vitest';
import type { RunningCli } from '../support/cli.js';
import { setter, World } from '../support/fault-world.js';
import { RedisServer } from '../support/redis-server.js';
import { makeWorkspace, until } from '../support/workspace.js';

const work = makeWorkspace();
const world = new World(work);

async function furnished(...options: string[]): Promise<{ redis: RedisServer; client: Redis }> {
  const redis = await RedisServer.forTest(work, options);
  const client = redis.client();
  await world.furnish(setter(client));
  return { redis, client };
}

async function says(run: RunningCli, text: string): Promise<void> {
  let said = '';
  run.child.stdout?.on('data', (data: Buffer) => {
    said += data.toString();
  });
  await until(() => said.includes(text));
}

async function usedMemory(client: Redis): Promise<number> {
  return Number(/used_memory:(\d+)/.exec(await client.info('memory'))?.[1]);
}

describe('a full memory', () => {
  const large = new World(work, 300, 20_000);

  it('is waited out: with more of it the run goes on', async () => {
    const redis = await RedisServer.forTest(work, ['--maxmemory-policy', 'noeviction']);
    const client = redis.client();
    await large.furnish(setter(client));
    const run = await large.caught(redis.url, () => redis.size());
    await client.config('SET', 'maxmemory', String((await usedMemory(client)) + 500_000));
    await says(run, '"reason":"memory"');
    await client.config('SET', 'maxmemory', '0');
    const result = await run.finished;
    large.expectComplete(result, await redis.contents());
    expect(result.summary.throttle.reasons.memory).toBeGreaterThan(0);
  });

  it('that stays full ends the run with exit code 5, and its counts are exact', async () => {
    const redis = await RedisServer.forTest(work, ['--maxmemory-policy', 'noeviction']);
    const client = redis.client();
    await large.furnish(setter(client));
    const run = await large.caught(redis.url, () => redis.size(), ['--give-up-after', '1s']);
    await client.config('SET', 'maxmemory', String((await usedMemory(client)) + 500_000));
    const result = await run.finished;
    expect(result.summary).toMatchObject({ exitCode: 5 });
    expect(result.errorLines.at(-1)).toMatch(/maxmemory.*progress is kept/);
    expect(large.ours(await redis.contents())).toBe(result.summary.outcomes.written);
    large.expectUntouched(await redis.contents());
  });
});

/** Snapshots that come when a test says so, into a directory that a test may take away. */
const SNAPSHOTS = [
  '--save',
  '3600 1000000',
  '--stop-writes-on-bgsave-error',
  'yes',
  '--enable-protected-configs',
  'yes',
];

describe('a disk that takes no snapshot (MISCONF)', () => {
  it('is waited for until it does', async () => {
    const { redis, client } = await furnished(...SNAPSHOTS);
    const directory = mkdtempSync(join(work, 'disk-'));
    await client.config('SET', 'dir', directory);
    const run = await world.caught(redis.url, () => redis.size());
    rmSync(directory, { recursive: true });
    await client.call('BGSAVE');
    await says(run, '"reason":"persistence"');
    mkdirSync(directory);
    await client.config('SET', 'dir', directory);
    await client.call('BGSAVE');
    world.expectComplete(await run.finished, await redis.contents());
  });

  it('for good ends the run with exit code 5', async () => {
    const { redis, client } = await furnished(...SNAPSHOTS);
    const directory = mkdtempSync(join(work, 'disk-'));
    await client.config('SET', 'dir', directory);
    const run = await world.caught(redis.url, () => redis.size(), ['--give-up-after', '1s']);
    rmSync(directory, { recursive: true });
    await client.call('BGSAVE');
    const result = await run.finished;
    expect(result.summary).toMatchObject({ exitCode: 5 });
    expect(result.errorLines.at(-1)).toMatch(/cannot save its data to disk.*progress is kept/);
    // Else it would not end, for want of a last snapshot.
    await client.config('SET', 'save', '');
    world.expectHonest(result, await redis.contents());
  });
});

describe('too few replicas (min-replicas-to-write)', () => {
  it('are waited for', async () => {
    const { redis, client } = await furnished();
    const run = await world.caught(redis.url, () => redis.size());
    await client.config('SET', 'min-replicas-to-write', '1');
    await says(run, '"reason":"replicas"');
    await client.config('SET', 'min-replicas-to-write', '0');
    world.expectComplete(await run.finished, await redis.contents());
  });
});

describe('a user', () => {
  const passwordFile = join(work, 'password');
  writeFileSync(passwordFile, 'fake-mover\n');
  const env = { SESS2REDIS_USER: 'mover', SESS2REDIS_PASSWORD: 'fake-mover' };
  const allow = (client: Redis, ...rules: string[]) =>
    client.call('ACL', 'SETUSER', 'mover', 'reset', 'on', '>fake-mover', '~*', '+@all', ...rules);

  it('without the right to scripts still loads: what is there is never replaced', async () => {
    const { redis, client } = await furnished();
    await allow(client, '-@scripting');
    world.expectComplete(await world.run(redis.url, [], { env }), await redis.contents());
  });

  it('without the right to SET is refused before anything is written', async () => {
    const { redis, client } = await furnished();
    await allow(client, '-set');
    const before = await redis.size();
    const result = await world.run(redis.url, [], { env });
    expect(result.summary).toMatchObject({ exitCode: 8 });
    expect(result.errorLines).toEqual([expect.stringMatching(/\+set/)]);
    expect(await redis.size()).toBe(before);
  });

  it('who loses the right to SET in mid-run ends it at once with exit code 8', async () => {
    const { redis, client } = await furnished();
    await allow(client);
    const run = await world.caught(redis.url, () => redis.size(), ['--user', 'mover', '--password-file', passwordFile]);
    await client.call('ACL', 'SETUSER', 'mover', '-set');
    const result = await run.finished;
    expect(result.summary).toMatchObject({ exitCode: 8 });
    world.expectHonest(result, await redis.contents());
  });

  it('whose password is changed in mid-run ends it with exit code 8 once it has to log in again', async () => {
    const { redis, client } = await furnished();
    await allow(client);
    const run = await world.caught(redis.url, () => redis.size(), ['--user', 'mover', '--password-file', passwordFile]);
    await client.call('ACL', 'SETUSER', 'mover', 'resetpass', '>fake-other');
    await client.call('CLIENT', 'KILL', 'USER', 'mover');
    const result = await run.finished;
    expect(result.summary).toMatchObject({ exitCode: 8 });
    expect(result.errorLines.at(-1)).toMatch(/does not accept this user and password/);
    world.expectHonest(result, await redis.contents());
  });
});
