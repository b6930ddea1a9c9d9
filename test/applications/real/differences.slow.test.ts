import { mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, expect, it } from 'vitest';
import { Cli } from '../../support/cli.js';
import { RedisServer } from '../../support/redis-server.js';
import { makeWorkspace } from '../../support/workspace.js';
import { describeReal, RealStore, runIn, tryIn } from './real-application.js';

const work = makeWorkspace();
const cli = new Cli(join(work, 'home'));
const redis = RedisServer.forFile(work);
beforeEach(() => redis.flush());

function directory(name: string): string {
  const path = join(work, name);
  mkdirSync(path, { mode: 0o700 });
  return path;
}

describeReal('php', 'a value that PHP cannot decode', () => {
  const HANDLERS = ['php', 'php_binary', 'php_serialize', 'igbinary'];
  const store = new RealStore('php', 'sessions.php', 'php');
  const keyOf = (id: string) => `PHPREDIS_SESSION:${id}`;

  it.each(HANDLERS)(
    'is deleted by the real reader, so what %s did not write is never written for it',
    async (reader) => {
      const words = ['--app', 'php', '--serialize-handler', reader, '--json', '--to', redis.url];
      const client = redis.client();
      for (const writer of HANDLERS.filter((handler) => handler !== reader)) {
        const files = directory(`${writer}-for-${reader}`);
        const { login } = new RealStore('php', 'sessions.php', writer).write(files) as Required<
          ReturnType<typeof store.write>
        >;
        const { id, file } = login as { id: string; file: string };
        const key = keyOf(id);
        // The control: copied as it is, the session is gone at its first request.
        await client.set(key, readFileSync(join(files, file)), 'EX', 600);
        expect(new RealStore('php', 'sessions.php', reader).ask('request', redis.socket, [id])).toEqual({ [id]: null });
        expect(await client.exists(key)).toBe(0);

        const { summary } = await cli.run(['migrate', files, ...words]);
        expect(summary.outcomes.written ?? 0, writer).toBe(0);
        expect(await redis.size()).toBe(0);
      }
    },
  );

  it('as one that is being written is, waits on files until it is whole', async () => {
    const files = directory('torn');
    const { login, empty } = store.write(files);
    const { id, file, content } = login as NonNullable<typeof login>;
    rmSync(join(files, empty?.file ?? ''));
    const path = join(files, file);
    const whole = readFileSync(path);
    const half = whole.subarray(0, whole.length - 9);
    const client = redis.client();
    await client.set(keyOf(id), half, 'EX', 600);
    expect(store.ask('request', redis.socket, [id])).toEqual({ [id]: null });
    expect(await client.exists(keyOf(id))).toBe(0);

    const words = ['--app', 'php', '--json', '--to', redis.url];
    writeFileSync(path, half);
    expect((await cli.run(['migrate', files, ...words])).summary.outcomes.torn).toBe(1);
    expect(await client.exists(keyOf(id))).toBe(0);
    writeFileSync(path, whole);
    expect((await cli.run(['migrate', files, ...words])).summary.outcomes.torn ?? 0).toBe(0);
    expect(store.ask('request', redis.socket, [id])).toEqual({ [id]: content });
  });
});

