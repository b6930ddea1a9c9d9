import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import { setter, World } from '../support/fault-world.js';
import { freePort, RedisServer } from '../support/redis-server.js';
import { ScriptedServer } from '../support/scripted-server.js';
import { MASTER_NAME, SentinelSet } from '../support/sentinels.js';
import { makeWorkspace, until } from '../support/workspace.js';

// Failovers take their time where processors are scarce.
vi.setConfig({ testTimeout: 180_000 });

const work = makeWorkspace();
const world = new World(work, 300);

describe('a master that sentinels name', () => {
  it('takes the sessions, and so does the one that takes over in mid-run', async () => {
    const set = await SentinelSet.forTest(work);
    const master = await set.master();
    await world.furnish(setter(master.client()));
    const run = await world.caught(set.url(), () => master.size());
    await set.loseMaster();
    const result = await run.finished;
    const now = await set.master();
    expect(now.port).not.toBe(master.port);
    world.expectComplete(result, await now.contents());

    // The old address is a replica now, and says so.
    await master.up();
    const role = async () =>
      master
        .client()
        .info('replication')
        // A sentinel that makes it a replica cuts its clients off.
        .catch(() => '');
    await until(async () => (await role()).includes('role:slave'));
    const refused = await world.run(`redis://127.0.0.1:${master.port}`);
    expect(refused.errorLines).toEqual([
      expect.stringContaining(`read-only replica: name its master, 127.0.0.1:${now.port}`),
    ]);
    expect(refused.summary).toMatchObject({ exitCode: 7 });
  });
});

describe('a server that a sentinel names too early', () => {
  it('is waited for while it is a replica still, and taken when it is the master', async () => {
    const master = await RedisServer.forTest(work, ['--port', 'free']);
    const replica = await RedisServer.forTest(work, ['--port', 'free', '--replicaof', `127.0.0.1 ${master.port}`]);
    await until(async () => (await replica.client().info('replication')).includes('master_link_status:up'));
    const port = String(replica.port);
    const sentinel = await ScriptedServer.start((socket, received) => {
      if (received.toString('latin1').includes('get-master-addr')) {
        socket.write(`*2\r\n$9\r\n127.0.0.1\r\n$${port.length}\r\n${port}\r\n`);
      }
    });
    const url = `sentinel://127.0.0.1:${(sentinel.endpoint as { port: number }).port}/${MASTER_NAME}`;
    const run = world.start(url, ['--give-up-after', '300s']);
    let said = '';
    run.child.stderr?.on('data', (data: Buffer) => {
      said += data;
    });
    await until(() => said.includes('is a read-only replica, though sentinel'));
    await replica.client().call('REPLICAOF', 'NO', 'ONE');
    const { code, summary } = await run.finished;
    expect([code, summary.outcomes]).toEqual([0, { written: world.sessions }]);
    await sentinel.stop();
  });
});

describe('sentinels', () => {
  it('are asked with a password of their own, and name a database as well', async () => {
    const options = {
      sentinels: 1,
      replicas: 0,
      sentinelPassword: 'fake-sentinel',
      password: 'fake',
    };
    const set = await SentinelSet.forTest(work, options);
    const [server] = set.servers as [RedisServer];
    const file = join(work, 'sentinel-password');
    writeFileSync(file, 'fake-sentinel\n');
    const env = { SESS2REDIS_PASSWORD: 'fake' };
    const url = set.url('?db=3');
    const refused = await world.run(url, [], { env });
    expect(refused.errorLines).toEqual([expect.stringMatching(/the sentinel 127.* asks for a password/)]);
    expect(refused.summary).toMatchObject({ exitCode: 8 });
    const result = await world.run(url, ['--sentinel-password-file', file], { env });
    expect(result.summary, result.stderr).toMatchObject({ exitCode: 0, outcomes: { written: world.sessions } });
    const again = await world.run(url, [], { env: { ...env, SESS2REDIS_SENTINEL_PASSWORD: 'fake-sentinel' } });
    expect(again.summary, again.stderr).toMatchObject({ exitCode: 0 });
    expect((await server.contents(3, { password: 'fake' })).size).toBe(world.sessions);
    expect(`${refused.stderr}${refused.stdout}${result.stderr}${result.stdout}`).not.toMatch(/fake-sentinel/);
  });

  it('that know no such master, or are none, or are not there, are named in one sentence', async () => {
    const set = await SentinelSet.forTest(work, { sentinels: 1, replicas: 0 });
    const [server] = set.servers as [RedisServer];
    const [sentinel] = set.sentinels as [SentinelSet['sentinels'][0]];
    const nobody = await freePort();
    const cases: [string, number, RegExp][] = [
      [set.url().replace(MASTER_NAME, 'other'), 2, /knows only "fake-master", not "other": correct the master's name/],
      [`sentinel://127.0.0.1:${server.port}/${MASTER_NAME}`, 2, /is no sentinel: name the sentinels and their port/],
      [`sentinel://127.0.0.1:${nobody}/${MASTER_NAME}`, 5, /ECONNREFUSED/],
      [`redis://127.0.0.1:${sentinel.port}`, 7, /is a sentinel: write sentinel:\/\/127\.0\.0\.1:\d+\/<master>/],
      [`cluster://127.0.0.1:${server.port}`, 2, /no part of a cluster: write redis:\/\/127/],
    ];
    for (const [url, code, sentence] of cases) {
      const result = await world.run(url, ['--give-up-after', '0s']);
      expect(result.errorLines).toEqual([expect.stringMatching(sentence)]);
      expect(result.summary).toMatchObject({ exitCode: code, listed: 0 });
    }
    // One that lives is enough.
    const both = `sentinel://127.0.0.1:${nobody},127.0.0.1:${sentinel.port}/${MASTER_NAME}`;
    expect((await world.run(both)).summary).toMatchObject({ exitCode: 0 });
  });
});
