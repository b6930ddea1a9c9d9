import { readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { Cli, type Summary, total } from '../support/cli.js';
import { Cluster } from '../support/cluster.js';
import { RedisServer } from '../support/redis-server.js';
import { hexSid, jsonText, pickledLogin, SessionStore, urlsafeSid } from '../support/store.js';
import { makeWorkspace } from '../support/workspace.js';

// Three processes at once take their time where processors are scarce.
vi.setConfig({ testTimeout: 180_000 });

const PARTS = 3;
const SESSIONS = 300;
const REJECTS = 9;

const work = makeWorkspace();
const cli = new Cli(join(work, 'home'));
const redis = RedisServer.forFile(work);
const store = new SessionStore(work);
for (let n = 0; n < SESSIONS; n++) {
  store.flat(hexSid(n), pickledLogin(n + 1));
  store.hashed(urlsafeSid(n), jsonText(n + 1));
}
for (let n = 0; n < REJECTS; n++) store.flat(hexSid(10_000 + n), `broken ${n}`);
store.file('notes.txt', 'no session');
beforeEach(() => redis.flush());

const migrate = (...words: string[]) => [
  ...['migrate', store.directory, '--to', redis.url, '--sids', '40,84', '--json'],
  ...words,
];

/** Three processes at once, each with its part; no state directory is named. */
async function loadInParts(shards: readonly string[], home: Cli, command = migrate()): Promise<Summary[]> {
  const runs = await Promise.all(shards.map((shard) => home.run([...command, '--shard', shard])));
  return runs.map(({ summary }) => summary);
}

const sumOf = (summaries: readonly Summary[], outcome: string) =>
  summaries.reduce((sum, { outcomes }) => sum + (outcomes[outcome] ?? 0), 0);

describe('a load in parts', () => {
  it('by three processes at once comes to the whole, each session in one part', async () => {
    const whole = (await cli.run(migrate('--dry-run', '--state-dir', join(work, 'dry')))).summary;
    const summaries = await loadInParts(['1/3', '2/3', '3/3'], new Cli(join(work, 'one')));
    for (const { listed, outcomes } of summaries) {
      expect(listed).toBe(store.entries);
      expect(total(outcomes)).toBe(listed);
      expect(outcomes.written).toBeGreaterThan((2 * SESSIONS) / PARTS / 2);
    }
    expect(sumOf(summaries, 'written')).toBe(whole.outcomes.written);
    expect(sumOf(summaries, 'malformed')).toBe(whole.outcomes.malformed);
    expect(whole.outcomes).toMatchObject({ written: 2 * SESSIONS, malformed: REJECTS });
    // What is no session belongs to no part, and each sees it; a session is passed over by all parts but one.
    expect(sumOf(summaries, 'other-shard')).toBe((PARTS - 1) * (2 * SESSIONS + REJECTS));
    expect(await redis.size()).toBe(2 * SESSIONS);
  });

  it('puts the very keys, values and expiries into Redis that one process does', async () => {
    await cli.run(migrate('--state-dir', join(work, 'single')));
    const single = await redis.contents();
    await redis.flush();
    await loadInParts(['1/3', '2/3', '3/3'], new Cli(join(work, 'two')));
    expect(await redis.contents()).toEqual(single);
  });

  it('into a cluster of three masters comes to the whole as well, and every master has a share', async () => {
    const cluster = await Cluster.forTest(work, { hasReplicas: false });
    const command = migrate().map((word) => (word === redis.url ? cluster.url : word));
    const summaries = await loadInParts(['1/3', '2/3', '3/3'], new Cli(join(work, 'cluster')), command);
    expect(summaries.map(({ exitCode }) => exitCode)).toEqual([3, 3, 3]);
    expect(sumOf(summaries, 'written')).toBe(2 * SESSIONS);
    expect(sumOf(summaries, 'malformed')).toBe(REJECTS);
    const shares = await Promise.all(cluster.nodes.map((node) => node.size()));
    expect(shares.reduce((sum, size) => sum + size, 0)).toBe(2 * SESSIONS);
    for (const share of shares) expect(share).toBeGreaterThan(SESSIONS / PARTS);
    await cli.run(migrate('--state-dir', join(work, 'beside')));
    expect(await cluster.contents()).toEqual(await redis.contents());
  });

  it('keeps a ledger and a list of rejects for each part, where no directory is named', async () => {
    const home = new Cli(join(work, 'three'));
    await loadInParts(['1/3', '2/3', '3/3'], home);
    const directories = readdirSync(join(home.stateHome, 'sess2redis'));
    expect(directories.length).toBe(PARTS);
    const lists = directories.map((name) =>
      readFileSync(join(home.stateHome, 'sess2redis', name, 'rejects.jsonl'), 'utf8'),
    );
    const paths = lists.flatMap((list) => list.split('\n').filter((line) => line !== ''));
    expect(new Set(paths).size).toBe(REJECTS);
    expect(paths.length).toBe(REJECTS);

    // Part 0 of 3 is part 3 of 3, and finds its ledger again: so do indices that count from 0.
    const again = await loadInParts(['0/3', '1/3', '2/3'], home);
    expect(readdirSync(join(home.stateHome, 'sess2redis')).sort()).toEqual(directories.sort());
    expect(sumOf(again, 'written')).toBe(0);
    expect(sumOf(again, 'unchanged')).toBe(2 * SESSIONS);
  });

  it('and a sync in parts deletes only what its own part wrote', async () => {
    const leaving = new SessionStore(work);
    const files = Array.from({ length: 30 }, (_, n) => leaving.flat(hexSid(n), pickledLogin(n + 1)));
    const home = new Cli(join(work, 'four'));
    const sync = ['sync', leaving.directory, '--to', redis.url, '--json'];
    await loadInParts(['1/3', '2/3', '3/3'], home, sync);
    expect(await redis.size()).toBe(30);
    for (const file of files.slice(0, 10)) rmSync(file);
    const summaries = await loadInParts(['1/3', '2/3', '3/3'], home, sync);
    const deleted = summaries.map(
      (summary) => (summary as unknown as { deletes: { deleted?: number } }).deletes.deleted ?? 0,
    );
    expect(deleted.reduce((sum, count) => sum + count, 0)).toBe(10);
    expect(Math.max(...deleted)).toBeLessThan(10);
    expect(await redis.size()).toBe(20);
  });
});
