import { connect, createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { Cli, type RunningCli } from '../support/cli.js';
import { RedisServer } from '../support/redis-server.js';
import { hexSid, jsonText, SessionStore } from '../support/store.js';
import { makeWorkspace, until } from '../support/workspace.js';

const SESSIONS = 3000;
const work = makeWorkspace();
const cli = new Cli(join(work, 'home'));
const redis = RedisServer.forFile(work, ['--port', 'free']);
const store = new SessionStore(work);
for (let n = 0; n < SESSIONS; n++) store.flat(hexSid(n), jsonText(n + 1));
let runs = 0;
/** A first run each, with nothing on record, and with one lane: what these tests are about comes before the others start. */
const migrate = (...words: string[]) => {
  const own = ['--lanes', '1', '--state-dir', join(work, `state${runs++}`)];
  return ['migrate', store.directory, '--to', redis.url, ...own, ...words];
};

beforeEach(async () => {
  await redis.flush();
  await configure({ maxmemory: '0', 'maxmemory-policy': 'noeviction' });
});

async function configure(settings: Record<string, string>): Promise<void> {
  const client = redis.client();
  for (const [name, value] of Object.entries(settings)) await client.config('SET', name, value);
  client.disconnect();
}

async function leave(bytes: number): Promise<void> {
  const client = redis.client();
  const used = Number(/used_memory:(\d+)/.exec(await client.info('memory'))?.[1]);
  client.disconnect();
  await configure({ maxmemory: String(Math.ceil(used + bytes)) });
}

/** Lets everything through to the server until `isTime`, and then only `share` of the piece that came. */
async function proxyUntil(isTime: (sent: string) => boolean, share: number, onTime: () => void): Promise<number> {
  const proxy: Server = createServer((inner) => {
    const outer = connect(redis.socket);
    let sent = '';
    inner.on('data', (data) => {
      sent = (sent + data.toString('latin1')).slice(-300_000);
      if (!isTime(sent)) {
        outer.write(data);
        return;
      }
      onTime();
      outer.end(data.subarray(0, Math.floor(data.length * share)));
      inner.destroy();
    });
    outer.pipe(inner);
    for (const socket of [inner, outer]) socket.on('error', () => {});
    inner.on('close', () => outer.end());
  });
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    proxy.close();
  });
  return (proxy.address() as { port: number }).port;
}

describe('the canary', () => {
  it.each<[string, RegExp, number]>([
    ['on its way', /sess2redis:canary:/, 0.5],
    ['whole but for its end', /sess2redis:canary:[\s\S]*\bDEL\b/i, 0.9],
    ['just arrived', /\r\nexec\r\n/i, 1],
  ])('leaves nothing when the program is killed with it %s', async (_, sign, share) => {
    let run: RunningCli | null = null;
    let isKilled = false;
    const port = await proxyUntil(
      (sent) => sign.test(sent),
      share,
      () => {
        isKilled = true;
        run?.child.kill('SIGKILL');
      },
    );
    run = cli.start(['migrate', store.directory, '--to', `redis://127.0.0.1:${port}`]);
    await run.finished;
    expect(isKilled).toBe(true);
    // When its connections are gone, all that arrived has been carried out.
    const client = redis.client();
    await until(async () => /^connected_clients:1\r$/m.test(await client.info('clients')));
    client.disconnect();
    expect(await redis.size()).toBe(0);
  });

  it('is not sent in a dry run, which writes nothing at all, and that of an audit is gone at once', async () => {
    const client = redis.client();
    const changes = async () => /rdb_changes_since_last_save:\d+/.exec(await client.info('persistence'))?.[0];
    await client.config('RESETSTAT');
    const before = await changes();
    await cli.run(migrate('--dry-run'));
    expect(await changes()).toBe(before);
    expect(await client.info('commandstats')).not.toMatch(/cmdstat_multi/);
    const keys = await redis.size();
    await cli.run(['audit', store.directory, '--to', redis.url, '--lanes', '1']);
    expect(await client.info('commandstats')).toMatch(/cmdstat_exec:calls=2,/);
    expect(await redis.size()).toBe(keys);
    await cli.run(migrate());
    expect(await client.info('commandstats')).toMatch(/cmdstat_exec:calls=4,/);
  });
});

