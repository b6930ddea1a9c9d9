import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, it } from 'vitest';
import { Cli, type Summary } from '../support/cli.js';
import { READERS, vouched } from '../support/reader-options.js';
import { RedisServer } from '../support/redis-server.js';
import { makeWorkspace } from '../support/workspace.js';

const SCRIPT = fileURLToPath(new URL('readers.py', import.meta.url));
const hasPython = spawnSync('python3', ['-c', 'import sys; sys.exit(sys.version_info < (3, 8))']).status === 0;

/** What a reader of readers.py found for one session. */
interface Answer {
  kind: string;
  name: string;
  fate: Fate;
  /** The reader takes the file as it is. */
  isCopied: boolean;
  isPresent: boolean;
  isVerbatim: boolean;
  mtimeNs: string;
  problem?: string | null;
}

/** What the rules of a reader make of a session file. */
type Fate = 'moved' | 'dead' | 'over' | 'refused';

const work = makeWorkspace();
const cli = new Cli(join(work, 'home'));
const store = join(work, 'sessions');
const manifest = join(work, 'manifest.pickle');
const redis = RedisServer.forFile(work);

function python<T>(...args: string[]): T {
  const { status, stdout, stderr } = spawnSync('python3', ['-B', SCRIPT, ...args], {
    encoding: 'utf8',
    maxBuffer: 2 ** 26,
  });
  if (status !== 0) throw new Error(`readers.py failed: ${stderr}`);
  return JSON.parse(stdout) as T;
}

function check(reader: string, prefix: string, beforeMs: number, afterMs: number) {
  const bounds = [String(beforeMs), String(afterMs)];
  return python<{ keys: number; sessions: Answer[] }>('check', manifest, redis.socket, reader, prefix, ...bounds);
}

const problemsIn = (sessions: Answer[]) =>
  sessions.filter(({ problem }) => problem != null).map(({ name, problem }) => `${name}: ${problem}`);

const namesOf = (sessions: Answer[]) => sessions.map(({ name }) => name);
const presentIn = (sessions: Answer[]) => namesOf(sessions.filter(({ isPresent }) => isPresent));

async function migrate(
  prefix: string,
  profile: string[],
): Promise<{ summary: Summary; beforeMs: number; afterMs: number }> {
  await redis.flush();
  const beforeMs = Date.now();
  const words = [
    'migrate',
    store,
    '--to',
    redis.url,
    '--profile',
    ...profile,
    ...(prefix === '' ? [] : ['--prefix', prefix]),
    '--state-dir',
    mkdtempSync(join(work, 'state-')),
  ];
  const summary = await cli.summary(words);
  return { summary, beforeMs, afterMs: Date.now() };
}

it('covers every profile that there is', async () => {
  const { lines } = await cli.run(['profiles', '--json']);
  const names = lines.filter(({ type }) => type === 'profile').map(({ name }) => name);
  expect(names.sort()).toEqual([...new Set(READERS.map(([, , [profile]]) => profile))].sort());
});

