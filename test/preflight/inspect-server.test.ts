import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { EXIT } from '../../src/errors.js';
import { type Inspection, inspectServer } from '../../src/preflight/inspect-server.js';
import type { Work } from '../../src/preflight/rights.js';
import { connectControl } from '../../src/redis/control.js';
import type { Endpoint } from '../../src/redis/endpoint.js';
import { RedisServer } from '../support/redis-server.js';
import { ScriptedServer } from '../support/scripted-server.js';

let redis: RedisServer;
beforeAll(async () => {
  redis = await RedisServer.start();
});
afterAll(async () => {
  await redis.stop();
});

const KEY = { before: 'session:', after: '' };

async function inspect(endpoint: Endpoint, work: Work = 'migrate'): Promise<Inspection> {
  const client = await connectControl(endpoint);
  try {
    return await inspectServer(client, endpoint, { work, key: KEY, isClusterNode: false });
  } finally {
    client.disconnect();
  }
}

describe('the look at a server before a run', () => {
  it('finds a real server fit for any work, writes nothing and leaves no connection', async () => {
    for (const work of ['migrate', 'sync', 'verify', 'export', 'detect'] as const) {
      const { facts, refusal, warnings } = await inspect(redis.endpoint, work);
      expect({ refusal, warnings }).toEqual({ refusal: null, warnings: [] });
      expect(facts.version).toMatch(/^\d+\.\d+/);
      expect(facts.usedBytes).toBeGreaterThan(500_000);
    }
    const [size, scripts, clients] = await redis.run(['DBSIZE'], ['INFO', 'memory'], ['CLIENT', 'LIST']);
    expect(size).toBe(0);
    expect(String(scripts)).toContain('number_of_cached_scripts:0');
    expect(String(clients).trim().split('\n').length).toBe(1);
  });

  it('refuses a read-only replica, and names its master', async () => {
    await redis.run(['REPLICAOF', '127.0.0.1', '1']);
    const { refusal } = await inspect(redis.endpoint);
    await redis.run(['REPLICAOF', 'NO', 'ONE']);
    expect(refusal).toMatchObject({ exitCode: EXIT.refused });
    expect(refusal?.message).toContain('is a read-only replica: name its master, 127.0.0.1:1');
  });

  it('refuses a server that is at its maxmemory, and one that waits for replicas', async () => {
    await redis.run(['CONFIG', 'SET', 'maxmemory', '1']);
    expect((await inspect(redis.endpoint)).refusal).toMatchObject({
      exitCode: EXIT.refused,
      message: expect.stringContaining('is at its maxmemory already'),
    });
    // Whoever only reads has no reason to care.
    expect((await inspect(redis.endpoint, 'verify')).refusal).toBeNull();
    await redis.run(['CONFIG', 'SET', 'maxmemory', '0'], ['CONFIG', 'SET', 'min-replicas-to-write', '1']);
    expect((await inspect(redis.endpoint)).refusal).toMatchObject({
      exitCode: EXIT.temporary,
      message: expect.stringContaining('NOREPLICAS'),
    });
    await redis.run(['CONFIG', 'SET', 'min-replicas-to-write', '0']);
  });
});

describe('a server that says of itself', () => {
  it.each([
    ['redis_version:6.0.16\r\nrole:master', EXIT.refused, 'is Redis 6.0.16, and absolute expiries need 6.2 or later'],
    ['redis_version:5.0.3\r\nrole:master', EXIT.refused, 'is Redis 5.0.3'],
    ['redis_version:7.2.0\r\nrole:slave\r\nmaster_host:m\r\nmaster_port:1', EXIT.refused, 'name its master, m:1'],
    [
      'redis_version:7.2.0\r\nrole:master\r\ncluster_enabled:1',
      EXIT.refused,
      'is a node of a cluster: write cluster://127',
    ],
    ['redis_version:7.2.0\r\nredis_mode:sentinel', EXIT.refused, 'is a sentinel: write sentinel://127'],
    ['redis_version:7.2.0\r\nrole:master\r\nloading:1', EXIT.temporary, 'is still loading its data'],
    ['redis_version:6.2.0\r\nrole:master', null, ''],
    ['redis_version:10.0.0\r\nrole:master', null, ''],
  ])('%j is taken or refused', async (info, exitCode, message) => {
    const server = await ScriptedServer.start((socket, data) => {
      const isInfo = /info/i.test(String(data));
      socket.write(isInfo ? `$${info.length}\r\n${info}\r\n` : '+OK\r\n');
    });
    const { refusal } = await inspect(server.endpoint);
    if (exitCode === null) expect(refusal).toBeNull();
    else expect(refusal).toMatchObject({ exitCode, message: expect.stringContaining(message) });
    await server.stop();
  });
});