describe('a load that does not fit', () => {
  it('is refused before the first write with exit code 7 and one sentence, also in a dry run', async () => {
    await leave(700_000);
    const both = [[], ['--dry-run']].map((words) => cli.run(migrate('--json', ...words)));
    for (const { code, summary, errorLines } of await Promise.all(both)) {
      expect(code).toBe(7);
      expect(errorLines).toEqual([
        expect.stringMatching(/^sess2redis: the load does not fit: about 3,000 sessions need/),
      ]);
      expect(summary).toMatchObject({
        exitCode: 7,
        outcomes: {},
        stopped: expect.stringMatching(/raise maxmemory to/),
      });
    }
    expect(await redis.size()).toBe(0);
  });

  it('is what an audit is for: it says so, and goes on', async () => {
    await leave(700_000);
    const { code, stderr, summary } = await cli.run([
      'audit',
      store.directory,
      '--to',
      redis.url,
      '--lanes',
      '1',
      '--json',
    ]);
    expect(code).toBe(0);
    expect(summary.outcomes).toEqual({ written: SESSIONS });
    expect(stderr).toBe(
      `sess2redis audit: ${store.directory} -> ${redis.url}?db=0 (camptocamp, read as camptocamp-17)\n`,
    );
  });

  it('is tried all the same with --skip-capacity-check', async () => {
    await leave(700_000);
    // Else the run would wait for room.
    const impatient = ['--throttle', 'off', '--give-up-after', '0s'];
    const { code, summary } = await cli.run(migrate('--json', '--skip-capacity-check', ...impatient));
    expect(code).toBe(5);
    expect(summary.outcomes.written).toBe(await redis.size());
  });

  it('is no matter when the sessions are there already', async () => {
    expect((await cli.run(migrate())).code).toBe(0);
    await leave(700_000);
    expect(await cli.summary(migrate())).toMatchObject({ exitCode: 0, outcomes: { same: SESSIONS } });
  });
});

describe('a server that drops keys when memory runs out', () => {
  it('is refused unless the load surely fits, or the operator accepts it', async () => {
    await configure({ 'maxmemory-policy': 'allkeys-lru' });
    await leave(50_000_000);
    const refused = await cli.run(migrate('--json', '--skip-capacity-check'));
    expect(refused.code).toBe(7);
    expect(refused.errorLines).toEqual([expect.stringMatching(/maxmemory-policy is allkeys-lru: .*--accept-eviction/)]);
    expect(await redis.size()).toBe(0);

    const accepted = await cli.run(migrate('--skip-capacity-check', '--accept-eviction', '--limit', '1'));
    expect(accepted.stderr).toMatch(/warning: .*allkeys-lru/);
    expect(await redis.size()).toBe(1);

    const roomy = await cli.run(migrate('--json', '--dry-run'));
    expect(roomy.summary).toMatchObject({ exitCode: 0, outcomes: { written: SESSIONS } });
    expect(roomy.lines).toContainEqual({
      type: 'warning',
      message: expect.stringMatching(/allkeys-lru: this load fits/),
    });
  });
});

describe('a server with a replica', () => {
  it('is warned for when its backlog is smaller than the load', async () => {
    await configure({ 'repl-diskless-sync-delay': '0' });
    const replica = await RedisServer.forTest(work, ['--replicaof', `127.0.0.1 ${redis.port}`]);
    const client = replica.client();
    await until(async () => /master_link_status:up/.test(await client.info('replication')));
    await configure({ 'repl-backlog-size': '1mb' });
    const warned = () => cli.run(migrate('--dry-run'));
    expect((await warned()).stderr).toMatch(/warning: the replication backlog has 1.00 MiB for 1 replicas/);
    await configure({ 'repl-backlog-size': '64mb' });
    expect((await warned()).stderr).not.toMatch(/backlog/);
  });
});
