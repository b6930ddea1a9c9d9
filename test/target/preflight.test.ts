import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { EXIT } from '../../src/exit-codes.js';
import { inspectTarget } from '../../src/target/preflight.js';
import { RedisServer } from './redis-server.js';
import { ScriptedServer } from './scripted-server.js';

let redis: RedisServer;
beforeAll(async () => {
  redis = await RedisServer.start();
});
afterAll(async () => {
  await redis.stop();
});

describe('the look at a target before a run', () => {
  it('finds a real server fit, writes nothing and leaves no connection', async () => {
    const facts = await inspectTarget(redis.endpoint);
    expect(facts).toMatchObject({ version: expect.stringMatching(/^\d+\.\d+/), warnings: [] });
    const [size, clients] = await redis.run(['DBSIZE'], ['CLIENT', 'LIST']);
    expect([size, String(clients).trim().split('\n').length]).toEqual([0, 1]);
  });

  it('refuses a database that the server does not have', async () => {
    const inspected = inspectTarget({ ...redis.endpoint, databaseIndex: 99 });
    await expect(inspected).rejects.toMatchObject({ exitCode: EXIT.usage });
    await expect(inspected).rejects.toThrow('the server has no database 99');
  });

  it('refuses a wrong password, and one where none is asked for', async () => {
    await redis.run(['ACL', 'SETUSER', 'odoo', 'on', '>right', '+@all', '~*']);
    for (const credentials of [{ username: 'odoo', password: 'wrong' }, { password: 'unasked' }]) {
      const inspected = inspectTarget({ ...redis.endpoint, ...credentials });
      await expect(inspected).rejects.toMatchObject({ name: 'OperatorError', exitCode: EXIT.permission });
      await expect(inspected).rejects.not.toThrow(credentials.password);
    }
    await inspectTarget({ ...redis.endpoint, username: 'odoo', password: 'right' });
  });

  it('refuses a read-only replica, and names its master', async () => {
    await redis.run(['REPLICAOF', '127.0.0.1', '1']);
    const inspected = inspectTarget(redis.endpoint);
    await expect(inspected).rejects.toMatchObject({ exitCode: EXIT.refused });
    await expect(inspected).rejects.toThrow('is a read-only replica: name its master, 127.0.0.1:1');
    await redis.run(['REPLICAOF', 'NO', 'ONE']);
  });

  it('warns of a server that drops keys when memory runs out', async () => {
    await redis.run(['CONFIG', 'SET', 'maxmemory-policy', 'allkeys-lru'], ['CONFIG', 'SET', 'maxmemory', '100mb']);
    expect((await inspectTarget(redis.endpoint)).warnings).toEqual([expect.stringContaining('allkeys-lru')]);
    await redis.run(['CONFIG', 'SET', 'maxmemory', '0']);
    expect((await inspectTarget(redis.endpoint)).warnings).toEqual([]);
  });

  it('fails with a sentence where nobody listens', async () => {
    const inspected = inspectTarget({ ...redis.endpoint, address: '/nowhere/redis.sock' });
    await expect(inspected).rejects.toMatchObject({ name: 'OperatorError', exitCode: EXIT.temporary });
  });
});

describe('a server that says of itself', () => {
  it.each([
    ['redis_version:6.0.16\r\nrole:master', EXIT.refused, 'is Redis 6.0.16, and absolute expiries need 6.2 or later'],
    ['redis_version:5.0.3\r\nrole:master', EXIT.refused, 'is Redis 5.0.3'],
    ['redis_version:7.2.0\r\nrole:slave\r\nmaster_host:m\r\nmaster_port:1', EXIT.refused, 'name its master, m:1'],
    ['redis_version:7.2.0\r\nrole:master\r\ncluster_enabled:1', EXIT.refused, 'is part of a cluster'],
    ['redis_version:7.2.0\r\nrole:master\r\nloading:1', EXIT.temporary, 'is still loading its data'],
    ['redis_version:6.2.0\r\nrole:master', null, ''],
    ['redis_version:10.0.0\r\nrole:master', null, ''],
  ])('%j is taken or refused', async (info, exitCode, message) => {
    const server = await ScriptedServer.start((socket, data) => {
      const isInfo = /info/i.test(String(data));
      socket.write(isInfo ? `$${info.length}\r\n${info}\r\n` : '+OK\r\n');
    });
    const inspected = await inspectTarget(server.endpoint).catch((error: unknown) => error);
    if (exitCode === null) expect(inspected).toMatchObject({ warnings: [] });
    else expect(inspected).toMatchObject({ exitCode, message: expect.stringContaining(message) });
    await server.stop();
  });
});
