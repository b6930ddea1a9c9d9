import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { lookUp } from '../../src/redis/reader.js';
import { RedisServer } from '../support/redis-server.js';
import { NOW } from '../support/samples.js';
import { ScriptedServer } from '../support/scripted-server.js';

let redis: RedisServer;
const EXPIRY = NOW + 10 * 365 * 86_400_000;

beforeAll(async () => {
  redis = await RedisServer.start();
  await redis.run(
    ['SET', 'dated', 'caf\u00e9', 'PXAT', String(EXPIRY)],
    ['SET', 'eternal', ''],
    ['LPUSH', 'list', 'x'],
  );
});
afterAll(async () => {
  await redis.stop();
});

describe('looking a key up', () => {
  it('gives its bytes and the moment at which it expires', async () => {
    expect(await lookUp(redis.endpoint, 'dated')).toEqual({ value: Buffer.from('caf\u00e9'), expiryMs: EXPIRY });
    expect(await lookUp(redis.endpoint, 'eternal')).toEqual({ value: Buffer.from(''), expiryMs: null });
    expect(await lookUp(redis.endpoint, 'absent')).toBeNull();
  });

  it('fails with a sentence for a key of another type, and for a database that is not there', async () => {
    await expect(lookUp(redis.endpoint, 'list')).rejects.toThrow('the server answered: WRONGTYPE');
    await expect(lookUp({ ...redis.endpoint, databaseIndex: 99 }, 'dated')).rejects.toThrow('out of range');
  });

  it('asks a Redis before 7.0 for the time that is left', async () => {
    const server = await ScriptedServer.start((socket) => {
      socket.write('$1\r\nx\r\n-ERR unknown command `PEXPIRETIME`\r\n:5000\r\n');
    });
    const before = Date.now();
    const held = await lookUp(server.endpoint, 'key');
    expect(held?.expiryMs).toBeGreaterThanOrEqual(before + 5000);
    expect(held?.expiryMs).toBeLessThanOrEqual(Date.now() + 5000);
    await server.stop();
  });

  it('leaves no connection behind', async () => {
    expect(
      String(await redis.run(['CLIENT', 'LIST']))
        .trim()
        .split('\n'),
    ).toHaveLength(1);
  });
});
