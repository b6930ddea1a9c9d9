import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { Cli, type RunningCli, type Summary, total } from '../support/cli.js';
import { type Held, RedisServer } from '../support/redis-server.js';
import { hexSid, jsonText, pickledLogin, SessionStore, urlsafeSid } from '../support/store.js';
import { makeWorkspace, until } from '../support/workspace.js';

const SESSIONS = 300;

const work = makeWorkspace();
const cli = new Cli(join(work, 'home'));
const redis = RedisServer.forFile(work);
const store = new SessionStore(work);
const PAD = `, "create_time": 1700000000.5, "pad": "${'x'.repeat(8000)}"`;
for (let n = 0; n < SESSIONS; n += 2) {
  store.flat(hexSid(n), pickledLogin(n + 1));
  store.hashed(urlsafeSid(n), jsonText(n + 1, 'shop', PAD), 3600 + n);
}

const SLOWLY = ['--lanes', '2', '--give-up-after', '0s'];
const TO_BE_ENDED = ['--rate', '10'];
const words = (server: RedisServer, ...more: string[]) => [
  'migrate',
  store.directory,
  '--to',
  server.url,
  '--json',
  ...more,
];
const there = ({ written = 0, same = 0 }: Record<string, number>) => written + same;

/**
 * Starts a run on an empty server, and resolves when some sessions, and not all, are there. It is to be ended, so that its
 * pace costs nothing: the first 20 go at once, and the others would take it longer than a busy machine is deaf.
 */
async function caught(server: RedisServer): Promise<RunningCli> {
  const run = cli.start(words(server, ...SLOWLY, ...TO_BE_ENDED));
  await until(async () => (await server.size()) >= 20);
  expect(await server.size()).toBeLessThan(SESSIONS);
  return run;
}

describe('after an end in mid-run', () => {
  /** What an uninterrupted run leaves. */
  let wanted: Map<string, Held>;
  beforeAll(async () => {
    expect(await cli.summary(words(redis))).toMatchObject({ exitCode: 0, outcomes: { written: SESSIONS } });
    wanted = await redis.contents();
    expect(wanted.size).toBe(SESSIONS);
  });

  const expectAddsUp = ({ listed, outcomes, unsettled }: Summary) => {
    expect(total(outcomes)).toBe(listed);
    expect(listed + unsettled).toBeLessThanOrEqual(SESSIONS);
  };

  /** The same line once more completes the work. */
  async function expectCompletion(server: RedisServer): Promise<void> {
    const before = await server.size();
    const summary = await cli.summary(words(server));
    expect(summary).toMatchObject({ exitCode: 0, listed: SESSIONS, unsettled: 0 });
    const { written = 0, same = 0, unchanged = 0 } = summary.outcomes;
    expect([written, same + unchanged]).toEqual([SESSIONS - before, before]);
    expect(total(summary.outcomes)).toBe(SESSIONS);
    expect(await server.contents()).toEqual(wanted);
  }

  it.each<[NodeJS.Signals, number]>([
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ])('by %s counts are honest, the exit code is %i, and the next run completes the work', async (signal, code) => {
    await redis.flush();
    const run = await caught(redis);
    run.child.kill(signal);
    const { code: exit, summary, errorLines } = await run.finished;
    expect([exit, errorLines.join()]).toEqual([code, expect.any(String)]);
    expect(summary).toMatchObject({ exitCode: code, unsettled: 0 });
    expectAddsUp(summary);
    expect(summary.listed).toBeLessThan(SESSIONS);
    expect(await redis.size()).toBe(summary.outcomes.written);
    expect(errorLines).toEqual([
      expect.stringMatching(/^stopping/),
      expect.stringMatching(new RegExp(`^sess2redis: interrupted by ${signal}: .*run the same line again`)),
    ]);
    await expectCompletion(redis);
  });

  it('by a second SIGINT the program leaves at once, even while Redis is silent', async () => {
    const slow = await RedisServer.forTest(work);
    const run = await caught(slow);
    slow.pause(true);
    let said = '';
    run.child.stderr?.on('data', (data: Buffer) => {
      said += data.toString();
    });
    run.child.kill('SIGINT');
    await until(() => said.includes('once more to leave at once'));
    run.child.kill('SIGINT');
    expect((await run.finished).code).toBe(130);
    slow.pause(false);
    await expectCompletion(slow);
  });

  it('by SIGKILL the next run completes the work', async () => {
    await redis.flush();
    const run = await caught(redis);
    run.child.kill('SIGKILL');
    await run.finished;
    await expectCompletion(redis);
  });

  it('of the server, the exit code is 5, no write is claimed that was not, and the next run completes the work', async () => {
    // What is acknowledged survives the crash, so that claims can be checked.
    const mortal = await RedisServer.forTest(work, ['--appendonly', 'yes', '--appendfsync', 'always']);
    const run = await caught(mortal);
    await mortal.kill();
    const { code, summary, errorLines } = await run.finished;
    expect(code).toBe(5);
    expect(summary.exitCode).toBe(5);
    expectAddsUp(summary);
    expect(errorLines).toEqual([expect.stringMatching(/^sess2redis: unix:.*redis\.sock/)]);
    expect(await cli.summary(words(mortal, '--give-up-after', '0s'))).toMatchObject({ exitCode: 5, listed: 0 });

    await mortal.up();
    const kept = await mortal.size();
    expect(kept).toBeGreaterThanOrEqual(there(summary.outcomes));
    expect(kept).toBeLessThanOrEqual(there(summary.outcomes) + summary.unsettled);
    await expectCompletion(mortal);
  });

  it('because memory ran out, the exit code is 5, claims are exact, and with more memory the next run completes', async () => {
    const small = await RedisServer.forTest(work, ['--maxmemory-policy', 'noeviction']);
    const client = small.client();
    const used = Number(/used_memory:(\d+)/.exec(await client.info('memory'))?.[1]);
    // The looks before the first write and the connections take some 400 KB of it, all sessions twice as much.
    await client.config('SET', 'maxmemory', String(used + 700_000));
    // Else the governor would stop the run before the server refuses anything.
    const { code, summary, errorLines } = await cli.run(
      words(small, '--skip-capacity-check', ...SLOWLY, '--rate', '200', '--throttle', 'off'),
    );
    expect(code).toBe(5);
    expectAddsUp(summary);
    expect(errorLines).toEqual([
      expect.stringMatching(/^sess2redis: the server is at its maxmemory: .*run the same line again/),
    ]);
    expect(await small.size()).toBe(summary.outcomes.written);
    expect(summary.outcomes.written).toBeGreaterThan(0);
    expect(summary.outcomes.written).toBeLessThan(SESSIONS);

    await client.config('SET', 'maxmemory', '0');
    await expectCompletion(small);
  });
});
