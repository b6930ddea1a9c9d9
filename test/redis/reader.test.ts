import { afterAll, beforeAll, beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { EXIT } from '../../src/errors.js';
import type { Endpoint } from '../../src/redis/endpoint.js';
import { KeyReader } from '../../src/redis/reader.js';
import { RedisServer } from '../support/redis-server.js';
import { DAY } from '../support/samples.js';
import { ScriptedServer } from '../support/scripted-server.js';

const EXPIRY = Date.now() + DAY;

let redis: RedisServer;
/** Like a Redis before 7.0, which does not know PEXPIRETIME. */
let old: RedisServer;

beforeAll(async () => {
  [redis, old] = await Promise.all([RedisServer.start(), RedisServer.start('--rename-command', 'PEXPIRETIME', '')]);
});
afterAll(async () => {
  await Promise.all([redis.stop(), old.stop()]);
});
beforeEach(async () => {
  for (const server of [redis, old]) {
    await server.run(
      ['FLUSHALL'],
      ['SET', 'a', '{"uid": 7}', 'PXAT', String(EXPIRY)],
      ['SET', 'for ever', ''],
      ['RPUSH', 'list', 'x'],
      ['PEXPIREAT', 'list', String(EXPIRY)],
    );
  }
});

async function readerOf(endpoint: Endpoint): Promise<KeyReader> {
  const reader = new KeyReader(endpoint);
  onTestFinished(() => reader.close());
  return reader;
}

describe('what is held at keys', () => {
  it('is value and expiry, in the order in which they were asked for', async () => {
    const reader = await readerOf(redis.endpoint);
    expect(await reader.read(['for ever', 'none', 'a', 'list'])).toEqual([
      { value: Buffer.alloc(0), isOtherType: false, expiryMs: Number.POSITIVE_INFINITY, slackMs: 0 },
      { value: null, isOtherType: false, expiryMs: 0, slackMs: 0 },
      { value: Buffer.from('{"uid": 7}'), isOtherType: false, expiryMs: EXPIRY, slackMs: 0 },
      { value: null, isOtherType: true, expiryMs: EXPIRY, slackMs: 0 },
    ]);
    expect(await reader.read([])).toEqual([]);
  });

  it('is found on a server without PEXPIRETIME too, the expiry no further off than the slack says', async () => {
    const reader = await readerOf(old.endpoint);
    for (let i = 0; i < 2; i++) {
      const [forEver, none, a, list] = await reader.read(['for ever', 'none', 'a', 'list']);
      expect(forEver?.expiryMs).toBe(Number.POSITIVE_INFINITY);
      expect(none).toMatchObject({ value: null, isOtherType: false });
      for (const held of [a, list]) {
        expect(held?.expiryMs).toBeGreaterThanOrEqual(EXPIRY);
        expect((held?.expiryMs as number) - (held?.slackMs as number)).toBeLessThanOrEqual(EXPIRY + 1);
      }
    }
  });

  it('is found at keys of any characters', async () => {
    await redis.run(['SET', 'é:漢😀', 'x']);
    const reader = await readerOf(redis.endpoint);
    expect(await reader.read(['é:漢😀', 'a'])).toMatchObject([{ value: Buffer.from('x') }, { expiryMs: EXPIRY }]);
  });

  it('is read without a write', async () => {
    await redis.run(['CONFIG', 'RESETSTAT']);
    const reader = await readerOf(redis.endpoint);
    await reader.read(['a', 'none', 'list']);
    const [stats] = await redis.run(['INFO', 'commandstats']);
    const commands = [...String(stats).matchAll(/cmdstat_([^:]+)/g)].map(([, name]) => name);
    expect(commands.sort()).toEqual(['config|resetstat', 'get', 'info', 'pexpiretime', 'role']);
  });

  it('is refused with the permissions that are missing', async () => {
    await redis.run(['ACL', 'SETUSER', 'weak', 'on', '>fake', '~*', '+pexpiretime']);
    const reader = await readerOf({ ...redis.endpoint, username: 'weak', password: 'fake' });
    await expect(reader.read(['a'])).rejects.toMatchObject({
      exitCode: EXIT.permission,
      message: expect.stringContaining('grant it +get +pexpiretime'),
    });
  });
});

describe('reading without a trace', () => {
  /** Answers ROLE and INFO as a user without rights is answered, NO-TOUCH with `first`, and a key with expiry and value. */
  const scripted = async (first: string) => {
    const server = await ScriptedServer.start((socket, _, nth) => {
      socket.write(nth === 0 ? `-NOPERM\r\n-NOPERM\r\n${first}` : ':5\r\n$1\r\nx\r\n');
    });
    onTestFinished(() => server.stop());
    return server;
  };

  it.each([
    ['Redis 7.2 and later allow it', '+OK\r\n'],
    ['an older Redis does not know it', "-ERR unknown subcommand 'NO-TOUCH'. Try CLIENT HELP.\r\n"],
    ['the user may not ask for it', "-NOPERM User weak has no permissions to run the 'client|no-touch' command\r\n"],
  ])('is asked for before anything is read, and reading works where %s', async (_, answer) => {
    const server = await scripted(answer);
    const reader = await readerOf(server.endpoint);
    expect(await reader.read(['a'])).toEqual([
      { value: Buffer.from('x'), isOtherType: false, expiryMs: 5, slackMs: 0 },
    ]);
    expect(server.received[0]?.toString()).toContain('*3\r\n$6\r\nCLIENT\r\n$8\r\nNO-TOUCH\r\n$2\r\nON\r\n');
  });
});
