import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Redis } from 'ioredis';
import { describe, expect, it } from 'vitest';
import { Cli, type RunningCli } from '../support/cli.js';
import { RedisServer } from '../support/redis-server.js';
import { hexSid, pickledLogin, SessionStore } from '../support/store.js';
import { makeWorkspace, until } from '../support/workspace.js';

const SESSIONS = 300;
const MIB = 2 ** 20;

const work = makeWorkspace();
const cli = new Cli(join(work, 'home'));
const store = new SessionStore(work);
for (let n = 0; n < SESSIONS; n++) store.flat(hexSid(n), pickledLogin(n + 1));

interface GovernorLine {
  state: string;
  reason: string;
  permitsPerSecond: number | null;
}

/** A migrate that is watched while it runs. */
class WatchedRun {
  readonly run: RunningCli;
  readonly states: GovernorLine[] = [];
  stderr = '';

  constructor(server: RedisServer, ...more: string[]) {
    const state = ['--state-dir', join(server.directory, 'state')];
    this.run = cli.start(['migrate', store.directory, '--to', server.url, '--json', ...state, ...more]);
    let rest = '';
    this.run.child.stdout?.on('data', (data: Buffer) => {
      const lines = `${rest}${data}`.split('\n');
      rest = lines.pop() ?? '';
      const events = lines.map((line) => JSON.parse(line) as GovernorLine & { type: string });
      this.states.push(...events.filter(({ type }) => type === 'governor'));
    });
    this.run.child.stderr?.on('data', (data: Buffer) => {
      this.stderr += data.toString();
    });
  }

  /** Resolves when the governor says so. */
  async state(state: string, reason = ''): Promise<GovernorLine> {
    const find = () => this.states.find((line) => line.state === state && line.reason.includes(reason));
    await until(() => {
      if (this.run.child.exitCode !== null) throw new Error(`ended without ${state} ${reason}: ${this.stderr}`);
      return find() !== undefined;
    });
    return find() as GovernorLine;
  }

  signal(name: NodeJS.Signals): void {
    this.run.child.kill(name);
  }

  /** The summary of a run that moved everything. */
  async complete(): Promise<{ throttle: { reasons: Record<string, number> } }> {
    const { code, summary, stderr } = await this.run.finished;
    expect(stderr).not.toContain('Debugger');
    expect({ code, outcomes: summary.outcomes }).toEqual({ code: 0, outcomes: { written: SESSIONS } });
    return summary as unknown as { throttle: { reasons: Record<string, number> } };
  }
}

/** Resolves when nothing has been written for a while, and returns how much is there. */
async function sizeAtRest(server: RedisServer): Promise<number> {
  const client = server.client();
  let size = await client.dbsize();
  for (let quiet = 0; quiet < 10; quiet++) {
    await sleep(100);
    const now = await client.dbsize();
    if (now !== size) quiet = 0;
    size = now;
  }
  return size;
}

/** Resolves when so many sessions are there. */
async function written(server: RedisServer, sessions: number): Promise<void> {
  const client = server.client();
  await until(async () => (await client.dbsize()) >= sessions);
}

/** Puts something that is not a session into the server, and leaves it so little memory that this is most of it. */
async function fill(client: Redis, share: number): Promise<void> {
  await client.call('SETRANGE', 'ballast', String(30 * MIB), 'x');
  const used = Number(/used_memory:(\d+)/.exec(await client.info('memory'))?.[1]);
  await client.config('SET', 'maxmemory', String(Math.floor(used / share)));
}

/** Resolves when the governor has asked so many times how the server is; who else asks is this function. */
async function looksOfGovernor(client: Redis, looks: number): Promise<void> {
  const infos = async () => Number(/cmdstat_info:calls=(\d+)/.exec(await client.info('commandstats'))?.[1]);
  const before = await infos();
  let own = 0;
  while ((await infos()) - before - ++own < looks) await sleep(50);
}

