import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Redis } from 'ioredis';
import { afterAll, describe, expect, it } from 'vitest';
import { serverOf } from '../../src/applications/server-pool.js';
import type { TemplatedApplication } from '../../src/applications/templated.js';
import { ByteSink } from '../../src/python/sink.js';
import { RedisServer } from '../support/redis-server.js';
import { makeWorkspace } from '../support/workspace.js';
import { builtIn, inspected, nameOf } from './reading.js';

const HOUR = 3_600_000;
const work = makeWorkspace();
const server = RedisServer.forFile(work);
const clients: Redis[] = [];
afterAll(() => Promise.all(clients.map((client) => client.quit())));

/** A directory with node_modules of the express family; without one those tests are skipped. */
const EXPRESS = process.env.SESS2REDIS_EXPRESS_MODULES ?? '.';

const PROGRAMS: Readonly<Record<string, readonly string[]>> = {
  php: ['php', 'readers/sessions.php'],
  // Not python3: a version of the user's own has no packages of the system.
  python: ['/usr/bin/python3', 'readers/sessions.py'],
  node: [process.execPath, 'readers/sessions.mjs'],
};

type Contents = Record<string, unknown>;

/** What a real writer or reader prints; null where it, or what it needs, is not installed. */
function run(language: string, words: readonly string[], input = ''): Contents | null {
  const [program = '', script = ''] = PROGRAMS[language] ?? [];
  const path = fileURLToPath(new URL(script, import.meta.url));
  const { status, stdout } = spawnSync(program, [path, ...words], {
    input,
    encoding: 'utf8',
    cwd: language === 'node' ? EXPRESS : work,
    stdio: ['pipe', 'pipe', 'ignore'],
  });
  return status === 0 ? (JSON.parse(stdout) as Contents) : null;
}

/** Moves a store file by file, as the seam is meant to be used. Returns the ids by verdict, and when each ends. */
async function move(application: TemplatedApplication, store: string, client: Redis): Promise<Map<string, number>> {
  const moved = new Map<string, number>();
  for (const path of readdirSync(store)) {
    const [verdict, sid = ''] = nameOf(application, path).split(' ');
    if (verdict !== 'session') continue;
    const bytes = readFileSync(join(store, path));
    const { mtimeMs } = statSync(join(store, path));
    expect(inspected(application, bytes), path.slice(0, 12)).toMatchObject({ verdict: 'whole', reason: '' });
    const sink = new ByteSink(64, 1 << 24);
    const ends: number[] = [];
    application.encode({ sink, ends });
    const expiryMs = Math.floor(application.expiryMs(Math.floor(mtimeMs), Date.now()));
    const key = Buffer.from(application.keyOf(sid), 'latin1');
    const parts = ends.map((end, i) => sink.buffer.subarray(ends[i - 1] ?? 0, end));
    const { fields } = application.reader;
    if (fields === null) await client.set(key, parts[0] as Buffer, 'PXAT', expiryMs);
    else {
      await client.hset(key, new Map(fields.map((field, i) => [field, parts[i] as Buffer])));
      await client.pexpireat(key, expiryMs);
    }
    moved.set(sid, expiryMs);
  }
  return moved;
}

describe('a session that the real application wrote to files is read back from Redis by its real reader', () => {
  it.each([
    ['php', 'php', 'php', {}, 1440_000],
    ['php', 'php_binary', 'php', {}, 1440_000],
    ['php', 'php_serialize', 'php', {}, 1440_000],
    ['php', 'igbinary', 'php', {}, 1440_000],
    ['php', 'symfony', 'symfony', {}, 1440_000],
    ['php', 'laravel', 'laravel', { 'client-prefix': 'laravel_database_', 'store-prefix': 'laravel_cache:' }, 2 * HOUR],
    ['python', 'django', 'django', { prefix: 'session:' }, 14 * 24 * HOUR],
    ['python', 'django-cache', 'django-cache', {}, 14 * 24 * HOUR],
    ['node', 'express', 'express', {}, 0],
  ] as const)('%s: %s, by the template %s', async (language, kind, name, values, lifetimeMs) => {
    const store = join(work, `store-${kind}`);
    mkdirSync(store, { mode: 0o700 });
    const written = run(language, ['write', kind, store]);
    // Not installed here.
    if (written === null) return;
    const client = new Redis(server.socket);
    clients.push(client);
    await client.flushall();
    const application = builtIn(name, values);
    const moved = await move(application, store, client);
    expect([...moved.keys()].sort()).toEqual(Object.keys(written).sort());
    for (const [sid, expiryMs] of moved) {
      expect(await client.pexpiretime(application.keyOf(sid))).toBe(expiryMs);
      if (lifetimeMs > 0) expect(Math.abs(expiryMs - Date.now() - lifetimeMs)).toBeLessThan(HOUR / 6);
    }
    expect(run(language, ['read', kind, server.socket], [...moved.keys()].join('\n'))).toEqual(written);
  });
});

describe('a pool of phpredis', () => {
  it('has each session on the server that its id says, whatever the weights', async () => {
    const servers = await Promise.all([1, 2, 3].map(() => RedisServer.forTest(work)));
    const weights = [2, 1, 4];
    const savePath = servers.map(({ socket }, i) => `unix://${socket}?weight=${weights[i]}`).join(', ');
    const written = run('php', ['write', 'pool', savePath]);
    // Not installed here.
    if (written === null) return;
    const application = builtIn('php');
    for (const [i, { socket }] of servers.entries()) {
      const client = new Redis(socket);
      const found = (await client.keys('*')).map((key) => application.sidOf(key) as string);
      const expected = Object.keys(written).filter((sid) => serverOf(sid, weights, 'last first') === i);
      await client.quit();
      expect(found.sort()).toEqual(expected.sort());
    }
  });
});
