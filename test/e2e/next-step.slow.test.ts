import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { Cli } from '../support/cli.js';
import { RedisServer } from '../support/redis-server.js';
import { jsonText, SessionStore, urlsafeSid } from '../support/store.js';
import { makeWorkspace } from '../support/workspace.js';

const work = makeWorkspace();
const cli = new Cli(join(work, 'home'));
const redis = RedisServer.forFile(work);

it('the advice leads through the cutover once, and totals are those of all passes', async () => {
  const store = new SessionStore(work);
  const ended = store.hashed(urlsafeSid(1000), jsonText(1));
  for (let n = 1001; n < 1020; n++) store.hashed(urlsafeSid(n), jsonText(1));
  const words = [store.directory, '--to', `${redis.url}?db=1`, '--state-dir', join(work, 'cutover-state')];
  const next = async (...line: string[]) => {
    const { code, stdout, stderr } = await cli.run([line[0] as string, ...words, ...line.slice(1)]);
    expect(code, stderr).toBe(0);
    return stdout;
  };

  expect(await next('migrate')).toMatch(/by us +20 [\s\S]*then cut over: .* --final/);
  rmSync(ended);
  const final = await next('sync', '--final');
  expect(final).toMatch(/by us +19 [\s\S]*check it, with Odoo stopped: [\s\S]*then start Odoo .* --cutover-done/);
  expect(final).not.toContain('--final');
  const verified = await next('verify');
  expect(verified).toMatch(/then start Odoo .* --cutover-done/);
  expect(verified).not.toContain('--final');
  for (const line of [['sync', '--cutover-done'], ['verify'], ['migrate'], ['sync']]) {
    const said = await next(...line);
    expect(said, line.join()).not.toMatch(/cut over|start Odoo|--final|check it|by us/);
    // Nobody else wrote these keys.
    if (line[0] !== 'verify') expect(said).toMatch(/kept +19 +moved before the switch: left as the application has it/);
  }
}, 180_000);
