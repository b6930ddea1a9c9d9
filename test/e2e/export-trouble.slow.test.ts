import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { Cli, total, unprivileged } from '../support/cli.js';
import { RedisServer } from '../support/redis-server.js';
import { CREATE_TIME, DAY_S, hexSid, jsonText, urlsafeSid } from '../support/store.js';
import { makeWorkspace, until } from '../support/workspace.js';

const SESSIONS = 300;

const work = makeWorkspace();
const cli = new Cli(join(work, 'home'));
const redis = RedisServer.forFile(work);
const newDirectory = () => mkdtempSync(join(work, 'back-'));
const words = (directory: string, ...more: string[]) => [
  ...['export', directory, '--from', redis.url, '--odoo', '19', '--json'],
  ...more,
];
/** Session files; a temporary one may go while we look. */
const filesIn = (directory: string) =>
  readdirSync(directory, { recursive: true, encoding: 'utf8' }).filter((path) => path.includes('/'));
const SLOWLY = ['--rate', '100'];

beforeAll(async () => {
  const client = redis.client();
  const expiryMs = Date.now() + 6 * DAY_S * 1000;
  for (let n = 0; n < SESSIONS; n++) {
    await client.call('SET', `session:${urlsafeSid(n)}`, jsonText(n + 1, 'shop', CREATE_TIME), 'PXAT', expiryMs + n);
  }
});

/** The same line once more brings the rest, and leaves no file that is no session. */
async function expectCompletion(directory: string): Promise<void> {
  const before = filesIn(directory).length;
  const { exitCode, outcomes } = await cli.summary(words(directory));
  expect(exitCode).toBe(0);
  expect(outcomes).toEqual({
    ...(before > 0 && { same: before }),
    ...(before < SESSIONS && { written: SESSIONS - before }),
  });
  expect(filesIn(directory).length).toBe(SESSIONS);
}

describe('an export that ends in the middle', () => {
  it.each<[NodeJS.Signals, number]>([
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ])('by %s finishes what is under way, counts it, and exits %i; the same line goes on', async (signal, code) => {
    const directory = newDirectory();
    const run = cli.start(words(directory, ...SLOWLY));
    await until(() => filesIn(directory).length >= 20);
    run.child.kill(signal);
    const { code: exit, summary, errorLines } = await run.finished;
    expect(exit).toBe(code);
    expect(summary).toMatchObject({ exitCode: code, unsettled: 0 });
    expect(total(summary.outcomes)).toBe(summary.listed);
    expect(summary.listed).toBeLessThan(SESSIONS);
    expect(filesIn(directory).length).toBe(summary.outcomes.written);
    expect(errorLines.at(-1)).toMatch(new RegExp(`^sess2redis: interrupted by ${signal}: .*run the same line again`));
    await expectCompletion(directory);
  });

  it('by SIGKILL leaves whole files only, and the same line goes on', async () => {
    const directory = newDirectory();
    const run = cli.start(words(directory, ...SLOWLY));
    await until(() => filesIn(directory).length >= 20);
    run.child.kill('SIGKILL');
    await run.finished;
    for (const path of filesIn(directory)) JSON.parse(readFileSync(join(directory, path), 'utf8'));
    for (const path of readdirSync(directory)) if (path.endsWith('.__wz_sess')) rmSync(join(directory, path));
    await expectCompletion(directory);
  });

  it('because Redis is gone exits 5 and counts what was written', async () => {
    const mortal = await RedisServer.forTest(work);
    const client = mortal.client();
    for (let n = 0; n < 100; n++) {
      await client.call('SET', `session:${urlsafeSid(n)}`, jsonText(n + 1), 'EX', 100_000);
    }
    const directory = newDirectory();
    const run = cli.start([
      'export',
      directory,
      '--from',
      mortal.url,
      '--odoo',
      '19',
      '--json',
      '--rate',
      '20',
      '--give-up-after',
      '1s',
    ]);
    await until(() => filesIn(directory).length >= 3);
    await mortal.kill();
    const { code, summary } = await run.finished;
    expect(code).toBe(5);
    expect(filesIn(directory).length).toBe(summary.outcomes.written);
  });
});

