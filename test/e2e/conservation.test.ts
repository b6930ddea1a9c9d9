import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Cli, type Summary, total, unprivileged } from '../support/cli.js';
import { RedisServer } from '../support/redis-server.js';
import { DAY_S, hexSid, pickledLogin, SessionStore } from '../support/store.js';
import { OPTIONS_FOR_EVERYTHING, type StoreOfEverything, storeOfEverything } from '../support/store-of-everything.js';
import { makeWorkspace } from '../support/workspace.js';

const BIN = fileURLToPath(new URL('../../bin/sess2redis.js', import.meta.url));
const work = makeWorkspace();
const cli = new Cli(join(work, 'home'));
const redis = RedisServer.forFile(work);
const other = unprivileged();

describe('a store in which every outcome occurs', () => {
  let everything: StoreOfEverything;
  let runs = 0;
  const run = (command: string, ...more: string[]) => {
    const target = command === 'migrate' ? ['--to', redis.url] : [];
    return cli.summary(
      [command, everything.store.directory, ...OPTIONS_FOR_EVERYTHING, ...target, ...more],
      other ?? {},
    );
  };
  /** As a run that knows nothing of those before. */
  const runAnew = (...more: string[]) => run('migrate', '--state-dir', join(cli.home, `anew-${++runs}`), ...more);
  const expectAllCounted = (summary: Summary, outcomes: Record<string, number>) => {
    expect(summary.outcomes).toEqual(outcomes);
    expect(summary.listed).toBe(everything.store.entries);
    expect(total(summary.outcomes)).toBe(everything.store.entries);
    expect(summary).toMatchObject({ exitCode: 3, unsettled: 0 });
  };
  const keyOf = (sid: string) => `session:${sid}`;

  beforeAll(async () => {
    everything = await storeOfEverything(work, other !== null);
  });
  afterAll(() => {
    everything.close();
  });

  it.skipIf(other === null)('has files that the program may not read', () => {
    expect(everything.expected.unreadable).toBe(3);
  });

  it('was counted right when it was made', () => {
    expect(total(everything.expected)).toBe(everything.store.entries);
  });

  it('comes out of an audit with one outcome per entry', async () => {
    expectAllCounted(await run('audit'), everything.expected);
  });

  it('comes out of a dry run alike, with nothing in Redis and no state directory', async () => {
    const state = join(work, 'dry-state');
    expectAllCounted(await run('migrate', '--dry-run', '--state-dir', state), everything.expected);
    await cli.run(['migrate', everything.store.directory, '--to', redis.url, '--dry-run'], other ?? {});
    expect(await redis.size()).toBe(0);
    expect(existsSync(state)).toBe(false);
    expect(existsSync(cli.stateHome)).toBe(false);
  });

  it('is migrated with the same outcomes, and each that was written is one key', async () => {
    expectAllCounted(await run('migrate', '--state-dir', join(work, 'home', 'made')), everything.expected);
    expect([...(await redis.contents()).keys()].sort()).toEqual(everything.moving.map(keyOf).sort());
    expect(existsSync(join(work, 'home', 'made'))).toBe(true);
  });

  it('is the same on a second run, value and expiry untouched', async () => {
    const before = await redis.contents();
    const { written = 0, ...rest } = everything.expected;
    expectAllCounted(await runAnew(), { same: written, ...rest });
    expect(await redis.contents()).toEqual(before);
  });

  it('keeps what Odoo wrote meanwhile, and a key of another type', async () => {
    const client = redis.client();
    const [first, second, third] = everything.moving.map(keyOf) as [string, string, string];
    // Saved after the file was: it ends later. One that ends no later is taken for a copy of the ledger that was lost.
    await client.set(first, '{"Odoo was": "here"}', 'EX', 8 * DAY_S);
    await client.del(second, third);
    await client.rpush(second, 'a list');
    const { written = 0, ...rest } = everything.expected;

    expectAllCounted(await runAnew(), { written: 1, same: written - 3, kept: 2, ...rest });
    expect(await client.get(first)).toBe('{"Odoo was": "here"}');
    expect(await client.ttl(first)).toBeGreaterThan(7 * DAY_S);
    expect(await client.type(second)).toBe('list');
    expect(await client.exists(third)).toBe(1);
  });

  it('replaces both when it is told to, and says so', async () => {
    const { written = 0, ...rest } = everything.expected;
    expectAllCounted(await runAnew('--conflict', 'overwrite'), { same: written - 2, updated: 2, ...rest });
    const held = await redis.contents();
    await redis.flush();
    await runAnew();
    expect(held).toEqual(await redis.contents());
  });

  it('is cut by --shard into parts that meet nowhere and leave nothing out', async () => {
    await redis.flush();
    let before = 0;
    const parts: Summary[] = [];
    for (const shard of ['1/3', '2/3', '3/3']) {
      parts.push(await run('migrate', '--shard', shard));
      const now = await redis.size();
      expect(parts.at(-1)?.outcomes.written, 'a key of two parts').toBe(now - before);
      expect(now).toBeGreaterThan(before);
      before = now;
    }
    const sessions =
      total(everything.expected) - (everything.expected.foreign ?? 0) - (everything.expected['temp-file'] ?? 0);
    const shared = everything.expected.unreadable === undefined ? 0 : 1;
    for (const { listed, outcomes } of parts) {
      expect(listed).toBe(everything.store.entries);
      expect(total(outcomes)).toBe(listed);
    }
    // Each session is another's in two of three parts; only a shard directory that can't be listed is in all of them.
    expect(parts.reduce((sum, { outcomes }) => sum + (outcomes['other-shard'] ?? 0), 0)).toBe(2 * (sessions - shared));
    expect([...(await redis.contents()).keys()].sort()).toEqual(everything.moving.map(keyOf).sort());
  });
});