describe('--rate', () => {
  it('is kept, shown as what holds the run back, and booked so', async () => {
    const server = await RedisServer.forTest(work);
    const startMs = performance.now();
    const watched = new WatchedRun(server, '--rate', '200');
    expect(await watched.state('rate')).toEqual({
      type: 'governor',
      state: 'rate',
      reason: '200/s (--rate)',
      permitsPerSecond: 200,
    });
    const client = server.client();
    while (watched.run.child.exitCode === null) {
      const size = await client.dbsize();
      // A chunk of 20 goes first; the time in which the program started is a gift.
      expect(size).toBeLessThanOrEqual(20 + ((performance.now() - startMs) / 1000) * 200);
      await sleep(20);
    }
    expect((await watched.complete()).throttle.reasons.rate).toBeGreaterThan(0);
  });

  it('may be a timetable', async () => {
    const server = await RedisServer.forTest(work);
    const watched = new WatchedRun(server, '--rate', 'Mon-Sun 00:00,250');
    expect(await watched.state('rate')).toMatchObject({ permitsPerSecond: 250 });
    await watched.complete();
  });

  it('may be a timetable that says pause, which an interruption ends at once', async () => {
    const server = await RedisServer.forTest(work);
    const watched = new WatchedRun(server, '--rate', '00:00,pause');
    await watched.state('paused', 'timetable');
    watched.signal('SIGTERM');
    expect((await watched.run.finished).code).toBe(143);
    expect(await server.size()).toBe(0);
  });
});

describe('a pause', () => {
  it('by SIGUSR1 holds the run until SIGUSR2', async () => {
    const server = await RedisServer.forTest(work);
    const watched = new WatchedRun(server, '--rate', '100');
    await written(server, 20);
    watched.signal('SIGUSR1');
    await watched.state('paused', 'SIGUSR1');
    const held = await sizeAtRest(server);
    expect(held).toBeLessThan(SESSIONS);
    expect(watched.stderr).toContain('paused by SIGUSR1');
    watched.signal('SIGUSR2');
    const { throttle } = await watched.complete();
    expect(throttle.reasons.paused).toBeGreaterThan(0);
    expect(watched.states.map(({ state }) => state)).toEqual(['rate', 'paused', 'rate']);
  });

  it('by SIGUSR1 ends at once with SIGINT, and progress is kept', async () => {
    const server = await RedisServer.forTest(work);
    const watched = new WatchedRun(server, '--rate', '100');
    await written(server, 20);
    watched.signal('SIGUSR1');
    await watched.state('paused');
    const held = await sizeAtRest(server);
    watched.signal('SIGINT');
    const { code, summary } = await watched.run.finished;
    expect({ code, outcomes: summary.outcomes }).toEqual({ code: 130, outcomes: { written: held } });
  });

  it('by a file holds the run as long as the file is there, from the first session on', async () => {
    const server = await RedisServer.forTest(work);
    const file = join(server.directory, 'pause');
    writeFileSync(file, '');
    const watched = new WatchedRun(server, '--pause-file', file);
    expect(await watched.state('paused', `${file} exists (--pause-file)`)).toMatchObject({ permitsPerSecond: 0 });
    watched.signal('SIGUSR2');
    await until(() => watched.stderr.includes(`still paused: ${file}`));
    expect(await sizeAtRest(server)).toBe(0);
    rmSync(file);
    expect((await watched.complete()).throttle.reasons.paused).toBeGreaterThan(0);
  });

  it('does not outlive the target: a lost server ends the run', async () => {
    const server = await RedisServer.forTest(work);
    const watched = new WatchedRun(server, '--rate', '100', '--give-up-after', '1s');
    await written(server, 20);
    await server.kill();
    expect((await watched.run.finished).code).toBe(5);
  });
});

