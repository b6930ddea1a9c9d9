import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import { COMMANDS } from '../../src/cli/commands.js';
import { Cli } from '../support/cli.js';
import { EventJudge, publishedSchema } from '../support/events.js';
import { RedisServer } from '../support/redis-server.js';
import { hexSid, jsonText, pickledLogin, SessionStore, urlsafeSid } from '../support/store.js';
import { makeWorkspace, until } from '../support/workspace.js';

// Programs take their time where processors are scarce.
vi.setConfig({ testTimeout: 180_000 });

const work = makeWorkspace();
const cli = new Cli(join(work, 'home'));
const redis = RedisServer.forFile(work);
const store = new SessionStore(work);
for (let n = 0; n < 20; n++) store.flat(hexSid(n), pickledLogin(n + 1));
for (let n = 0; n < 20; n++) store.hashed(urlsafeSid(n), jsonText(n + 1));
store.flat(hexSid(100), 'broken');
store.flat(hexSid(101), '');
// One level too deep.
mkdirSync(join(store.directory, 'old', '00'), { recursive: true });
writeFileSync(join(store.directory, 'old', '00', `00${urlsafeSid(102).slice(2)}`), jsonText(1));
const judge = new EventJudge();
const seen = new Set<unknown>();

/** Parses what a run printed, notes the types, and finds what is not as the schema has it. */
function judged(lines: readonly Record<string, unknown>[]): string[] {
  for (const { type } of lines) seen.add(type);
  return lines.flatMap((line) => judge.faultsOf(line));
}

interface TypeNames {
  const?: string;
  enum?: string[];
}

interface Definition {
  description: string;
  properties?: { type: TypeNames };
  oneOf?: { properties: { type: TypeNames } }[];
}

/** A run of a command: its words, and the types of the lines that must be among its output. */
type Run = [words: () => string[], types: string[]];

const to = () => ['--to', redis.url];

/** A directory with a session of PHP. */
function phpStore(): string {
  const directory = join(work, `php-${Math.random()}`);
  mkdirSync(directory);
  writeFileSync(join(directory, `sess_${'a1'.repeat(13)}`), 'user|i:7;');
  return directory;
}
const sids = ['--sids', '40,84'];
const missing = '/nowhere/fake';

/** For every command: a run that is complete, and those that end otherwise. */
const RUNS: Readonly<Record<string, Run[]>> = {
  migrate: [
    [() => ['migrate', store.directory, ...to(), ...sids, '--dry-run'], ['reject', 'summary']],
    [() => ['migrate', store.directory, ...to(), ...sids], ['reject', 'summary']],
    [() => ['migrate', phpStore(), ...to(), '--app', 'php'], ['summary']],
    [() => ['migrate', store.directory, ...to(), ...sids, '--print-config'], ['setting', 'summary']],
    [() => ['migrate', store.directory, '--to', `unix://${missing}`], ['summary']],
    // Slow enough for a status event, the first of which comes after five seconds.
    [
      () => [
        'migrate',
        store.directory,
        ...to(),
        ...sids,
        '--rate',
        '5',
        '--prefix',
        'slow',
        '--state-dir',
        join(work, 's'),
      ],
      ['status', 'governor', 'summary'],
    ],
    [() => ['migrate', store.directory, ...to(), ...sids, '--limit', '3', '--state-dir', join(work, 'l')], ['summary']],
  ],
  sync: [
    [() => ['sync', store.directory, ...to(), ...sids], ['summary']],
    [() => ['sync', store.directory, ...to(), ...sids, '--final'], ['reject', 'summary']],
  ],
  audit: [
    [() => ['audit', phpStore(), '--app', 'php'], ['shape', 'audit', 'summary']],
    [() => ['audit', store.directory, ...sids], ['reject', 'shape', 'remaining', 'summary']],
    [() => ['audit', store.directory, ...sids, ...to()], ['shape', 'summary']],
    [() => ['audit', missing], ['summary']],
  ],
  verify: [
    [() => ['verify', store.directory, ...to(), ...sids], ['reject', 'summary']],
    [
      () => ['verify', store.directory, ...to(), ...sids, '--prefix', 'other', '--state-dir', join(work, 'v')],
      ['difference', 'summary'],
    ],
    [() => ['verify', store.directory, ...to(), ...sids, '--sample', '5'], ['summary']],
  ],
  export: [
    [() => ['export', join(work, `back-${Math.random()}`), '--from', redis.url, '--odoo', '19'], ['summary']],
    [() => ['export', missing, '--from', `unix://${missing}`, '--odoo', '19'], ['summary']],
  ],
  explain: [
    [() => ['explain', join(store.directory, `werkzeug_${hexSid(1)}.sess`), ...to()], ['step', 'summary']],
    [() => ['explain', hexSid(1), '--source', store.directory], ['step', 'summary']],
    [() => ['explain', hexSid(999), '--source', store.directory], ['summary']],
  ],
  ledger: [
    [() => ['ledger', store.directory, ...to()], ['ledger', 'summary']],
    [() => ['ledger', '--state-dir', missing], ['summary']],
  ],
  generate: [
    [() => ['generate', join(work, `generated-${Math.random()}`), '--sessions', '3'], ['summary']],
    [() => ['generate', store.directory], ['summary']],
  ],
  bench: [
    [
      () => ['bench', '--sessions', '300,600', '--files', work, '--odoo', '15'],
      ['server', 'step', 'fit', 'files', 'migrate-rate', 'files-deleted', 'summary'],
    ],
    [() => ['bench', '--sessions', '1,100M', '--no-files'], ['server', 'step', 'warning', 'summary']],
    [() => ['bench', '--sessions', 'x'], ['summary']],
  ],
  detect: [
    [() => ['detect', ...to()], ['reader', 'live-keys', 'summary']],
    [() => ['detect', '--to', `unix://${missing}`], ['summary']],
  ],
  profiles: [[() => ['profiles'], ['profile', 'summary']]],
  apps: [
    [() => ['apps'], ['application', 'summary']],
    [() => ['apps', 'laravel'], ['application', 'summary']],
  ],
  // What it prints is a script, with --json as well.
  completion: [],
};

