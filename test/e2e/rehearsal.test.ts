import { spawn } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it, onTestFinished } from 'vitest';
import { Cli, linesOf } from '../support/cli.js';
import { RedisServer } from '../support/redis-server.js';
import { makeWorkspace, until } from '../support/workspace.js';

const ODOO = fileURLToPath(new URL('rehearsed-odoo.mjs', import.meta.url));
const work = makeWorkspace();
const redis = RedisServer.forFile(work);
const cli = new Cli(join(work, 'home'));

interface Journal {
  users: [user: number, sid: string | null][];
  /** Until when, in epoch milliseconds, a sid of the past may let somebody in: 0 for one whose session is over. */
  ended: [sid: string, untilMs: number][];
}

/** The steps of MIGRATION.md, "A large shop", while an Odoo with users is at work all the time. */
it('a cutover, step by step: who is logged in stays in, who logged out stays out', async () => {
  const store = join(work, 'sessions');
  mkdirSync(store);
  const odoo = spawn(process.execPath, [ODOO, store, redis.socket], { stdio: ['pipe', 'pipe', 'inherit'] });
  onTestFinished(() => {
    odoo.kill('SIGKILL');
  });
  let said = '';
  odoo.stdout.on('data', (data: Buffer) => {
    said += data.toString();
  });
  const hasSaid = (word: string) => until(() => said.includes(word));
  const words = [store, '--to', redis.url, '--state-dir', join(work, 'state'), '--lanes', '1', '--json'];
  await hasSaid('ready');

  // Bulk and scheduled sync, with Odoo on files.
  expect([0, 3]).toContain((await cli.run(['migrate', ...words])).code);
  const sync = cli.start(['sync', ...words, '--every', '1s']);
  let passes = '';
  sync.child.stdout?.on('data', (data: Buffer) => {
    passes += data.toString();
  });
  // Long enough for sync to have copied, and deleted, some of the sessions that ended.
  await hasSaid('busy');
  await until(() => passes.split('"type":"summary"').length > 4 && /"deleted":\d/.test(passes));
  sync.child.kill('SIGTERM');
  expect((await sync.finished).code).toBe(143);

  // The freeze: final pass, verify, switch.
  odoo.kill('SIGUSR2');
  await hasSaid('frozen');
  const final = (await cli.run(['sync', ...words, '--final'])).summary;
  expect(final.exitCode).toBe(0);
  const verified = await cli.run(['verify', ...words]);
  expect([verified.code, verified.lines.filter(({ type }) => type === 'difference')]).toEqual([0, []]);
  odoo.stdin.write('switch\n');
  await hasSaid('switched');
  expect((await cli.run(['sync', ...words, '--cutover-done'])).summary).toMatchObject({ exitCode: 0, deletes: {} });
  expect((await cli.run(['sync', ...words])).summary).toMatchObject({ exitCode: 0, deletes: {} });

  // What each user finds.
  odoo.kill('SIGTERM');
  await until(() => said.trimEnd().endsWith('}'));
  const { users, ended } = JSON.parse(linesOf(said).at(-1) as string) as Journal;
  const held = await redis.contents();
  const userOf = (sid: string): unknown => {
    const value = held.get(`session:${sid}`)?.value.toString();
    return value === undefined ? null : (JSON.parse(value) as { uid: unknown }).uid;
  };
  const loggedIn = users.filter(([, sid]) => sid !== null);
  expect(loggedIn.length).toBeGreaterThan(20);
  expect(loggedIn.map(([, sid]) => userOf(sid as string))).toEqual(loggedIn.map(([user]) => user));
  expect(ended.length).toBeGreaterThan(50);
  // A key of a sid that was rotated may be there yet, if it dies when that sid does.
  const outlives = ([sid, untilMs]: [string, number]): boolean => {
    const expiryMs = held.get(`session:${sid}`)?.expiryMs ?? 0;
    return userOf(sid) !== null && (expiryMs === -1 || expiryMs > Math.ceil(untilMs));
  };
  expect(ended.filter(outlives)).toEqual([]);
});
