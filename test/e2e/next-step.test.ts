import { readdirSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { Cli } from '../support/cli.js';
import { RedisServer } from '../support/redis-server.js';
import { jsonText, SessionStore, urlsafeSid } from '../support/store.js';
import { makeWorkspace } from '../support/workspace.js';

const work = makeWorkspace();
const cli = new Cli(join(work, 'home'));
const redis = RedisServer.forFile(work);

it('a line without the prefix of many keys that are there is refused, and a quiet pass says that nothing changed', async () => {
  const store = new SessionStore(work);
  for (let n = 0; n < 150; n++) store.hashed(urlsafeSid(n), jsonText(1));
  const past = Date.now() / 1000 - 60;
  for (const shard of readdirSync(store.directory)) utimesSync(join(store.directory, shard), past, past);
  const words = [store.directory, '--to', redis.url];

  const first = await cli.run(['migrate', ...words, '--prefix', 'prod', '--sids', '84']);
  expect(first.code, first.stderr).toBe(0);
  expect(first.stdout).toMatch(/sess2redis verify .* --prefix prod --sids 84\n/);
  expect(first.stdout).toMatch(/sess2redis sync .* --prefix prod --sids 84 --final/);

  const other = await cli.run(['migrate', ...words]);
  expect(other.code).toBe(7);
  expect(other.stderr).toMatch(/--prefix prod .*--prefix ''/);
  expect(await redis.size()).toBe(150);
  expect(first.stdout).toMatch(/in Redis +by us +150 /);

  const exported = await cli.run(['export', join(work, 'back'), '--from', redis.url, '--odoo', '19', '--json']);
  expect(exported.summary).toMatchObject({ exitCode: 7, outcomes: { foreign: 150 } });

  const quiet = await cli.run(['sync', ...words, '--prefix', 'prod', '--sids', '84', '--json']);
  expect(quiet.summary).toMatchObject({ exitCode: 0, listed: 150, outcomes: { unchanged: 150 }, ours: 150 });
  expect(quiet.stderr).not.toContain('nothing is in there');
}, 180_000);