describe('a server in trouble', () => {
  /** A run that is held by a file, so that the trouble can be made before the first session is written. */
  async function held(server: RedisServer, ...more: string[]): Promise<{ watched: WatchedRun; release: () => void }> {
    const file = join(server.directory, 'pause');
    writeFileSync(file, '');
    const watched = new WatchedRun(server, '--pause-file', file, ...more);
    await watched.state('paused');
    return { watched, release: () => rmSync(file) };
  }
  const smallServer = () => RedisServer.forTest(work, ['--maxmemory-policy', 'noeviction']);

  it('whose memory runs out makes the run hibernate until there is some again', async () => {
    const server = await smallServer();
    const client = server.client();
    const { watched, release } = await held(server);
    await fill(client, 0.94);
    await looksOfGovernor(client, 2);
    release();
    const line = await watched.state('hibernating', 'memory');
    expect(line.reason).toMatch(/^memory 9[45] % of maxmemory$/);
    expect(line.permitsPerSecond).toBe(0);
    expect(await sizeAtRest(server)).toBe(1);
    await client.del('ballast');
    expect((await watched.complete()).throttle.reasons.memory).toBeGreaterThan(0);
  });

  it('whose memory is never freed ends the run by --give-up-after, in one sentence', async () => {
    const server = await smallServer();
    const { watched, release } = await held(server, '--give-up-after', '1s');
    await fill(server.client(), 0.94);
    release();
    const { code, summary, errorLines } = await watched.run.finished;
    expect({ code, listed: summary.listed }).toEqual({ code: 5, listed: 0 });
    expect(errorLines.at(-1)).toMatch(
      /^sess2redis: hibernating: memory 9\d % of maxmemory: gave up after 1\.0 s, as --give-up-after says; progress is kept, run/,
    );
    expect(await server.size()).toBe(1);
  });

  it('is not heeded with --throttle off', async () => {
    const server = await smallServer();
    const client = server.client();
    const { watched, release } = await held(server, '--throttle', 'off');
    await fill(client, 0.94);
    release();
    const { throttle } = await watched.complete();
    expect(Object.keys(throttle.reasons)).toEqual(['paused']);
  });

  it('that saves a snapshot gets half of what the run did', async () => {
    const server = await RedisServer.forTest(work);
    const client = server.client();
    const watched = new WatchedRun(server, '--rate', '100');
    await written(server, 60);
    // Each key takes the child 100 ms: several seconds in all.
    await client.config('SET', 'rdb-key-save-delay', '100000');
    await client.bgsave();
    const line = await watched.state('slowed', 'a snapshot is being saved');
    // What it did is measured over two seconds, into which acknowledgements of earlier chunks may fall.
    expect(line.permitsPerSecond).toBeGreaterThanOrEqual(50);
    expect(line.permitsPerSecond).toBeLessThanOrEqual(80);
    expect((await watched.complete()).throttle.reasons.fork).toBeGreaterThan(0);
  });

  it('that does not answer makes the run hibernate until it does', async () => {
    const server = await RedisServer.forTest(work);
    const watched = new WatchedRun(server, '--rate', '100');
    await written(server, 20);
    server.pause(true);
    const line = await watched.state('hibernating', 'redis has not answered for');
    expect(line.permitsPerSecond).toBe(0);
    server.pause(false);
    expect((await watched.complete()).throttle.reasons.latency).toBeGreaterThan(0);
  });

  it('that no longer lets itself be looked into is written to all the same, with one warning', async () => {
    const server = await RedisServer.forTest(work);
    const client = server.client();
    await client.call('ACL', 'SETUSER', 'writer', 'on', '>pw', '~*', '+@all');
    const password = join(server.directory, 'password');
    writeFileSync(password, 'pw\n');
    const { watched, release } = await held(server, '--user', 'writer', '--password-file', password);
    await client.call('ACL', 'SETUSER', 'writer', '-info');
    await sizeAtRest(server);
    release();
    await watched.complete();
    const { lines } = await watched.run.finished;
    const warnings = lines.filter(({ type, message }) => type === 'warning' && String(message).includes('INFO'));
    expect(warnings).toEqual([{ type: 'warning', message: expect.stringContaining('(grant +info for the rest)') }]);
  });
});
