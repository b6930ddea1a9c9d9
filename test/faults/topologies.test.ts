import type { Redis } from 'ioredis';
import { describe, expect, it } from 'vitest';
import { slotOf } from '../../src/redis/cluster.js';
import { Cluster } from '../support/cluster.js';
import { setter, World } from '../support/fault-world.js';
import type { RedisServer } from '../support/redis-server.js';
import { SentinelSet } from '../support/sentinels.js';
import { makeWorkspace, until } from '../support/workspace.js';

const work = makeWorkspace();
const world = new World(work);

async function furnishedCluster(): Promise<Cluster> {
  const cluster = await Cluster.forTest(work);
  const clients = cluster.nodes.slice(0, 3).map((node) => node.client());
  await world.furnish((key, ...words) => {
    const owner = clients[Math.floor(slotOf(Buffer.from(key)) / (16_384 / 3))] as Redis;
    return owner.call('SET', key, ...words);
  });
  return cluster;
}

/** The server that takes itself for a master. */
async function masterAmong(servers: readonly RedisServer[]): Promise<RedisServer | undefined> {
  const infos = await Promise.all(servers.map((server) => server.client().info('replication')));
  return servers.find((_, i) => infos[i]?.includes('role:master'));
}

describe('a Sentinel failover', () => {
  it('in mid-run is followed, and what the lost master had acknowledged is checked on the new one', async () => {
    const set = await SentinelSet.forTest(work);
    const master = await set.master();
    await world.furnish(setter(master.client()));
    const run = await world.caught(set.url(), () => master.size());
    await set.loseMaster();
    const result = await run.finished;
    expect(result.stderr).toMatch(/has taken over .*\n.*checking all sessions once more/s);
    world.expectComplete(result, await (await set.master()).contents());
  });

  it('that the operator asks for is followed as well', async () => {
    const set = await SentinelSet.forTest(work);
    const master = await set.master();
    await world.furnish(setter(master.client()));
    const run = await world.caught(set.url(), () => master.size());
    const copies = set.servers.filter((server) => server !== master);
    await set.sentinels[0]?.client.call('SENTINEL', 'FAILOVER', 'fake-master');
    // Until the sentinels tell of it, the old master takes what the new one never gets. Some of that is wanted; a run that
    // is over by then can't know.
    await until(async () => {
      const promoted = await masterAmong(copies);
      return promoted !== undefined && (await master.size()) > (await promoted.size());
    });
    run.child.kill('SIGUSR1');
    await until(async () => (await masterAmong([master])) === undefined);
    run.child.kill('SIGUSR2');
    const result = await run.finished;
    expect(result.stderr).toMatch(/paused by SIGUSR1.*checking all sessions once more/s);
    const now = await set.master();
    expect(now.port).not.toBe(master.port);
    world.expectComplete(result, await now.contents());
  });
});

describe('a cluster', () => {
  it('of which a master is killed in mid-run goes on with its replica', async () => {
    const cluster = await furnishedCluster();
    const run = await world.caught(cluster.url, () => cluster.size());
    await cluster.nodes[0]?.kill();
    const result = await run.finished;
    expect(result.stderr).toMatch(/taken over .*\n.*checking all sessions once more/s);
    await until(async () => (await cluster.masters()).length === 3);
    world.expectComplete(result, await cluster.contents());
  });

  it('of which slots are moved in mid-run takes each session where its slot is', async () => {
    const cluster = await furnishedCluster();
    const run = await world.caught(cluster.url, () => cluster.size());
    const [first, second] = cluster.nodes as [Cluster['nodes'][0], Cluster['nodes'][0]];
    await cluster.moveSlots(0, 1500, first, second);
    const result = await run.finished;
    world.expectComplete(result, await cluster.contents());
    expect(result.summary.throttle.reasons).not.toHaveProperty('reconnecting');
  });

  it('that loses a master without a replica ends the run with exit code 5', async () => {
    const cluster = await Cluster.forTest(work, { hasReplicas: false });
    const run = await world.caught(cluster.url, () => cluster.size(), ['--give-up-after', '5s']);
    await cluster.nodes[1]?.kill();
    const { summary, errorLines } = await run.finished;
    expect(summary).toMatchObject({ exitCode: 5 });
    expect(errorLines.at(-1)).toMatch(/progress is kept/);
    const { written = 0, same = 0 } = summary.outcomes;
    expect(written + same).toBeGreaterThan(0);
  });
});
