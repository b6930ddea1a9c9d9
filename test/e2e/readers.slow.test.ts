import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, it } from 'vitest';
import { Cli, type Summary } from './cli.js';
import { RedisServer } from './redis-server.js';
import { makeWorkspace } from './workspace.js';

const SCRIPT = fileURLToPath(new URL('readers.py', import.meta.url));
const hasPython = spawnSync('python3', ['-c', 'import sys; sys.exit(sys.version_info < (3, 8))']).status === 0;

/** What a reader of readers.py found for one session. */
interface Answer {
  kind: string;
  name: string;
  isAccepted: boolean;
  isPresent: boolean;
  isVerbatim: boolean;
  mtimeNs: string;
  problem?: string | null;
}

const NO_FORM_IN_C2C = ['pickle only', 'foreign types'];
const NO_FORM_IN_JSON = ['wrapped', ...NO_FORM_IN_C2C];
const NO_DATA = ['foreign types'];
/** Kinds that have tests of their own. */
const SEPARATE = ['form', 'set of tuples'];
const generic = (encoding: string) => ['generic', '--key-template', 'odoo/{prefix}/{sid}!', '--encoding', encoding];

const SHORT_LIVED = ['mangono-1.3', 'odoo_redis_session'];
/** The store holds ids of every length: the operator says which ones may stay behind. */
const vouched = (profile: string, sids: string) => [profile, '--sids', sids];

/** Reader, its prefix, the options that name it, kinds of sessions that it can't hold. */
const READERS: [reader: string, prefix: string, profile: string[], refused: string[]][] = [
  ['camptocamp', '', ['camptocamp'], NO_FORM_IN_C2C],
  ['camptocamp', 'shop', ['camptocamp'], NO_FORM_IN_C2C],
  ['camptocamp-11', '', vouched('camptocamp-11', '40'), NO_FORM_IN_JSON],
  ['camptocamp-17', 'shop', vouched('camptocamp-17', '40'), NO_FORM_IN_C2C],
  ['camptocamp-18', '', vouched('camptocamp-18', '84'), NO_FORM_IN_C2C],
  ['camptocamp-19', 'shop', vouched('camptocamp-19', '84'), NO_FORM_IN_C2C],
  ['camptocamp-20', '', vouched('camptocamp-20', '84,86'), NO_FORM_IN_C2C],
  ['mangono-1.2', '', vouched('mangono-1.2', '40'), NO_FORM_IN_C2C],
  ['mangono-1.3', 'shop', vouched('mangono-1.3', '84'), NO_FORM_IN_C2C],
  ['smile-10', '', vouched('smile-10', '40'), NO_DATA],
  ['smile-12', '', vouched('smile-12', '40'), NO_DATA],
  ['odoo_redis_session', 'shop', vouched('odoo_redis_session', '84'), NO_FORM_IN_JSON],
  ['cb_redis', 'shop:', vouched('cb_redis', '84'), NO_FORM_IN_JSON],
  ['sidecar', '', ['sidecar'], NO_DATA],
  ['ab_redis_session', 'shop', vouched('ab_redis_session', '84'), NO_DATA],
  ['camptocamp-7', 'old', vouched('camptocamp-7', '40'), NO_DATA],
  ['mangono', 'shop', ['mangono'], NO_FORM_IN_C2C],
  ['smile', '', vouched('smile', '40'), NO_DATA],
  ['smile', 'sess-', vouched('smile', '40'), NO_DATA],
  ['keerati', '', vouched('keerati', '40'), NO_DATA],
  ['muk', 'odoo_', ['muk'], NO_DATA],
  ['generic-json', 'é', generic('json'), NO_FORM_IN_JSON],
  ['generic-pickle', 'p', generic('pickle'), NO_DATA],
  ['generic-verbatim', 'p', generic('verbatim'), NO_DATA],
];

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
  // camptocamp's absolute mode is the same module, in keys, values and lifetimes.
  const names = lines
    .filter(({ type, name }) => type === 'profile' && !String(name).includes('absolute'))
    .map(({ name }) => name);
  expect(names.sort()).toEqual([...new Set(READERS.map(([, , [profile]]) => profile))].sort());
});

describe.skipIf(!hasPython)('Python, reading Redis as the session modules do', () => {
  beforeAll(() => {
    mkdirSync(store);
    python('write', store, manifest);
  });

  it.each(READERS)('finds every session as %s with prefix "%s", content and expiry as in the file', async (...row) => {
    const [reader, prefix, profile, refused] = row;
    const { summary, beforeMs, afterMs } = await migrate(prefix, profile);
    const found = check(reader, prefix, beforeMs, afterMs);

    const sessions = found.sessions.filter(({ kind }) => !SEPARATE.includes(kind));
    expect(problemsIn(sessions)).toEqual([]);
    const wanted = sessions.filter(({ kind, isAccepted }) => isAccepted && !refused.includes(kind));
    // Two minutes are over for most visitors of the store.
    if (SHORT_LIVED.includes(reader)) expect(namesOf(wanted)).toEqual(expect.arrayContaining(presentIn(sessions)));
    else expect(presentIn(sessions)).toEqual(namesOf(wanted));
    expect(wanted.length).toBeGreaterThan(10);
    expect(summary).toMatchObject({ listed: found.sessions.length });
    expect([0, 3]).toContain(summary.exitCode);
    expect(summary.outcomes.written).toBe(presentIn(found.sessions).length);
    expect(summary.outcomes.dead ?? 0).toBe(sessions.filter(({ isAccepted }) => !isAccepted).length);
    expect(found.keys, 'keys that are no session').toBe(summary.outcomes.written);
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

  it('finds JSON files copied byte for byte by every JSON reader', async () => {
    const { beforeMs, afterMs } = await migrate('', ['camptocamp']);
    const { sessions } = check('camptocamp', '', beforeMs, afterMs);
    // Which ones are there is asked above; the one that is rotated in a moment may be over by now.
    const json = sessions.filter(({ name, isPresent }) => isPresent && name.includes('json'));
    expect(json.length).toBeGreaterThan(20);
    expect(json.filter(({ isVerbatim }) => !isVerbatim)).toEqual([]);
    expect(sessions.filter(({ name, isVerbatim }) => name.includes('pickle') && isVerbatim)).toEqual([]);
  });

  it('finds the pickles that it can load copied byte for byte, and newer protocols written anew', async () => {
    const { beforeMs, afterMs } = await migrate('', vouched('keerati', '40'));
    const present = check('keerati', '', beforeMs, afterMs).sessions.filter(({ isPresent }) => isPresent);
    const copied = present.filter(({ isVerbatim }) => isVerbatim).map(({ name }) => name);
    expect(copied).toEqual(present.map(({ name }) => name).filter((name) => /pickle 2|python 2/.test(name)));
    expect(copied.length).toBeGreaterThan(20);
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