describe.skipIf(!hasPython)('Python, reading Redis as the session modules do', () => {
  beforeAll(() => {
    mkdirSync(store);
    python('write', store, manifest);
  });

  it.each(READERS)('finds every session as %s with prefix "%s", content and expiry as in the file', async (...row) => {
    const [reader, prefix, profile] = row;
    const { summary, beforeMs, afterMs } = await migrate(prefix, profile);
    const { keys, sessions } = check(reader, prefix, beforeMs, afterMs);

    expect(problemsIn(sessions)).toEqual([]);
    const of = (fate: Fate) => sessions.filter((session) => session.fate === fate);
    expect(presentIn(sessions)).toEqual(namesOf(of('moved')));
    const counts = { written: of('moved'), dead: of('dead'), expired: of('over'), unsupported: of('refused') };
    const outcomes = Object.entries(counts).map(([outcome, { length }]) => [outcome, length]);
    expect(summary.outcomes).toEqual(Object.fromEntries(outcomes.filter(([, count]) => count !== 0)));
    expect(summary).toMatchObject({ listed: sessions.length, exitCode: of('refused').length > 0 ? 3 : 0 });
    expect(keys, 'keys that are no session').toBe(of('moved').length);
    const present = sessions.filter(({ isPresent }) => isPresent);
    expect(namesOf(present.filter(({ isVerbatim }) => isVerbatim))).toEqual(
      namesOf(present.filter(({ isCopied }) => isCopied)),
    );
    // Files with ids of every length hold each of the plain contents, so that no reader is left with a few.
    const contents = (list: Answer[]) => [...new Set(list.map(({ name }) => name.replace(/, .*/, '')))].sort();
    const plain = (list: Answer[]) =>
      list.filter(({ kind, name }) => kind === 'plain' && / (json \d+|pickle \d)$/.test(name));
    expect(contents(plain([...of('moved'), ...of('over')]))).toEqual(contents(plain(sessions)));
  });

  it.each(['camptocamp', 'mangono'])('finds the first value of each field of a parked form as %s', async (reader) => {
    const { beforeMs, afterMs } = await migrate('', [reader]);
    const forms = check(reader, '', beforeMs, afterMs).sessions.filter(({ kind }) => kind === 'form');
    expect(presentIn(forms)).toEqual(namesOf(forms));
    expect(problemsIn(forms)).toEqual([]);
  });

  it.each(['keerati', 'camptocamp-7'])('loses no value of a form that is pickled anew for %s', async (reader) => {
    const { beforeMs, afterMs } = await migrate('', vouched(reader, '40'));
    const forms = check(reader, '', beforeMs, afterMs).sessions.filter(({ kind }) => kind === 'form');
    expect(problemsIn(forms)).toEqual([]);
  });

  it('never writes what fails in its hands: a set of tuples, of which JSON makes lists', async () => {
    const { beforeMs, afterMs } = await migrate('', ['camptocamp']);
    const sets = check('camptocamp', '', beforeMs, afterMs).sessions.filter(({ kind }) => kind === 'set of tuples');
    expect(presentIn(sets)).toEqual([]);
  });

  it('has files whose mtime rounds up to a wrong millisecond', () => {
    const { sessions } = check('camptocamp', '', 0, 0);
    const fractions = new Set(sessions.map(({ mtimeNs }) => mtimeNs.slice(-9)));
    expect([...fractions]).toEqual(expect.arrayContaining(['999999999', '000000000', '000999999', '000000001']));
  });

  it('notices a key that differs in one type, one millisecond, or its name', async () => {
    const { beforeMs, afterMs } = await migrate('', ['generic', '--key-template', 'session:{sid}']);
    // The generic JSON is camptocamp's where no wrapper is needed.
    expect(problemsIn(check('camptocamp', '', beforeMs, afterMs).sessions)).toEqual(
      expect.arrayContaining([expect.stringMatching(/^visitor, json 84: expires \d+ ms late/)]),
    );
    const client = redis.client();
    for (const key of await client.keys('*')) {
      const value = await client.get(key);
      if (value?.includes('"integral": 2.0')) await client.set(key, value.replace('2.0', '2'), 'KEEPTTL');
      if (value?.includes('"yes": true')) await client.set(key, value.replace('true', '1'), 'KEEPTTL');
      if (value?.includes('"empty": ""'))
        await client.call('PEXPIREAT', key, Number(await client.call('PEXPIRETIME', key)) + 1);
      if (value?.includes('"infinities"')) await client.rename(key, `${key}0`);
    }
    const { sessions } = check('camptocamp', '', beforeMs, afterMs);
    expect(problemsIn(sessions)).toEqual(
      expect.arrayContaining([
        expect.stringMatching(/^floats, pickle 4: holds .*'int', '0x2'/),
        expect.stringMatching(/^truth, json 84: holds .*'int', '0x1'/),
        'nested, pickle 2: expires 1 ms late',
      ]),
    );
    expect(sessions.filter(({ name }) => name.startsWith('not numbers')).some(({ isPresent }) => isPresent)).toBe(
      false,
    );
  });
});
