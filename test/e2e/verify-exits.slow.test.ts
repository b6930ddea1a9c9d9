import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { Cli, total, unprivileged } from '../support/cli.js';
import { RedisServer } from '../support/redis-server.js';
import { CREATE_TIME, jsonText, SessionStore, urlsafeSid } from '../support/store.js';
import { makeWorkspace, until } from '../support/workspace.js';

const work = makeWorkspace();
const cli = new Cli(join(work, 'home'));
const redis = RedisServer.forFile(work);

/** So many sessions, and the same in Redis. */
async function migrated(sessions: number, server = redis): Promise<SessionStore> {
  await server.flush();
  const store = new SessionStore(work);
  for (let n = 0; n < sessions; n++) store.hashed(urlsafeSid(n), jsonText(n + 1, 'shop', CREATE_TIME));
  await cli.run(['migrate', store.directory, '--to', server.url]);
  return store;
}

/** The pre-flight reads some keys as well, but not so many. */
const isComparing = (commandstats: string) => Number(/cmdstat_get:calls=(\d+)/.exec(commandstats)?.[1]) > 300;

describe('the exit code', () => {
  it('is 12 where nothing could be compared', async () => {
    await redis.flush();
    const store = new SessionStore(work);
    const sid = 'a'.repeat(40);
    store.file(`${sid.slice(0, 2)}/${sid}`, '{"uid": 1, "db": "shop"}', 30 * 86_400);
    const { code, stdout } = await cli.run(['verify', store.directory, '--to', redis.url]);
    expect(code).toBe(12);
    expect(stdout).toMatch(/^no session could be compared$/m);
  });

  it('is 12 when the target goes away, and open entries are counted as such', async () => {
    const server = await RedisServer.forTest(work);
    const store = await migrated(2000, server);
    const patience = ['--give-up-after', '1s'];
    const client = server.client();
    await client.config('RESETSTAT');
    const run = cli.start(['verify', store.directory, '--to', server.url, '--rate', '200', '--json', ...patience]);
    await until(async () => isComparing(await client.info('commandstats')));
    await server.kill();
    const { code, summary, stderr } = await run.finished;
    expect(code).toBe(12);
    expect(summary.stopped).toMatch(/^unix:\/\/.*run again \(gave up after 1\.0 s, .*progress is kept\)$/);
    expect(total(summary.outcomes)).toBe(summary.listed);
    expect(summary.listed).toBeLessThan(2000);
    expect(stderr).not.toMatch(/^\s+at /m);
  });

  it.skipIf(unprivileged() === null)('is 12 where a file may not be read', async () => {
    const store = await migrated(10);
    const directory = join(store.directory, urlsafeSid(3).slice(0, 2));
    spawnSync('chmod', ['000', directory]);
    onTestFinished(() => {
      spawnSync('chmod', ['755', directory]);
    });
    const state = ['--state-dir', join(work, 'none')];
    const { code, summary } = await cli.run(
      ['verify', store.directory, '--to', redis.url, '--json', ...state],
      unprivileged() ?? {},
    );
    expect(summary.outcomes).toEqual({ match: 9, unreadable: 1 });
    expect(code).toBe(12);
  });

  it('is 6 at a limit, 4 if a difference was found by then, and no key is missed for want of files', async () => {
    const store = await migrated(30);
    const limited = ['verify', store.directory, '--to', redis.url, '--limit', '10'];
    expect(await cli.summary(limited)).toMatchObject({ outcomes: { match: 10 }, listed: 10, exitCode: 6 });
    expect(await cli.summary([...limited.slice(0, -1), '30'])).toMatchObject({ outcomes: { match: 30 }, exitCode: 0 });
    await redis.flush();
    expect(await cli.summary(limited)).toMatchObject({ outcomes: { missing: 10 }, listed: 10, exitCode: 4 });
  });

  it('is 130 for an interruption, with what was compared', async () => {
    const store = await migrated(1000);
    const client = redis.client();
    await client.config('RESETSTAT');
    const run = cli.start(['verify', store.directory, '--to', redis.url, '--rate', '100', '--json']);
    await until(async () => isComparing(await client.info('commandstats')));
    run.child.kill('SIGINT');
    const { code, summary } = await run.finished;
    expect(code).toBe(130);
    expect(summary.listed).toBeLessThan(1000);
    expect(summary.outcomes.match).toBe(summary.listed);
  });

  it.each([
    [['--sample', '0'], 2, /--sample is "0": write a whole number of sessions, as in 3000/],
    [['--sample', '1.5'], 2, /--sample is "1.5"/],
    [['--expiry-tolerance', '5'], 2, /--expiry-tolerance is "5": write a time, as in 1s or 5m/],
    [['--dry-run'], 2, /dry-run/],
    [['--to', 'unix:///nowhere/fake.sock', '--give-up-after', '0s'], 5, /check the address/],
  ])('for %j is %d', async (more, exit, message) => {
    const store = new SessionStore(work);
    const to = more.includes('--to') ? [] : ['--to', redis.url];
    const { code, stderr } = await cli.run(['verify', store.directory, ...to, ...more]);
    expect(code).toBe(exit);
    expect(stderr).toMatch(message);
  });

  it('is 10 for a ledger that was made with other options, and says which', async () => {
    const store = await migrated(5);
    const { code, stderr } = await cli.run(['verify', store.directory, '--to', redis.url, '--lifetime', '1d']);
    expect(code).toBe(10);
    expect(stderr).toMatch(/its lifetime is 604800s and yours 86400s/);
  });
});
