import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseTarget } from '../../src/redis/endpoint.js';
import { LoadProbe } from '../../src/redis/load-probe.js';
import { Cluster } from '../support/cluster.js';
import { freePort, RedisServer } from '../support/redis-server.js';
import { SentinelSet } from '../support/sentinels.js';
import { makeWorkspace, until } from '../support/workspace.js';

const work = makeWorkspace();

describe('a look at a server', () => {
  let server: RedisServer;
  beforeAll(async () => {
    server = await RedisServer.start('--maxmemory', '50mb');
  });
  afterAll(() => server.stop());

  it('shows its memory, its round trip, and counters that grow', async () => {
    const probe = new LoadProbe(server.endpoint);
    const [before] = await probe.look(15);
    expect(before).toMatchObject({ maxMemoryBytes: 50 * 2 ** 20, fullSyncs: 0, fork: '', failedSave: '' });
    expect(before?.usedMemoryBytes).toBeGreaterThan(500_000);
    expect(before?.roundTripMs).toBeGreaterThanOrEqual(0);
    expect(before?.server).toContain(server.endpoint.address);
    await server.run(['SET', 'k', 'x'.repeat(1e6)]);
    const [after] = await probe.look();
    expect(after?.usedMemoryBytes).toBeGreaterThan((before?.usedMemoryBytes ?? 0) + 900_000);
    expect(probe.isBlind).toBe(false);
    probe.close();
  });

  it('protects its own connection from being dropped for want of memory', async () => {
    const probe = new LoadProbe(server.endpoint);
    await probe.look();
    const [list] = await server.run(['CLIENT', 'LIST']);
    // Flag e: excluded from the client eviction mechanism (https://redis.io/docs/latest/commands/client-list/).
    expect(String(list)).toMatch(/flags=\w*e\w* /);
    probe.close();
  });

  it('tells of a fork while it lasts', async () => {
    await server.run(['SET', 'k', 'v'], ['CONFIG', 'SET', 'rdb-key-save-delay', '200000000'], ['BGSAVE']);
    const probe = new LoadProbe(server.endpoint);
    expect((await probe.look())[0]?.fork).toBe('a snapshot is being saved');
    await server.run(['CONFIG', 'SET', 'rdb-key-save-delay', '0'], ['FLUSHALL']);
    probe.close();
  });

  it('connects anew after its connection was cut', async () => {
    const probe = new LoadProbe(server.endpoint);
    await probe.look();
    await server.run(['CLIENT', 'KILL', 'TYPE', 'normal', 'SKIPME', 'yes']);
    await expect(probe.look()).rejects.toMatchObject({ name: 'OperatorError' });
    expect(await probe.look()).toHaveLength(1);
    probe.close();
  });

  it('is blind but for the round trip where the user may not use INFO, and needs no right to PING, CLIENT or CONFIG', async () => {
    await server.run(['ACL', 'SETUSER', 'poor', 'on', '>pw', '~*', '+set', '+get', '+select']);
    const probe = new LoadProbe({ ...server.endpoint, username: 'poor', password: 'pw' });
    const [sample] = await probe.look();
    expect(probe.isBlind).toBe(true);
    expect(sample?.usedMemoryBytes).toBeNaN();
    expect(sample?.roundTripMs).toBeGreaterThanOrEqual(0);
    await server.run(['ACL', 'SETUSER', 'poor', '+info']);
    expect((await probe.look())[0]?.usedMemoryBytes).toBeGreaterThan(0);
    expect(probe.isBlind).toBe(false);
    probe.close();
  });

  it('sees how far a replica is behind, and that it had to copy everything', async () => {
    const port = await freePort();
    const master = await RedisServer.start('--port', String(port), '--repl-diskless-sync-delay', '0');
    const replica = await RedisServer.start('--replicaof', '127.0.0.1', String(port));
    const probe = new LoadProbe(master.endpoint);
    try {
      const isOnline = async () => /state=online/.test(String((await master.run(['INFO', 'replication']))[0]));
      await until(isOnline);
      expect((await probe.look())[0]).toMatchObject({ fullSyncs: 1, replicaLimitBytes: 64 * 2 ** 20 });
      replica.pause(true);
      for (let i = 0; i < 20; i++) await master.run(['SET', `k${i}`, 'x'.repeat(1e6)]);
      const [behind] = await probe.look();
      expect(behind?.replicaLagBytes).toBeGreaterThan(19e6);
      expect(behind?.replicaBufferBytes).toBeGreaterThan(10e6);
    } finally {
      replica.pause(false);
      probe.close();
      await replica.stop();
      await master.stop();
    }
  });

  it('takes in every master of a cluster, and none of its replicas', async () => {
    const cluster = await Cluster.forTest(work);
    const probe = new LoadProbe(parseTarget(cluster.url));
    const samples = await probe.look();
    probe.close();
    const masters = cluster.nodes.slice(0, 3).map(({ port }) => `redis://127.0.0.1:${port}/0`);
    expect(samples.map(({ server }) => server).sort()).toEqual(masters.sort());
  });

  it('finds the master that the sentinels name, also after a failover', async () => {
    const set = await SentinelSet.forTest(work);
    const probe = new LoadProbe(parseTarget(set.url()));
    const [first] = await probe.look();
    expect(first?.server).toContain(`:${(await set.master()).port}/`);
    await set.loseMaster();
    await probe.look().catch(() => {});
    const [second] = await probe.look();
    probe.close();
    expect(second?.server).toContain(`:${(await set.master()).port}/`);
    expect(second?.server).not.toBe(first?.server);
  });

  it('fails in one sentence where nobody listens', async () => {
    const probe = new LoadProbe({ ...server.endpoint, address: '/nowhere/redis.sock' });
    await expect(probe.look()).rejects.toMatchObject({ name: 'OperatorError', exitCode: 5 });
  });
});
