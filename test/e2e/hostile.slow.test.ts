import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { Cli, total } from '../support/cli.js';
import { codePickles, ENDLESS_IN_JSON, LABORIOUS, REJECTED } from '../support/hostile-files.js';
import { RedisServer } from '../support/redis-server.js';
import { hexSid, pickledLogin, SessionStore } from '../support/store.js';
import { makeWorkspace } from '../support/workspace.js';

const MEMORY_LIMIT = 350e6;
const SOUND = 40;
const hasPython = spawnSync('python3', ['--version']).status === 0;

const work = makeWorkspace();
const cli = new Cli(join(work, 'home'));
const redis = RedisServer.forFile(work);
const marker = join(work, 'marker');
const CODE = codePickles(`touch ${marker}`);

/** A store of hostile files among sound sessions. */
function storeOf(files: Readonly<Record<string, Buffer>>): { store: SessionStore; names: Map<string, string> } {
  const store = new SessionStore(work);
  const names = new Map<string, string>();
  for (let n = 0; n < SOUND; n++) store.flat(hexSid(n), pickledLogin(n + 1));
  for (const [i, [name, bytes]] of Object.entries(files).entries()) {
    const sid = hexSid(1000 + i);
    names.set(sid.slice(0, 8), name);
    store.flat(sid, bytes);
  }
  return { store, names };
}

async function run(store: SessionStore, ...words: string[]) {
  await redis.flush();
  const result = await cli.run(['migrate', store.directory, '--to', redis.url, '--json', ...words]);
  const rejects = result.lines.filter(({ type }) => type === 'reject') as {
    path: string;
    outcome: string;
    reason: string;
  }[];
  const sids = rejects.map(({ path }) => /werkzeug_(.{8})/.exec(path)?.[1] ?? path);
  const held = await redis.contents(words.includes('muk') ? 1 : 0);
  return { ...result, summary: result.summary, rejects, sids, held };
}

async function expectRejected(files: Readonly<Record<string, Buffer>>, ...words: string[]): Promise<void> {
  const { store, names } = storeOf(files);
  const { code, summary, sids, held, stderr } = await run(store, ...words);
  const passed = [...names].filter(([sid]) => !sids.includes(sid)).map(([, name]) => name);
  expect(passed).toEqual([]);
  expect(stderr).not.toMatch(/^sess2redis: /m);
  expect(code).toBe(3);
  expect(summary.listed).toBe(store.entries);
  expect(total(summary.outcomes)).toBe(store.entries);
  expect(summary.outcomes.written).toBe(SOUND);
  expect(held.size).toBe(SOUND);
  expect(summary.peakRssBytes).toBeLessThan(MEMORY_LIMIT);
  expect(existsSync(marker)).toBe(false);
}

describe('a hostile file', () => {
  it.each([['camptocamp'], ['muk']])('is rejected while the run goes on, for %s', async (profile) => {
    await expectRejected(REJECTED, '--profile', profile);
  });

  it.each([['camptocamp'], ['muk']])('runs no code when it is read, for %s', async (profile) => {
    await expectRejected(CODE, '--profile', profile);
  });

  it('runs no code when it is explained or audited', async () => {
    const { store } = storeOf(CODE);
    await cli.run(['audit', store.directory]);
    const files = [0, 1, 2, 3].map((i) => join(store.directory, `werkzeug_${hexSid(1000 + i)}.sess`));
    const runs = await Promise.all(files.map((file) => cli.run(['explain', file])));
    for (const { code, stdout } of runs) expect(`${code} ${stdout}`).toMatch(/^0 [\s\S]*unsupported/);
    expect(existsSync(marker)).toBe(false);
  });

  it.skipIf(!hasPython).each(Object.keys(CODE).slice(0, 8))('would run its code in Python: %s', (name) => {
    const file = join(work, 'loaded.pickle');
    writeFileSync(file, CODE[name] as Buffer);
    spawnSync('python3', ['-c', 'import pickle, sys; pickle.load(open(sys.argv[1], "rb"))', file]);
    expect(existsSync(marker)).toBe(true);
    rmSync(marker);
  });

  it('is rejected when its value would have no end in JSON', async () => {
    await expectRejected(ENDLESS_IN_JSON);
  });

  it.each([['camptocamp'], ['muk']])('that makes work is done with, taken or not, for %s', async (profile) => {
    const { store } = storeOf({ ...LABORIOUS, ...(profile === 'muk' ? ENDLESS_IN_JSON : {}) });
    const { code, summary, held } = await run(store, '--profile', profile);
    expect([0, 3]).toContain(code);
    expect(total(summary.outcomes)).toBe(store.entries);
    expect(held.size).toBe(summary.outcomes.written);
    expect(held.size).toBeGreaterThanOrEqual(SOUND);
    expect(summary.peakRssBytes).toBeLessThan(MEMORY_LIMIT);
  });

  it('of a hundred gigabytes is not read', async () => {
    const { store } = storeOf({});
    for (let n = 0; n < 5; n++) truncateSync(store.flat(hexSid(2000 + n), '{'), 100 * 2 ** 30);
    const { code, summary } = await run(store);
    expect(code).toBe(3);
    expect(summary.outcomes).toEqual({ written: SOUND, 'too-large': 5 });
    expect(summary.peakRssBytes).toBeLessThan(MEMORY_LIMIT);
  });

  it('cannot write to the terminal', async () => {
    const { store } = storeOf(REJECTED);
    for (const words of [[], ['--json'], ['--log-level', 'debug']]) {
      const { stdout, stderr } = await cli.run(['migrate', store.directory, '--to', redis.url, ...words]);
      // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
      expect(`${stdout}${stderr}`).not.toMatch(/[\x00-\x09\x0b-\x1f\x7f-\x9f]/);
    }
  });
});

describe('memory', () => {
  it.skipIf(!existsSync('/proc/self/status'))('is told as the system sees it', async () => {
    const { store } = storeOf(REJECTED);
    const { child, finished } = cli.start(['migrate', store.directory, '--to', redis.url, '--json', '--rate', '40']);
    let seen = 0;
    let isOver = false;
    finished.then(() => {
      isOver = true;
    });
    while (!isOver) {
      const peak = /VmHWM:\s+(\d+) kB/.exec(readStatus(child.pid as number))?.[1];
      if (peak !== undefined) seen = Number(peak) * 1024;
      await new Promise((resolve) => setImmediate(resolve));
    }
    const { summary } = await finished;
    expect(seen).toBeGreaterThan(30e6);
    expect(summary.peakRssBytes).toBeGreaterThan(0.9 * seen);
    expect(summary.peakRssBytes).toBeLessThan(MEMORY_LIMIT);
  });
});

function readStatus(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/status`, 'latin1');
  } catch {
    return '';
  }
}
