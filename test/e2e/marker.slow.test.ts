import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { Cli, linesOf } from '../support/cli.js';
import { RedisServer } from '../support/redis-server.js';
import { hexSid, pickledLogin, SessionStore } from '../support/store.js';
import { makeWorkspace } from '../support/workspace.js';

const work = makeWorkspace();
const cli = new Cli(join(work, 'home'));
const redis = RedisServer.forFile(work);
const store = new SessionStore(work);
for (let n = 0; n < 5; n++) store.flat(hexSid(n), pickledLogin(n + 1));

async function as(user: string, rules: readonly string[]): Promise<string[]> {
  await redis.client().call('ACL', 'SETUSER', user, 'reset', 'on', '>fake', ...rules);
  return ['--to', redis.url, '--user', user, '--state-dir', join(work, user)];
}

const run = (...words: string[]) => cli.run(words, { env: { SESS2REDIS_PASSWORD: 'fake' } });
const markerLines = (text: string) => linesOf(text).filter((line) => line.includes('marker'));

it('all work runs without a warning as the user of MIGRATION.md, and names the marker once', async () => {
  const guide = readFileSync(fileURLToPath(new URL('../../MIGRATION.md', import.meta.url)), 'utf8');
  const [, line] = /ACL SETUSER sess2redis reset on ([\s\S]*?)\n# redis-cli/.exec(guide) as unknown as [string, string];
  const rules = line.split(/\s+/).filter((word) => /^('~|\+)/.test(word));
  const to = await as(
    'mover',
    rules.map((word) => word.replaceAll("'", '')),
  );
  for (const command of ['migrate', 'sync']) {
    const { code, stderr } = await run(command, store.directory, ...to);
    expect({ code, stderr }).toMatchObject({ code: 0, stderr: expect.not.stringContaining('warning') });
    expect(markerLines(stderr)).toEqual([
      expect.stringMatching(/^marker {2}session:sess2redis-marker:\w{8} in database 15$/),
    ]);
  }
  const { code, stderr } = await run('verify', store.directory, ...to);
  expect({ code, stderr }).toMatchObject({ code: 0, stderr: expect.not.stringContaining('warning') });
  const back = await run('export', join(work, 'back'), '--from', redis.url, '--user', 'mover', '--odoo', '17');
  expect({ code: back.code, stderr: back.stderr }).toMatchObject({ code: 0 });
  expect(markerLines((await run('migrate', store.directory, ...to, '--dry-run')).stderr)).toEqual([]);
});

it('a user who may not leave it is told so once, and the run is complete', async () => {
  const to = await as('narrow', ['+@all', '~session:sess2redis:*', '~session:[0-9a-f]*']);
  for (const command of ['migrate', 'sync']) {
    const result = await run(command, store.directory, ...to);
    expect(result.code).toBe(0);
    expect(markerLines(result.stderr)).toEqual([
      expect.stringMatching(
        /^warning: the user narrow may not write and read the marker .* ~session:sess2redis-marker:\*$/,
      ),
    ]);
  }
});

it('one who may not read it any more is refused in a sentence', async () => {
  const to = await as('later', ['+@all', '~session:*']);
  expect((await run('migrate', store.directory, ...to)).code).toBe(0);
  await as('later', ['+@all', '~session:sess2redis:*', '~session:[0-9a-f]*']);
  const result = await run('sync', store.directory, ...to);
  expect({ code: result.code, error: result.errorLines }).toEqual({
    code: 8,
    error: [
      expect.stringMatching(/^sess2redis: the user may not read the marker session:sess2redis-marker:\w{8}, .*grant/),
    ],
  });
});