describe('every line of --json', () => {
  it('is looked at for every command', () => {
    expect(Object.keys(RUNS).sort()).toEqual(COMMANDS.map(({ name }) => name).sort());
  });

  it.each(Object.keys(RUNS))('is as the schema has it: %s', async (command) => {
    for (const [words, types] of RUNS[command] as Run[]) {
      const { stdout, stderr, lines } = await cli.run([...words(), '--json']);
      expect(judged(lines)).toEqual([]);
      expect(lines.at(-1)?.type, stderr).toBe('summary');
      const found = new Set(lines.map(({ type }) => type));
      for (const type of types) expect([...found], `${words().join(' ')}\n${stdout}${stderr}`).toContain(type);
    }
  });

  it('is as the schema has it where the command line is wrong', async () => {
    const wrong = [[], ['migrat'], ['migrate', '--prefx', 'x'], ['audit'], ['ledger', '--shard', '9']];
    for (const { lines, code } of await Promise.all(wrong.map((words) => cli.run([...words, '--json'])))) {
      expect(code).toBe(2);
      expect(judged(lines)).toEqual([]);
      expect(lines.map(({ type }) => type)).toEqual(['summary']);
    }
  });
});

describe('every event of the schema', () => {
  it('is as the schema has it while the target is gone, and when it is back', async () => {
    const server = await RedisServer.forTest(work);
    // So slow that it is far from its end whenever the server goes.
    const line = ['migrate', store.directory, '--to', server.url, ...sids, '--rate', '0.5', '--json'];
    const { child, finished } = cli.start([...line, '--state-dir', join(work, 'gone')]);
    let stdout = '';
    child.stdout?.on('data', (data: Buffer) => {
      stdout += data.toString();
    });
    await until(async () => (await server.size()) > 0);
    await server.kill();
    await until(() => /"waiting","reason":"/.test(stdout));
    await server.up();
    await until(() => stdout.includes('"waiting","reason":null'));
    child.kill('SIGTERM');
    const { lines } = await finished;
    expect(judged(lines)).toEqual([]);
    expect(lines.at(-1)?.type).toBe('summary');
  });

  it('was printed by one of the runs above', () => {
    const names = COMMANDS.map(({ name }) => name);
    const events = Object.values((publishedSchema() as { $defs: Record<string, Definition> }).$defs);
    const types = events
      // Each says first which command it is of, if it is of one alone.
      .filter(
        ({ description }) => !/^\w+: /.test(description) || names.some((name) => name === description.split(':', 1)[0]),
      )
      .map(({ properties, oneOf }) => (properties ?? oneOf?.[0]?.properties)?.type)
      .flatMap((type) => type?.enum ?? [type?.const]);
    expect(types.filter((type) => !seen.has(type))).toEqual([]);
    expect(types.length).toBeGreaterThan(10);
  });
});

describe('the judge of lines', () => {
  const warning = { type: 'warning', message: 'x' };

  it.each<[string, Record<string, unknown>]>([
    ['a type that is not there', { type: 'nothing' }],
    ['a field that is not written down', { ...warning, more: 1 }],
    ['a field that is missing', { type: 'warning' }],
    ['a value of another type', { type: 'warning', message: 5 }],
    ['no type', { message: 'x' }],
    ['an exit code that there is not', { type: 'summary', version: 1, command: 'profiles', profiles: 1, exitCode: 11 }],
    ['another version', { type: 'summary', version: 2, command: 'profiles', profiles: 1, exitCode: 0 }],
  ])('finds %s', (_, line) => {
    expect(judge.faultsOf(line)).toHaveLength(1);
  });

  it('finds nothing in a line that is right', () => {
    expect(judge.faultsOf(warning)).toEqual([]);
  });
});