describe('two files of one sid', () => {
  it('become the one that was saved last, where Odoo reads it', async () => {
    await redis.flush();
    const store = new SessionStore(work);
    store.flat(hexSid(1), pickledLogin(1), 5 * 86_400);
    store.hashed(hexSid(1), pickledLogin(2), 60);
    await cli.run(['migrate', store.directory, '--to', redis.url, '--profile', 'generic', '--encoding', 'verbatim']);
    expect((await redis.contents()).get(`session:${hexSid(1)}`)?.value).toEqual(pickledLogin(2));
  });
});

describe('a limit', () => {
  const sound = new SessionStore(work);
  const broken = new SessionStore(work);
  for (let n = 0; n < 20; n++) sound.flat(hexSid(n), pickledLogin(n + 1));
  for (let n = 0; n < 20; n++) broken.flat(hexSid(n), n < 15 ? 'nonsense' : pickledLogin(n + 1));
  const migrate = (store: SessionStore, ...more: string[]) =>
    cli.summary(['migrate', store.directory, '--to', redis.url, ...more]);

  it('of the disk under the list of rejects ends the run with one sentence and exit code 5', () => {
    const state = join(work, 'full-disk');
    const nonsense = new SessionStore(work);
    for (let n = 0; n < 300; n++) nonsense.flat(hexSid(n), 'nonsense');
    // 8 or 16 KiB, as the shell counts: less than the list needs, and more than the ledger does.
    const limited = ['-c', 'ulimit -f 16; exec "$@"', 'sh', process.execPath, BIN];
    const words = [...limited, 'migrate', nonsense.directory, '--to', redis.url, '--state-dir', state];
    const { status, stderr } = spawnSync('sh', words, { cwd: work, encoding: 'utf8' });
    expect(status, stderr).toBe(5);
    expect(stderr).toMatch(/^sess2redis: .*rejects\.jsonl cannot be written \(EFBIG\): make room and run again$/m);
    expect(stderr).not.toMatch(/^\s+at /m);
  });

  it('of entries ends the run after exactly so many, with exit code 6', async () => {
    await redis.flush();
    expect(await migrate(sound, '--limit', '7')).toMatchObject({ listed: 7, outcomes: { written: 7 }, exitCode: 6 });
    expect(await redis.size()).toBe(7);
    const rest = await migrate(sound, '--limit', '20');
    expect(rest).toMatchObject({ listed: 20, outcomes: { written: 13, unchanged: 7 }, exitCode: 0 });
  });

  it('of rejects ends the run with exit code 6, and not before it is passed', async () => {
    await redis.flush();
    const stopped = await migrate(broken, '--max-rejects', '3', '--rate', '20', '--lanes', '1');
    expect(stopped.exitCode).toBe(6);
    expect(stopped.outcomes.malformed).toBeGreaterThan(3);
    expect(stopped.outcomes.malformed).toBeLessThan(15);
    expect(await redis.size()).toBe(stopped.outcomes.written ?? 0);
    expect(await migrate(broken, '--max-rejects', '15')).toMatchObject({ outcomes: { malformed: 15 }, exitCode: 3 });
    expect(await migrate(broken, '--max-rejects', '0')).toMatchObject({ exitCode: 6 });
  });
});
