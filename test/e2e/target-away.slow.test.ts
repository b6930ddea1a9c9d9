import { mkdirSync, renameSync, rmdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { Cli, linesOf, type RunningCli } from '../support/cli.js';
import { RedisServer } from '../support/redis-server.js';
import { hexSid, jsonText, SessionStore } from '../support/store.js';
import { makeWorkspace, until } from '../support/workspace.js';

const SESSIONS = 20;
const work = makeWorkspace();
const cli = new Cli(join(work, 'home'));

function shop(server: RedisServer): { store: SessionStore; words: (command: string) => string[] } {
  const store = new SessionStore(work);
  for (let n = 0; n < SESSIONS; n++) store.hashed(hexSid(n), jsonText(n + 1), 3600);
  const state = ['--state-dir', join(server.directory, 'state'), '--lanes', '1', '--json'];
  return { store, words: (command) => [command, store.directory, '--to', server.url, ...state] };
}

/** What a run said so far. */
function heard(run: RunningCli): { out: string; err: string } {
  const said = { out: '', err: '' };
  run.child.stdout?.on('data', (data: Buffer) => {
    said.out += data.toString();
  });
  run.child.stderr?.on('data', (data: Buffer) => {
    said.err += data.toString();
  });
  return said;
}

const AOF = ['--appendonly', 'yes', '--appendfsync', 'always'];

it('a server that is away when a command starts is waited for, and the run says so', async () => {
  const server = await RedisServer.forTest(work, AOF);
  const { words } = shop(server);
  await server.kill();
  const first = cli.start([...words('migrate'), '--give-up-after', '5m']);
  const said = heard(first);
  await until(() => said.err.includes('waiting: '));
  expect(said.err).toMatch(/^waiting: .*redis\.sock.*; tries again for 5 min \(--give-up-after 0s: not at all\)$/m);
  await server.up();
  expect((await first.finished).summary).toMatchObject({ exitCode: 0, outcomes: { written: SESSIONS } });

  // Its state directory shows that something was moved there: the address is right.
  await server.kill();
  const later = cli.start(words('sync'));
  const saidLater = heard(later);
  await until(() => /tries again for 10 min/.test(saidLater.err));
  await server.up();
  expect((await later.finished).code).toBe(0);
});

it('a server that never comes is given up, at once by --give-up-after 0s; an interruption ends the wait', async () => {
  const server = await RedisServer.forTest(work);
  const { words } = shop(server);
  await server.kill();
  for (const limit of ['0s', '1s']) {
    expect((await cli.run([...words('migrate'), '--give-up-after', limit])).code).toBe(5);
  }
  const run = cli.start([...words('migrate'), '--give-up-after', '5m']);
  const said = heard(run);
  await until(() => said.err.includes('waiting: '));
  run.child.kill('SIGTERM');
  expect((await run.finished).code).toBe(143);
});

it.each(['migrate', 'verify', 'export'])('a server that stands still when %s starts is waited for', async (command) => {
  const server = await RedisServer.forTest(work);
  const { store, words } = shop(server);
  const reader = ['--odoo', '17', '--profile', 'camptocamp', '--json'];
  const lines: Record<string, string[]> = {
    migrate: words('migrate'),
    verify: ['verify', store.directory, '--to', server.url, '--json'],
    export: ['export', join(server.directory, 'back'), '--from', server.url, ...reader],
  };
  if (command !== 'migrate') expect((await cli.run(words('migrate'))).code).toBe(0);
  // CLIENT PAUSE would hold up the command that ends it, too.
  server.pause(true);
  const run = cli.start([...(lines[command] as string[]), '--give-up-after', '5m']);
  const said = heard(run);
  await until(() => said.err.includes('waiting: '));
  server.pause(false);
  const { code, stderr } = await run.finished;
  expect([code, stderr]).toEqual([0, expect.stringContaining('going on')]);
});

it('an interruption is heard while a server stands still, and an audit waits for none that is away', async () => {
  const server = await RedisServer.forTest(work);
  const { store, words } = shop(server);
  server.pause(true);
  const run = cli.start(words('migrate'));
  const said = heard(run);
  await until(() => said.err.includes('sess2redis migrate'));
  run.child.kill('SIGTERM');
  const { code, stderr } = await run.finished;
  server.pause(false);
  expect([code, stderr]).toEqual([143, expect.not.stringContaining('no answer')]);
  await server.kill();
  const { code: audited, stderr: told } = await cli.run(['audit', store.directory, '--to', server.url]);
  expect([audited, told]).toEqual([5, expect.not.stringContaining('waiting: ')]);
});

it('sync --every bears a server that is away as a pass begins, and a store that is not mounted', async () => {
  const server = await RedisServer.forTest(work, AOF);
  const { store, words } = shop(server);
  expect((await cli.run(words('migrate'))).code).toBe(0);
  const run = cli.start([...words('sync'), '--every', '1s']);
  const said = heard(run);
  const summaries = () =>
    linesOf(said.out)
      .filter((line) => line.startsWith('{"type":"summary"') && line.endsWith('}'))
      .map((line) => (JSON.parse(line) as { exitCode: number }).exitCode);
  const afterwards = async (exitCode: number) => {
    const before = summaries().length;
    // The second of them began after this was asked for.
    await until(
      () =>
        summaries()
          .slice(before)
          .filter((code) => code === exitCode).length > 1,
    );
  };
  await afterwards(0);
  await server.kill();
  await until(() => said.err.includes('waiting: '));
  await server.up();
  await afterwards(0);
  renameSync(store.directory, `${store.directory}.away`);
  mkdirSync(store.directory);
  await afterwards(6);
  rmdirSync(store.directory);
  await afterwards(5);
  renameSync(`${store.directory}.away`, store.directory);
  await afterwards(0);
  run.child.kill('SIGTERM');
  expect((await run.finished).code).toBe(143);
  expect(await server.size()).toBe(SESSIONS);
});
