import { createServer, type Server, type Socket, connect as tcp } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { EXIT } from '../../src/errors.js';
import { checkTime, judgeClock, judgeExpiry, measureExpiry } from '../../src/preflight/time-check.js';
import { connectControl } from '../../src/redis/control.js';
import { RedisServer } from '../support/redis-server.js';
import { NOW } from '../support/samples.js';
import { temporaryDirectory } from '../support/temporary-directory.js';

const KEY = { before: 'session:', after: '' };
let redis: RedisServer;
beforeAll(async () => {
  redis = await RedisServer.start();
});
afterAll(() => redis.stop());

/** Stands before a server that keeps expiries otherwise than they are sent: `rewrite` has every chunk of a client's. */
async function boxBefore(path: string, rewrite: (commands: string) => string): Promise<{ path: string; box: Server }> {
  const own = join(temporaryDirectory(), 'box.sock');
  const box = createServer((client: Socket) => {
    const server = tcp(path);
    client.on('data', (bytes) => server.write(Buffer.from(rewrite(bytes.toString('latin1')), 'latin1')));
    server.pipe(client);
    client.on('close', () => server.destroy());
    for (const socket of [client, server]) socket.on('error', () => {});
  });
  await new Promise<void>((resolve) => box.listen(own, resolve));
  return { path: own, box };
}

describe('how exactly a server keeps expiries', () => {
  const measure = async (credentials: object = {}) => {
    const client = await connectControl({ ...redis.endpoint, ...credentials });
    return measureExpiry(client, KEY).finally(() => client.disconnect());
  };

  it('is to the millisecond for Redis, and leaves nothing there', async () => {
    expect(await measure()).toBe(0);
    expect(await redis.run(['DBSIZE'])).toEqual([0]);
  });

  it.each(['-multi', '-exec', '-pexpiretime', '-time'])('is told to a user without a right: %s', async (right) => {
    await redis.run(['ACL', 'SETUSER', 'mover', 'reset', 'on', '>pw', '~session:*', '+@all', right]);
    expect(await measure({ username: 'mover', password: 'pw' })).toBe(0);
    expect(await redis.run(['DBSIZE'])).toEqual([0]);
  });

  it('can not be told to one who may not write', async () => {
    await redis.run(['ACL', 'SETUSER', 'mover', 'reset', 'on', '>pw', '~session:*', '+@all', '-set']);
    expect(await measure({ username: 'mover', password: 'pw' })).toBeNull();
  });

  it.each<[what: string, rewrite: (commands: string) => string, offMs: number]>([
    ['in seconds', (text) => text.replace(/(PXAT\r\n\$13\r\n\d{10})\d{3}/g, '$1000'), 777],
    [
      'not at all',
      (text) => text.replace(/\*6(\r\n\$3\r\nSET\r\n[\s\S]*?)\$4\r\nPXAT\r\n\$13\r\n\d{13}\r\n/g, '*4$1'),
      Number.POSITIVE_INFINITY,
    ],
  ])('is seen: %s', async (_, rewrite, offMs) => {
    const { path, box } = await boxBefore(redis.endpoint.address, rewrite);
    const client = await connectControl({ ...redis.endpoint, address: path });
    try {
      expect(await measureExpiry(client, KEY)).toBe(offMs);
      const outlook = await checkTime(client, 'redis', { key: KEY, isDryRun: false, isSync: true });
      expect(outlook.refusal?.exitCode).toBe(offMs === Number.POSITIVE_INFINITY ? EXIT.refused : undefined);
      expect(outlook.grainMs).toBe(offMs === 777 ? 1554 : 0);
    } finally {
      client.disconnect();
      box.close();
    }
    expect(await redis.run(['DBSIZE'])).toEqual([0]);
  });
});

describe('the verdict on expiries', () => {
  it.each<[offMs: number | null, isSync: boolean, isRefused: boolean, grainMs: number, warnings: number]>([
    [0, true, false, 0, 0],
    [777, true, false, 1554, 1],
    [20_000, true, true, 40_000, 0],
    [20_000, false, false, 40_000, 1],
    [Number.POSITIVE_INFINITY, false, true, 0, 0],
    [null, true, false, 0, 1],
  ])('%d ms off, sync %s: refused %s', (offMs, isSync, isRefused, grainMs, warnings) => {
    const outlook = judgeExpiry(offMs, 'redis', isSync);
    expect(outlook.refusal?.exitCode).toBe(isRefused ? EXIT.refused : undefined);
    expect(outlook).toMatchObject({ grainMs, warnings: { length: warnings } });
  });
});

describe('the verdict on clocks', () => {
  it.each<[offMs: number, isRefused: boolean, warnings: number]>([
    [0, false, 0],
    [1999, false, 0],
    [-1999, false, 0],
    [2000, false, 1],
    [-59_999, false, 1],
    [60_000, true, 0],
    [-60_000, true, 0],
  ])('%d ms apart: refused %s', (offMs, isRefused, warnings) => {
    const outlook = judgeClock(NOW + offMs, NOW, NOW, 'redis:6379');
    expect(outlook.refusal?.exitCode).toBe(isRefused ? EXIT.refused : undefined);
    expect(outlook.warnings).toHaveLength(warnings);
    const words = outlook.refusal?.message ?? outlook.warnings[0];
    if (words !== undefined) {
      expect(words).toContain(new Date(NOW).toISOString());
      expect(words).toContain(new Date(NOW + offMs).toISOString());
    }
  });

  it('allows for the time that the answer took', () => {
    expect(judgeClock(NOW + 5000, NOW, NOW + 9000, 'redis')).toEqual({ refusal: null, warnings: [] });
  });

  it('says that it could not be asked', () => {
    expect(judgeClock(null, NOW, NOW, 'redis').warnings).toEqual([expect.stringContaining('+time')]);
  });
});
