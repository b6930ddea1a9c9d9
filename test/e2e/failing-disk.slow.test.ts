import { spawnSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeAll, expect, it } from 'vitest';
import { Cli } from '../support/cli.js';
import { RedisServer } from '../support/redis-server.js';
import { hexSid, jsonText, SessionStore } from '../support/store.js';
import { makeWorkspace } from '../support/workspace.js';

const ERRNOS = [
  ['EIO', 5],
  ['EROFS', 30],
  ['ESTALE', 116],
  ['EUCLEAN', 117],
] as const;
let turn = 0;
const CALLS = ['open', 'read', 'getdents', 'stat', 'rename', 'write'];

const work = makeWorkspace();
const cli = new Cli(join(work, 'home'));
const server = RedisServer.forFile(work);
const store = new SessionStore(work);
for (let n = 0; n < 6; n++) store.hashed(hexSid(n), jsonText(n + 1), 3600);
const state = join(work, 'state');
const back = join(work, 'back');
const shim = join(work, 'failing-disk.so');
const source = fileURLToPath(new URL('failing-disk.c', import.meta.url));
const { status } = spawnSync(process.env.CC ?? 'cc', ['-shared', '-fPIC', '-O1', '-w', '-o', shim, source, '-ldl']);
const isBuilt = process.platform === 'linux' && status === 0;

const to = () => ['--to', server.url, '--state-dir', state, '--give-up-after', '0s', '--json'];
const failing = (call: string, under: string, nth: number, errno: number) => ({
  LD_PRELOAD: shim,
  FAIL_CALL: call,
  FAIL_UNDER: under,
  FAIL_NTH: `${nth}`,
  FAIL_ERRNO: `${errno}`,
});

/** What each command does, and where the disk fails. */
const LINES: Record<string, [words: () => string[], places: string[]]> = {
  migrate: [() => ['migrate', store.directory, ...to()], [store.directory, state]],
  sync: [() => ['sync', store.directory, ...to()], [store.directory, state]],
  verify: [() => ['verify', store.directory, ...to()], [store.directory, state]],
  audit: [() => ['audit', store.directory, '--json'], [store.directory]],
  ledger: [() => ['ledger', '--state-dir', state, '--json'], [state]],
  export: [
    () => ['export', back, '--from', server.url, '--odoo', '17', '--profile', 'camptocamp-17', '--json'],
    [back, cli.stateHome],
  ],
};

beforeAll(async () => {
  expect((await cli.run(['migrate', store.directory, ...to()])).code).toBe(0);
});

it.skipIf(!isBuilt).each(Object.keys(LINES).flatMap((command) => CALLS.map((call) => [command, call] as const)))(
  '%s on a disk whose %s fails ends with a sentence and a summary, and never with 1',
  { timeout: 600_000 },
  async (command, call) => {
    const [words, places] = LINES[command] as (typeof LINES)[string];
    for (const under of places) {
      // Every errno meets every command, call and place in some row; all of each would take many minutes.
      for (const nth of [1, 4]) {
        const [error, errno] = ERRNOS[turn++ % ERRNOS.length] as (typeof ERRNOS)[number];
        const env = failing(call, under, nth, errno);
        const { code, stderr, summary } = await cli.run(words(), { env });
        const what = `${command} ${call} ${error} ${under}: ${stderr}`;
        expect(code, what).not.toBe(1);
        expect(code, what).toBe(summary.exitCode);
        expect(stderr, what).not.toMatch(/^\s+at |node:internal/m);
        rmSync(back, { recursive: true, force: true });
      }
    }
  },
);

it.skipIf(!isBuilt)('the disk of these tests does fail', async () => {
  const { summary } = await cli.run(['audit', store.directory, '--json'], {
    env: failing('read', store.directory, 1, 5),
  });
  expect(summary.outcomes).toEqual({ unreadable: 6 });
  const closed = await cli.run(['ledger', '--state-dir', state, '--json'], { env: failing('open', state, 1, 5) });
  expect(closed.code, closed.stderr).toBe(5);
});
