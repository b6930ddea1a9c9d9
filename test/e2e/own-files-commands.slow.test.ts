import {
  chmodSync,
  chownSync,
  cpSync,
  existsSync,
  linkSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { Cli, type CliResult } from '../support/cli.js';
import { RedisServer } from '../support/redis-server.js';
import { hexSid, jsonText, SessionStore } from '../support/store.js';
import { makeWorkspace } from '../support/workspace.js';

const NOBODY = 65534;
const IS_ROOT = process.geteuid?.() === 0;
const PRECIOUS = 'precious';

const work = makeWorkspace();
const cli = new Cli(join(work, 'home'));
const redis = RedisServer.forFile(work);
const store = new SessionStore(work);
for (let n = 0; n < 3; n++) store.hashed(hexSid(n), jsonText(n + 1));
/** What a migrate has left. */
const state = join(work, 'state-of-a-migrate');

beforeAll(async () => {
  const words = ['migrate', store.directory, '--to', redis.url, '--state-dir', state];
  expect(await cli.run(words)).toMatchObject({ code: 0 });
});

/** Commands by name, as each is run on the files in `place`. */
const COMMANDS: Readonly<Record<string, (place: string) => string[]>> = {
  audit: () => ['audit', store.directory],
  migrate: (place) => ['migrate', store.directory, '--to', redis.url, '--state-dir', join(place, 'state')],
  sync: (place) => ['sync', store.directory, '--to', redis.url, '--state-dir', join(place, 'state')],
  verify: (place) => ['verify', store.directory, '--to', redis.url, '--state-dir', join(place, 'state')],
  export: (place) => {
    const words = ['export', join(place, 'exported'), '--from', redis.url, '--odoo', '17'];
    return [...words, '--state-dir', join(place, 'state')];
  },
  ledger: (place) => ['ledger', '--state-dir', join(place, 'state')],
  bench: () => ['bench', '--sessions', '1k', '--no-files'],
};
const WRITERS = ['migrate', 'sync', 'export'];
const LEDGER_USERS = ['migrate', 'sync', 'verify', 'ledger'];
const LOGGERS = ['audit', 'migrate', 'sync', 'verify', 'export'];
const REPORTERS = ['audit', 'migrate', 'sync', 'verify', 'bench'];

/** A state directory, a file that is nobody's business, and an empty directory. */
function makePlace(): string {
  const place = mkdtempSync(join(work, 'place-'));
  cpSync(state, join(place, 'state'), { recursive: true });
  chmodSync(join(place, 'state'), 0o700);
  writeFileSync(join(place, 'victim'), PRECIOUS, { mode: 0o600 });
  return place;
}

/** Puts something in the way at a path. */
type Obstacle = (path: string, victim: string) => void;
const link: Obstacle = (path, victim) => {
  rmSync(path, { force: true });
  symlinkSync(victim, path);
};
const secondName: Obstacle = (path, victim) => {
  rmSync(path, { force: true });
  linkSync(victim, path);
};
const directory: Obstacle = (path) => {
  rmSync(path, { force: true });
  mkdirSync(path);
};
const ofAnother: Obstacle = (path) => {
  if (!existsSync(path)) writeFileSync(path, PRECIOUS);
  chownSync(path, NOBODY, NOBODY);
};
const linkToAnothers: Obstacle = (path) => {
  renameSync(path, `${path}-of-another`);
  chownSync(`${path}-of-another`, NOBODY, NOBODY);
  symlinkSync(`${path}-of-another`, path);
};
const openToAll: Obstacle = (path) => chmodSync(path, 0o777);
const nothing: Obstacle = () => {};

/** Opening a ledger leaves traces in it, though nothing in its records. */
const OF_LEDGER = /^state[^/]*\/(ledger\/|seal\.json$)/;

/** Everything below a path, with owner, mode and contents, but for the insides of the ledger. */
function treeOf(path: string): string[] {
  return readdirSync(path, { recursive: true, encoding: 'utf8' })
    .filter((name) => !OF_LEDGER.test(name))
    .sort()
    .map((name) => {
      const full = join(path, name);
      const stats = lstatSync(full);
      const what = stats.isFile() ? readFileSync(full, 'hex') : stats.isSymbolicLink() ? readlinkSync(full) : '';
      return `${name} ${stats.mode.toString(8)} ${stats.uid} ${what}`;
    });
}

/** All databases, with what is no session as well. */
async function keysOfAll(): Promise<string> {
  const client = redis.client();
  const seen = [];
  for (const db of [0, 14, 15]) {
    await client.select(db);
    for (const key of (await client.keys('*')).sort()) seen.push([db, key, await client.get(key)]);
  }
  client.disconnect();
  return JSON.stringify(seen);
}

function expectSober({ stdout, stderr }: CliResult): void {
  expect(`${stdout}${stderr}`).not.toMatch(/^\s+at |\.[jt]s:\d+|node:internal|unexpected/m);
}

type Refusal = [what: string, commands: string[], file: string, obstacle: Obstacle, code: number, sentence: RegExp];

const STATE: Refusal[] = [
  ['open to all', WRITERS, 'state', openToAll, 8, /others may write to \S+state: chmod go-w it, or name another/],
  ['whose rejects are a link', WRITERS, 'state/rejects.jsonl', link, 8, /rejects\.jsonl is a link.*: remove it, or/],
  ['whose rejects are a directory', WRITERS, 'state/rejects.jsonl', directory, 8, /rejects\.jsonl is a directory: rem/],
  ['whose secret is a link', LEDGER_USERS, 'state/secret', link, 10, /ledger .*damaged .*secret.*: move it away/],
  [
    'whose secret is a second name',
    LEDGER_USERS,
    'state/secret',
    secondName,
    10,
    /ledger .*damaged .*secret.*: move it/,
  ],
  ['whose seal is a link', LEDGER_USERS, 'state/seal.json', link, 10, /ledger .*damaged .*seal.*: move it away/],
];
const STATE_OF_OTHERS: Refusal[] = [
  ['of another user', WRITERS, 'state', ofAnother, 8, /state belongs to user 65534: run as that user, or name another/],
  ['behind a link to one', WRITERS, 'state', linkToAnothers, 8, /state belongs to user 65534: run as that user, or/],
];

/** What an option that names a file is refused with. */
function refusalsOf(option: string, commands: string[], rows: [what: string, obstacle: Obstacle, file?: string][]) {
  return rows.map(([what, obstacle, file = 'named']): Refusal => {
    const ending = option === '--report' ? '.html' : '.prom';
    const sentence = new RegExp(`${option} \\S+named\\${ending} cannot be written \\(.+\\): name another`);
    return [`${option} ${what}`, commands, `${file}${ending}`, obstacle, 2, sentence];
  });
}
const A_LINK: [string, Obstacle] = ['a link', link];
const A_SECOND_NAME: [string, Obstacle] = ['a second name of another file', secondName];
const A_DIRECTORY: [string, Obstacle] = ['a directory', directory];
const NOWHERE: [string, Obstacle, string] = ['in no directory', nothing, 'nowhere/named'];

const NAMED = [
  ...refusalsOf('--log-file', LOGGERS, [A_LINK, A_SECOND_NAME, A_DIRECTORY, NOWHERE]),
  ...refusalsOf('--metrics-file', LOGGERS, [A_DIRECTORY, NOWHERE]),
  ...refusalsOf('--report', REPORTERS, [A_DIRECTORY, NOWHERE]),
];
const NAMED_OF_OTHERS = refusalsOf('--log-file', LOGGERS, [['of another user', ofAnother]]);

const each = (refusals: Refusal[]) =>
  refusals.flatMap(([what, commands, ...rest]) => commands.map((command) => [command, what, ...rest] as const));

describe('refused in one sentence, with nothing written and nothing lost', () => {
  async function expectRefusal(row: ReturnType<typeof each>[number]) {
    const [command, what, file, obstacle, code, sentence] = row;
    const place = makePlace();
    obstacle(join(place, file), join(place, 'victim'));
    const [files, keys] = [treeOf(place), await keysOfAll()];
    const option = what.startsWith('--') ? [what.slice(0, what.indexOf(' ')), join(place, file)] : [];
    const result = await cli.run([...(COMMANDS[command] as (place: string) => string[])(place), ...option]);
    expect(result.errorLines, result.stderr).toEqual([expect.stringMatching(/^sess2redis: \S.*\S$/)]);
    expect(result.errorLines[0]).toMatch(sentence);
    expect(result.code).toBe(code);
    expectSober(result);
    expect(treeOf(place)).toEqual(files);
    expect(await keysOfAll()).toBe(keys);
  }

  it.each(each(STATE))('%s with a state directory %s', (...row) => expectRefusal(row));
  it.skipIf(!IS_ROOT).each(each(STATE_OF_OTHERS))('%s with a state directory %s', (...row) => expectRefusal(row));
  it.each(each(NAMED))('%s with %s', (...row) => expectRefusal(row));
  it.skipIf(!IS_ROOT).each(each(NAMED_OF_OTHERS))('%s with %s', (...row) => expectRefusal(row));
});

describe('a link or a second name gives way to a new file, and what it leads to stays', () => {
  const rows = [
    ...LOGGERS.map((command) => [command, '--metrics-file'] as const),
    ...REPORTERS.map((command) => [command, '--report'] as const),
  ];

  it.each(rows)('%s %s', async (command, option) => {
    for (const obstacle of [link, secondName]) {
      const place = makePlace();
      const named = join(place, option === '--report' ? 'named.html' : 'named.prom');
      obstacle(named, join(place, 'victim'));
      const dry = WRITERS.includes(command) ? ['--dry-run'] : [];
      const keys = await keysOfAll();
      const words = (COMMANDS[command] as (place: string) => string[])(place);
      const result = await cli.run([...words, option, named, ...dry]);
      expect(result.code, result.stderr).toBe(0);
      expectSober(result);
      expect(readFileSync(join(place, 'victim'), 'utf8')).toBe(PRECIOUS);
      const stats = lstatSync(named);
      expect([stats.isFile(), stats.nlink]).toEqual([true, 1]);
      expect(readFileSync(named, 'utf8')).toContain(option === '--report' ? '<html' : 'sess2redis_');
      expect(readdirSync(place).filter((name) => name.endsWith('.tmp'))).toEqual([]);
      expect(await keysOfAll()).toBe(keys);
    }
  });
});

describe('a state directory of another user or open to all', () => {
  it.each(['verify', 'ledger'])(
    'is read by %s as root alone or not at all, and nothing changes in it',
    async (command) => {
      for (const obstacle of IS_ROOT ? [openToAll, ofAnother, linkToAnothers] : [openToAll]) {
        const place = makePlace();
        obstacle(join(place, 'state'), join(place, 'victim'));
        const [files, keys] = [treeOf(place), await keysOfAll()];
        const result = await cli.run((COMMANDS[command] as (place: string) => string[])(place));
        // What others may write to is not believed; root may read what another user wrote.
        expect(result.code, result.stderr).toBe(obstacle === openToAll ? 8 : 0);
        if (obstacle === openToAll) expect(result.stderr).toMatch(/others may write to .*: chmod go-w it/);
        expectSober(result);
        expect(treeOf(place)).toEqual(files);
        expect(await keysOfAll()).toBe(keys);
      }
    },
  );
});