describe('a disk', () => {
  const canMount = (() => {
    const place = mkdtempSync('/tmp/sess2redis-mount-');
    const isMounted = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'tmpfs', place]).status === 0;
    if (isMounted) spawnSync('umount', [place]);
    rmSync(place, { recursive: true });
    return isMounted;
  })();

  it.skipIf(!canMount)(
    'that is full ends the run with one sentence and exit code 5; with room the same line goes on',
    async () => {
      const directory = newDirectory();
      spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=4m,nr_inodes=100', 'tmpfs', directory]);
      onTestFinished(() => void spawnSync('umount', [directory]));
      const { code, summary, errorLines } = await cli.run(words(directory));
      expect(code).toBe(5);
      expect(errorLines).toEqual([
        expect.stringMatching(/^sess2redis: .* no room .*\(ENOSPC: .*run the same line again$/),
      ]);
      const written = filesIn(directory).length;
      expect(written).toBeGreaterThan(20);
      expect(written).toBeLessThan(100);
      expect(summary).toMatchObject({ exitCode: 5, listed: written, outcomes: { written } });
      expect(summary.unsettled).toBeGreaterThan(0);
      expect(readdirSync(directory).filter((path) => path.length > 2)).toEqual([]);
      spawnSync('mount', ['-o', 'remount,nr_inodes=10000', directory]);
      await expectCompletion(directory);
    },
  );

  it.skipIf(!canMount)('that is read-only is refused before the first file', async () => {
    const directory = newDirectory();
    spawnSync('mount', ['-t', 'tmpfs', '-o', 'ro', 'tmpfs', directory]);
    onTestFinished(() => void spawnSync('umount', [directory]));
    const { code, errorLines } = await cli.run(words(directory));
    expect(code).toBe(8);
    expect(errorLines).toEqual([expect.stringMatching(/cannot be written by this user \(EROFS\)/)]);
  });
});

describe.skipIf(unprivileged() === null)('a user who is not root', () => {
  const user = unprivileged() ?? {};

  it('may not write beside the files of another', async () => {
    const directory = newDirectory();
    chmodSync(directory, 0o755);
    if (user.uid !== undefined) {
      const { code, errorLines } = await cli.run(words(directory), user);
      expect(code).toBe(8);
      expect(errorLines).toEqual([expect.stringMatching(/belongs to user 0, .*run as that user or as root/)]);
    }
  });

  it('is told which shard could not be written, and gets all others', async () => {
    const home = mkdtempSync(join(work, 'nobody-'));
    chmodSync(home, 0o777);
    const directory = join(home, 'sessions');
    const state = ['--state-dir', join(home, 'state')];
    expect((await cli.run(words(directory, '--limit', '5', ...state), user)).code).toBe(6);
    const shard = urlsafeSid(0).slice(0, 2);
    rmSync(join(directory, shard), { recursive: true, force: true });
    mkdirSync(join(directory, shard), { mode: 0o555 });
    const { code, summary, lines } = await cli.run(words(directory, ...state), user);
    expect(code).toBe(3);
    expect(summary.outcomes.unwritable).toBe(1);
    expect(total(summary.outcomes)).toBe(SESSIONS);
    expect(lines.find(({ type }) => type === 'reject')).toMatchObject({
      outcome: 'unwritable',
      reason: 'the system said EACCES',
      path: expect.stringMatching(/session:[\w-]{8}\*$/),
    });
    expect(statSync(join(directory, urlsafeSid(1).slice(0, 2), urlsafeSid(1))).mode & 0o777).toBe(0o644);
  });
});

it('no symlink is followed, be it a file or a shard', async () => {
  const directory = newDirectory();
  const outside = newDirectory();
  writeFileSync(join(outside, 'precious'), 'precious');
  symlinkSync(outside, join(directory, urlsafeSid(0).slice(0, 2)));
  mkdirSync(join(directory, urlsafeSid(1).slice(0, 2)));
  symlinkSync(join(outside, 'precious'), join(directory, urlsafeSid(1).slice(0, 2), urlsafeSid(1)));
  const { summary } = await cli.run(words(directory, '--force'));
  expect(summary.outcomes).toEqual({ written: SESSIONS - 2, unwritable: 2 });
  expect(readdirSync(outside)).toEqual(['precious']);
  expect(statSync(join(outside, 'precious')).size).toBe(8);
});

it('a key in the middle of SET and EXPIRE is looked at again, and gets the expiry that follows', async () => {
  const server = await RedisServer.forTest(work);
  const client = server.client();
  const sid = hexSid(1);
  await client.set(`session:${sid}`, jsonText(7));
  // The moment at which the export has seen the key without an expiry.
  const watch = server.client();
  const monitor = await watch.monitor();
  let asked = 0;
  const save = new Promise<void>((resolve) => {
    monitor.on('monitor', (_time: string, [command = '']: string[]) => {
      if (command.toUpperCase() === 'GET' && asked++ === 0)
        void client.expire(`session:${sid}`, DAY_S).then(() => resolve());
    });
  });
  const directory = newDirectory();
  const { summary } = await cli.run(['export', directory, '--from', server.url, '--odoo', '15', '--json']);
  await save;
  monitor.disconnect();
  const expiryMs = Number(await client.call('PEXPIRETIME', `session:${sid}`));
  expect(asked).toBe(2);
  expect(summary).toMatchObject({ outcomes: { written: 1 }, endless: 0 });
  expect(Math.floor(statSync(join(directory, `werkzeug_${sid}.sess`)).mtimeMs)).toBe(expiryMs - 7 * DAY_S * 1000);
});