describeReal('php', "Magento's reader", () => {
  const LIFETIME = 3600;
  const ask = (ids: readonly string[], ...more: string[]) =>
    JSON.parse(runIn('php', 'cm.php', [redis.socket, '2', String(LIFETIME), ...more], JSON.stringify(ids))) as Record<
      string,
      { content: unknown; ttl: number }
    >;

  it('cuts a session that says it was written less than twice to 10 or 20 minutes, and not what was moved', async () => {
    const files = directory('magento');
    const { empty, old, ...written } = new RealStore('php', 'sessions.php', 'php').write(files);
    const client = redis.client({ db: 2 });
    // As measured with the real handler.
    for (const [writes, ttl] of [
      [0, 600],
      [1, 1200],
      [2, LIFETIME],
    ] as const) {
      await client.hset('sess_control', { data: 'user|i:7;', lock: '0', writes: String(writes) });
      expect(ask(['control']).control?.ttl).toBe(ttl);
      await client.del('sess_control');
    }

    const words = ['--app', 'magento', '--json'];
    const migrate = await cli.run(['migrate', files, ...words, '--to', redis.url]);
    expect(migrate.errorLines).toEqual([]);
    const ids = Object.values(written).map(({ id }) => id);
    for (const { id, file } of Object.values(written)) {
      expect(await client.pexpiretime(`sess_${id}`)).toBe(
        Math.floor(statSync(join(files, file)).mtimeMs) + LIFETIME * 1000,
      );
    }
    const read = ask(ids, 'large');
    const before = new RealStore('php', 'sessions.php', 'php').ask('read-files', files, ids);
    for (const { id, content } of Object.values(written)) {
      expect(read[id]?.ttl).toBe(LIFETIME);
      expect(before[id]).toEqual(content);
    }
    expect(read[ids[0] as string]?.content).toBe(written.login?.content);
    // What the reader saved since is packed, and comes back as PHP reads it.
    expect((await client.hgetBuffer(`sess_${ids[0]}`, 'data'))?.subarray(0, 4).toString()).toBe(':gz:');
    const back = join(work, 'magento-back');
    const exported = await cli.run(['export', back, ...words, '--from', redis.url]);
    expect(exported.errorLines).toEqual([]);
    const again = new RealStore('php', 'sessions.php', 'php').ask('read-files', back, ids);
    for (const id of ids) expect(again[id]).not.toBeNull();
    expect(readdirSync(back)).toHaveLength(ids.length);
  });
});

describeReal('laravel', 'an unwrapped value', () => {
  it('is an error of the real reader, and the wrapped one that was moved is a session', async () => {
    const files = directory('laravel');
    const store = new RealStore('laravel', 'sessions.php', 'laravel');
    const { login } = store.write(files);
    const { id, file, content } = login as NonNullable<typeof login>;
    const key = `laravel_database_laravel_cache:${id}`;
    const client = redis.client();
    await client.set(key, readFileSync(join(files, file)), 'EX', 600);
    const control = tryIn('laravel', 'sessions.php', ['read-redis', 'laravel', redis.socket], JSON.stringify([id]));
    expect(control.stderr).toContain('TypeError');
    await client.del(key);
    const words = ['--client-prefix', 'laravel_database_', '--store-prefix', 'laravel_cache:', '--json'];
    await cli.run(['migrate', files, '--app', 'laravel', ...words, '--to', redis.url]);
    expect(store.ask('read-redis', redis.socket, [id])).toEqual({ [id]: content });
  });
});

describeReal('express', 'the end of a session of express', () => {
  it('is the one of its cookie, as connect-redis sets it, and not the default of 24 hours', async () => {
    const files = directory('express');
    const store = new RealStore('express', 'sessions.cjs', 'express-10');
    const { login, endless } = store.write(files) as Record<string, { id: string; ends: number; file: string }>;
    await cli.run(['migrate', files, '--app', 'express', '--json', '--to', redis.url]);
    const client = redis.client();
    const endOf = (id = '') => client.pexpiretime(`sess:${id}`);
    expect(await endOf(login?.id)).toBe(login?.ends);
    // Without an end of the cookie the file store's own hour rules; its reader gives 24 at the next request.
    expect(await endOf(endless?.id)).toBe(endless?.ends);
    store.ask('request', redis.socket, [endless?.id ?? '', login?.id ?? '']);
    const day = 86_400_000;
    const renewed = (await endOf(login?.id)) - (login?.ends ?? 0);
    expect(renewed).toBeGreaterThan(0);
    expect(renewed).toBeLessThan(day / 2);
    expect(await endOf(endless?.id)).toBeGreaterThan((endless?.ends ?? 0) + day / 2);
  });
});

describeReal('django', 'a session of Django with a lifetime of its own', () => {
  it('ends that long after its save, as its real reader would have it', async () => {
    const files = directory('django');
    const { expiring } = new RealStore('django', 'sessions.py', 'django').write(files);
    const { id, file } = expiring as NonNullable<typeof expiring>;
    await cli.run(['migrate', files, '--app', 'django', '--prefix', 'session:', '--json', '--to', redis.url]);
    const savedMs = Math.floor(statSync(join(files, file)).mtimeMs);
    expect(await redis.client().pexpiretime(`session:${id}`)).toBe(savedMs + 3_600_000);
  });
});
