import { mkdirSync, mkdtempSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { Cli, type CliOptions, linesOf, unprivileged } from '../support/cli.js';
import { RedisServer } from '../support/redis-server.js';
import { hexSid, pickledLogin, SessionStore } from '../support/store.js';
import { makeWorkspace } from '../support/workspace.js';

const work = makeWorkspace();
const cli = new Cli(join(work, 'home'));
const redis = RedisServer.forFile(work);
const store = new SessionStore(work);
for (let n = 0; n < 5; n++) store.flat(hexSid(n), pickledLogin(n + 1));
const to = () => ['--to', redis.url];

/** A command line that can't work: one sentence that names the fault, the exit code, a summary, and nothing written. */
async function expectRefusal(args: readonly string[], code: number, sentence: RegExp, options: CliOptions = {}) {
  const result = await cli.run([...args, '--json'], options);
  expect(result.code, result.stderr).toBe(code);
  expect(result.errorLines).toEqual([expect.stringMatching(sentence)]);
  expect(result.errorLines[0]).toMatch(/^sess2redis: \S.*\S$/);
  expect(linesOf(result.stderr).length).toBeLessThanOrEqual(2);
  expect(result.stderr).not.toMatch(/^\s+at |\.[jt]s:\d+|node:internal/m);
  expect(result.summary).toMatchObject({ exitCode: code, stopped: expect.stringMatching(sentence) });
  expect(result.summary.outcomes).toEqual({});
  expect(await redis.size()).toBe(0);
}

describe('a command line with a fault', () => {
  const migrate = (...words: string[]) => ['migrate', store.directory, ...to(), ...words];

  it.concurrent.each<[string, string[], RegExp]>([
    ['a misspelt option', ['--prefx', 'shop'], /prefx/],
    ['an option without its value', ['--prefix'], /prefix/],
    ['an option given twice', ['--rate', '5', '--rate', '6'], /--rate is given more than once/],
    ['a log where none can be', ['--log-file', '/nowhere/fake/log'], /\/nowhere\/fake\/log/],
    ['an unknown profile', ['--profile', 'camptokamp'], /--profile is "camptokamp": choose one of camptocamp, /],
    ['a template without {sid}', ['--profile', 'generic', '--key-template', 'session:'], /--key-template.*\{sid\}/],
    ['a template with two', ['--profile', 'generic', '--key-template', '{sid}{sid}'], /--key-template.*\{sid\}/],
    [
      'a template beside another profile',
      ['--key-template', 'x{sid}'],
      /--key-template, .*generic, not with camptocamp/,
    ],
    ['an unknown encoding', ['--profile', 'generic', '--encoding', 'yaml'], /--encoding is "yaml"/],
    ['a prefix that keerati has not', ['--profile', 'keerati', '--prefix', 'x'], /--prefix .*keerati/],
    ['a user without a password', ['--user', 'fake'], /without a password/],
  ])('is refused with exit code 2: %s', async (_, words, sentence) => {
    await expectRefusal(migrate(...words), 2, sentence);
  });

  const OUT_OF_RANGE: [option: string, ...values: string[]][] = [
    ['lanes', '0', '129', 'some'],
    ['rate', '-5', '0', 'fast'],
    ['limit', '0', '1.5', '99999999999999999999', '5d'],
    ['max-rejects', '-1', 'few', '0.5'],
    ['lifetime', '7', '0d', 'long'],
    ['anonymous-lifetime', '3', '999ms', ''],
    ['max-age', 'old', '2x', '1e9999d'],
    ['max-file-size', '1000', '1GiB', '0k'],
    ['shard', '0/0', '4/3', '1', 'a/b'],
    ['sids', '40,41', '', 'all'],
    ['conflict', 'maybe'],
    ['anonymous', 'drop'],
    ['log-level', 'loud'],
    ['password-file', '/nowhere/fake'],
    ['tls-ca', '/nowhere/fake'],
  ];
  it.concurrent.each([1, 2, 3, 4])('is refused with every fault named in one sentence, round %i', async (round) => {
    const faulty = OUT_OF_RANGE.filter((row) => row[round] !== undefined && row[round] !== '');
    const words = faulty.flatMap((row) => [`--${row[0]}`, row[round] as string].join('='));
    const names = faulty.map(([option]) => `(?=.*--${option}\\b)`);
    await expectRefusal(migrate(...words), 2, new RegExp(`^(sess2redis: )?${names.join('')}`));
  });

  it('is refused when the fault is in the environment', async () => {
    await expectRefusal(migrate(), 2, /rate is "fast"/i, { env: { SESS2REDIS_RATE: 'fast' } });
  });

  it.concurrent.each<[string, string[], RegExp]>([
    ['an unknown command', ['migrat', '/tmp'], /migrat/],
    ['no command', [], /command/],
    [
      'a migrate without a source',
      ['migrate', '--to', 'redis://localhost'],
      /name the source of migrate: see sess2redis migrate --help/,
    ],
    ['a migrate without a target', ['migrate', '/tmp'], /--to is missing/],
    ['an audit with an option of migrate', ['audit', '/tmp', '--conflict', 'skip'], /conflict/],
  ])('is refused with exit code 2: %s', async (_, words, sentence) => {
    await expectRefusal(words, 2, sentence);
  });

  it('is not refused without the fault', async () => {
    const result = await cli.run(migrate('--rate', '5k', '--lanes', '1', '--lifetime', '7d', '--shard', '1/1'));
    expect(result).toMatchObject({ code: 0, errorLines: [] });
    await redis.flush();
  });
});

describe('a source', () => {
  const migrate = (source: string, ...words: string[]) => ['migrate', source, ...to(), ...words];
  const other = unprivileged();

  it('that is missing, a file, or a pattern without a match is refused by name', async () => {
    const file = join(work, 'a-file');
    writeFileSync(file, '');
    await Promise.all([
      expectRefusal(migrate('/nowhere/fake'), 2, /\/nowhere\/fake does not exist/),
      expectRefusal(migrate(file), 2, /a-file is a file/),
      expectRefusal(migrate(join(work, 'no-*')), 2, /no directory matches .*no-\*/),
      expectRefusal([...migrate(store.directory), '/nowhere/one', '/nowhere/two'], 2, /\/one .*\/two /),
    ]);
  });

  it("that is Odoo's data directory is refused, and the session directory in it named", async () => {
    const data = mkdtempSync(join(work, 'data-'));
    for (const name of ['sessions', 'filestore', 'addons']) mkdirSync(join(data, name));
    await expectRefusal(migrate(data), 2, new RegExp(`name ${data}/sessions`));
  });

  it.skipIf(other === null)('that this user may not read is refused with exit code 8', async () => {
    const closed = mkdtempSync(join(work, 'closed-'));
    const uid = other?.uid;
    if (uid === undefined) mkdirSync(join(closed, 'x'), { mode: 0o000 });
    const source = uid === undefined ? join(closed, 'x') : closed;
    await expectRefusal(migrate(source), 8, /may not be read by this user/, other ?? {});
  });

  it('is left alone when there is no place for the list of rejects: exit code 8', async () => {
    const file = join(work, 'in-the-way');
    writeFileSync(file, '');
    await expectRefusal(
      migrate(store.directory, '--state-dir', join(file, 'state')),
      8,
      /in-the-way.* cannot be written .*--state-dir/,
    );
    await expectRefusal(migrate(store.directory), 8, /in-the-way/, { env: { XDG_STATE_HOME: file } });
  });

  it('that is empty is complete, or exit code 9 when that is asked for', async () => {
    const empty = mkdtempSync(join(work, 'empty-'));
    expect(await cli.summary(migrate(empty))).toMatchObject({ exitCode: 0, listed: 0 });
    expect(await cli.summary(migrate(empty, '--fail-if-empty'))).toMatchObject({ exitCode: 9, listed: 0 });
    expect(await cli.summary(['audit', empty, '--fail-if-empty'])).toMatchObject({ exitCode: 9 });
    expect((await cli.run(migrate(empty))).stderr).toMatch(/nothing is in there/);
    expect(await cli.summary(migrate(store.directory, '--fail-if-empty'))).toMatchObject({ exitCode: 0, listed: 5 });
    await redis.flush();
  });

  it('can be a pattern, a symlink, several directories, and is read once however often it is named', async () => {
    const root = mkdtempSync(join(work, 'many-'));
    for (const [i, name] of ['shop-a', 'shop-b', 'other', '[x]'].entries()) {
      mkdirSync(join(root, name, 'sessions'), { recursive: true });
      writeFileSync(join(root, name, 'sessions', `werkzeug_${hexSid(100 + i)}.sess`), pickledLogin(1));
    }
    writeFileSync(join(root, 'shop-file'), '');
    symlinkSync(join(root, 'other'), join(root, 'link'));
    const listed = async (...sources: string[]) =>
      (await cli.summary(['audit', ...sources.map((source) => join(root, source))])).listed;
    expect(await listed('shop-*/sessions')).toBe(2);
    expect(await listed('shop-a/sessions', 'shop-b/sessions', 'shop-*/sessions', 'shop-a/../shop-a/sessions/')).toBe(2);
    expect(await listed('*/sessions')).toBe(4);
    expect(await listed('[x]/sessions')).toBe(1);
    expect(await listed('link/sessions')).toBe(1);
  });
});
