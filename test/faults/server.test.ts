import { describe, expect, it } from 'vitest';
import type { RunningCli } from '../support/cli.js';
import { setter, World } from '../support/fault-world.js';
import { RedisServer } from '../support/redis-server.js';
import { makeWorkspace, until } from '../support/workspace.js';

const work = makeWorkspace();
const world = new World(work);

async function furnished(...options: string[]): Promise<RedisServer> {
  const redis = await RedisServer.forTest(work, options);
  await world.furnish(setter(redis.client()));
  return redis;
}

/** Resolves when the run has said so on stdout. */
async function says(run: RunningCli, text: string): Promise<void> {
  let said = '';
  run.child.stdout?.on('data', (data: Buffer) => {
    said += data.toString();
  });
  await until(() => said.includes(text));
}

describe('a server that stops answering', () => {
  it('for longer than a reply may take is waited for, and takes no session twice', async () => {
    const redis = await furnished();
    const run = await world.caught(redis.url, () => redis.size());
    redis.pause(true);
    await says(run, '"reason":"reconnecting"');
    redis.pause(false);
    world.expectComplete(await run.finished, await redis.contents());
  });

  it('and never does again ends the run after --give-up-after, with exit code 5', async () => {
    const redis = await furnished();
    const run = await world.caught(redis.url, () => redis.size(), ['--give-up-after', '1s']);
    redis.pause(true);
    const result = await run.finished;
    redis.pause(false);
    expect(result.summary).toMatchObject({ exitCode: 5 });
    expect(result.errorLines.at(-1)).toMatch(/progress is kept/);
    world.expectHonest(result, await redis.contents());
  });

  it('does not keep an interrupted run: SIGINT ends it with 130 at once, and the next run goes on', async () => {
    const redis = await furnished();
    const run = await world.caught(redis.url, () => redis.size());
    redis.pause(true);
    await says(run, '"reason":"reconnecting"');
    run.child.kill('SIGINT');
    const result = await run.finished;
    redis.pause(false);
    expect(result.summary).toMatchObject({ exitCode: 130 });
    world.expectHonest(result, await redis.contents());
    world.expectComplete(await world.run(redis.url), await redis.contents());
  });
});

describe('a server that is killed and started again', () => {
  it('with an append-only file goes on where it was', async () => {
    const redis = await furnished('--appendonly', 'yes', '--appendfsync', 'always');
    const run = await world.caught(redis.url, () => redis.size());
    await redis.kill();
    await redis.up();
    const result = await run.finished;
    expect(result.stderr).toMatch(/was restarted .*\n.*checking all sessions once more/s);
    world.expectComplete(result, await redis.contents());
  });

  it('with nothing on disk gets everything once more', async () => {
    const redis = await furnished();
    const run = await world.caught(redis.url, () => redis.size());
    await redis.kill();
    await redis.up();
    await world.furnish(setter(redis.client()));
    const result = await run.finished;
    expect(result.stderr).toMatch(/was restarted .*\n.*checking all sessions once more/s);
    world.expectComplete(result, await redis.contents());
  });

  it('too late ends the run with exit code 5, and with 130 where it is interrupted meanwhile', async () => {
    const redis = await furnished('--appendonly', 'yes', '--appendfsync', 'always');
    const run = await world.caught(redis.url, () => redis.size(), ['--give-up-after', '1s']);
    await redis.kill();
    const result = await run.finished;
    expect(result.summary).toMatchObject({ exitCode: 5 });
    await redis.up();
    world.expectHonest(result, await redis.contents());

    const again = world.start(redis.url, ['--rate', '100']);
    await until(async () => /SET|EVAL|PING|INFO/i.test(String(await redis.client().call('CLIENT', 'LIST'))));
    await until(async () => (await redis.size()) > world.odoos + world.sessions / 2);
    await redis.kill();
    await says(again, '"type":"waiting"');
    again.child.kill('SIGTERM');
    const interrupted = await again.finished;
    expect(interrupted.summary).toMatchObject({ exitCode: 143 });
    await redis.up();
    world.expectComplete(await world.run(redis.url), await redis.contents());
  });
});

describe('a server that is emptied', () => {
  it('in mid-run gets everything once more', async () => {
    const redis = await furnished();
    const run = await world.caught(redis.url, () => redis.size(), [], 1 / 2);
    await redis.flush();
    await world.furnish(setter(redis.client()));
    const result = await run.finished;
    expect(result.stderr).toMatch(/emptied meanwhile: checking all sessions once more/);
    world.expectComplete(result, await redis.contents());
  });
});

describe('a server that is made a read-only replica', () => {
  it('is waited for until it is a master again', async () => {
    const redis = await furnished();
    const run = await world.caught(redis.url, () => redis.size());
    await redis.client().call('REPLICAOF', '127.0.0.1', '1');
    await says(run, '"type":"waiting"');
    await redis.client().call('REPLICAOF', 'NO', 'ONE');
    world.expectComplete(await run.finished, await redis.contents());
  });

  it('for good ends the run with exit code 5 and the advice to name the master', async () => {
    const redis = await furnished();
    const run = await world.caught(redis.url, () => redis.size(), ['--give-up-after', '1s']);
    await redis.client().call('REPLICAOF', '127.0.0.1', '1');
    const result = await run.finished;
    expect(result.summary).toMatchObject({ exitCode: 5 });
    expect(result.errorLines.at(-1)).toMatch(/read-only replica: name .* master/);
    await redis.client().call('REPLICAOF', 'NO', 'ONE');
    world.expectHonest(result, await redis.contents());
  });
});
