import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { Cli, linesOf, total } from '../support/cli.js';
import { RedisServer } from '../support/redis-server.js';
import { CREATE_TIME, DAY_S, hexSid, jsonText, pickledLogin, SessionStore, urlsafeSid } from '../support/store.js';
import { makeWorkspace } from '../support/workspace.js';

const work = makeWorkspace();
const cli = new Cli(join(work, 'home'));
const redis = RedisServer.forFile(work);
let directories = 0;
const newDirectory = () => join(work, `back-${directories++}`);
const words = (directory: string, odoo: string, ...more: string[]) => [
  ...['export', directory, '--from', redis.url, '--odoo', odoo, '--json'],
  ...more,
];
const set = (key: string, value: string | Buffer, expiryMs = Date.now() + 6 * DAY_S * 1000) =>
  redis.client().call('SET', key, value, 'PXAT', expiryMs);
const filesIn = (directory: string) =>
  readdirSync(directory, { recursive: true, encoding: 'utf8' }).filter((path) =>
    statSync(join(directory, path)).isFile(),
  );

beforeEach(() => redis.flush());

describe('every key has one outcome', () => {
  it('whatever it is, and the outcomes add up', async () => {
    const client = redis.client();
    await set(`session:${hexSid(1)}`, jsonText(7));
    await set(`session:${hexSid(2)}`, jsonText(7, 'other'));
    await set(`session:${hexSid(3)}`, '{"uid": 7');
    await set(`session:${hexSid(4)}`, pickledLogin(7));
    await set(`session:${hexSid(5)}`, '');
    await set(
      `session:${hexSid(6)}`,
      '{"db": "shop", "at": {"_type": "datetime_isoformat", "value": "2024-01-01T00:00:00+02:00"}}',
    );
    await set(`session:${hexSid(7)}`, jsonText(7, 'shop', ', "_trace_disable": true'));
    await set(`session:${hexSid(8)}`, jsonText(7, 'shop', ', "deletion_time": 1.5'));
    await set(`session:${hexSid(9)}`, `{"pad": "${'x'.repeat(3000)}"}`);
    await set(`session:${urlsafeSid(1)}`, jsonText(7));
    await set(`session::shop:${hexSid(1)}`, jsonText(7));
    await set('session:not-an-id', jsonText(7));
    await client.rpush(`session:${hexSid(10)}`, 'a list');
    await set('another:key', jsonText(7));
    const directory = newDirectory();
    const { code, lines, summary } = await cli.run(
      words(directory, '10', '--odoo-db', 'shop', '--max-file-size', '2KiB'),
    );
    expect(summary.outcomes).toEqual({
      ...{ written: 1, 'other-db': 1, malformed: 2, empty: 1, unsupported: 1, 'report-clone': 1, rotated: 1 },
      ...{ 'too-large': 1, dead: 1, foreign: 3 },
    });
    expect(summary).toMatchObject({ command: 'export', listed: 13, unsettled: 0, exitCode: 3, odoo: '10', directory });
    expect(total(summary.outcomes)).toBe(summary.listed);
    expect(code).toBe(3);
    expect(filesIn(directory)).toEqual([`werkzeug_${hexSid(1)}.sess`]);
    const rejects = lines.filter(({ type }) => type === 'reject');
    expect(rejects.length).toBe(4);
    expect(rejects.every(({ path }) => (path as string).startsWith(`${redis.url}?db=0/session:`))).toBe(true);
  });

  it('and no session id is told, nor anything of a value', async () => {
    await set(`session:${hexSid(3)}`, '{"login": "fake-login@example.com"');
    const state = join(work, 'state-of-rejects');
    const log = join(work, 'export.log');
    const { stdout, stderr } = await cli.run(
      words(newDirectory(), '15', '--state-dir', state, '--log-file', log, '--log-level', 'debug'),
    );
    const list = readFileSync(join(state, 'rejects.jsonl'), 'utf8');
    expect(linesOf(list).length).toBe(1);
    for (const text of [stdout, stderr, list, readFileSync(log, 'utf8')]) {
      expect(text).not.toContain(hexSid(3));
      expect(text).not.toContain('fake-login');
    }
    expect(list).toContain(`session:${hexSid(3).slice(0, 8)}*`);
  });

  it('also one that never expires: its file is as old as the export, once and for all', async () => {
    await redis.client().set(`session:${hexSid(1)}`, jsonText(7));
    const directory = newDirectory();
    const beforeMs = Date.now();
    const first = await cli.run(words(directory, '15'));
    const afterMs = Date.now();
    expect(first.summary).toMatchObject({ outcomes: { written: 1 }, endless: 1 });
    expect(first.lines).toContainEqual({
      type: 'warning',
      message: expect.stringMatching(/^never expire: 1 key;/),
    });
    const { mtimeMs } = statSync(join(directory, `werkzeug_${hexSid(1)}.sess`));
    expect(mtimeMs).toBeGreaterThanOrEqual(beforeMs);
    expect(mtimeMs).toBeLessThanOrEqual(afterMs + 1);
    expect(await cli.summary(words(directory, '15'))).toMatchObject({ outcomes: { same: 1 }, endless: 0 });
    expect(statSync(join(directory, `werkzeug_${hexSid(1)}.sess`)).mtimeMs).toBe(mtimeMs);
    await redis.client().set(`session:${hexSid(1)}`, jsonText(8));
    expect(await cli.summary(words(directory, '15'))).toMatchObject({ outcomes: { kept: 1 } });
  });

  it('also one whose lifetime is another than was said, with a warning', async () => {
    await set(`session:${hexSid(1)}`, jsonText(null), Date.now() + 6 * DAY_S * 1000);
    const directory = newDirectory();
    const { summary, lines } = await cli.run(words(directory, '15'));
    expect(summary).toMatchObject({ outcomes: { written: 1 }, capped: 1, exitCode: 0 });
    expect(lines).toContainEqual({ type: 'warning', message: expect.stringMatching(/--anonymous-lifetime/) });
    expect(statSync(join(directory, `werkzeug_${hexSid(1)}.sess`)).mtimeMs).toBeLessThanOrEqual(Date.now());
    const right = await cli.summary(words(newDirectory(), '15', '--anonymous-lifetime', '7d'));
    expect(right).toMatchObject({ outcomes: { written: 1 }, capped: 0 });
  });
});

describe('a second export', () => {
  it('finds its files, brings changed ones up to date, and leaves newer ones alone', async () => {
    const now = Date.now();
    const expiry = now + 3 * DAY_S * 1000;
    for (let n = 0; n < 4; n++) await set(`session:${urlsafeSid(n)}`, jsonText(n + 1), expiry);
    const directory = newDirectory();
    expect((await cli.summary(words(directory, '19'))).outcomes).toEqual({ written: 4 });
    await set(`session:${urlsafeSid(1)}`, jsonText(22), expiry + 1);
    await set(`session:${urlsafeSid(2)}`, jsonText(33), expiry - 1);
    await redis.client().del(`session:${urlsafeSid(3)}`);
    const { summary, lines } = await cli.run(words(directory, '19'));
    expect(summary.outcomes).toEqual({ same: 1, updated: 1, kept: 1 });
    const path = (n: number) => join(directory, urlsafeSid(n).slice(0, 2), urlsafeSid(n));
    expect([1, 2].map((n) => readFileSync(path(n), 'utf8'))).toEqual([jsonText(22), jsonText(3)]);
    expect(lines).toContainEqual({
      type: 'warning',
      message: expect.stringMatching(/^files of sessions in .* that belong to no key in Redis: 1; such a session/),
    });
  });

  it('says nothing of files that it was not to look for', async () => {
    await set(`session:${urlsafeSid(1)}`, jsonText(1));
    const directory = newDirectory();
    await cli.summary(words(directory, '19'));
    await redis.flush();
    await set(`session:${urlsafeSid(2)}`, jsonText(1));
    for (const more of [['--odoo-db', 'shop'], ['--shard', '1/1'], ['--dry-run']]) {
      const { lines } = await cli.run(words(directory, '19', ...more));
      expect(lines.filter(({ type }) => type === 'warning')).toEqual([]);
    }
    expect((await cli.run(words(directory, '19'))).stdout).toMatch(/belong to no key in Redis: 1;/);
  });
});

describe('options', () => {
  it('--dry-run tells what would be, and writes nothing', async () => {
    await set(`session:${hexSid(1)}`, jsonText(7));
    const directory = newDirectory();
    const { summary, stderr } = await cli.run(words(directory, '15', '--dry-run'));
    expect(summary).toMatchObject({ dryRun: true, outcomes: { written: 1 }, exitCode: 0 });
    expect(stderr).toMatch(/^sess2redis export --dry-run: unix:.* \(camptocamp\) -> .* \(Odoo 15\)/);
    expect(() => readdirSync(directory)).toThrow(/ENOENT/);
    const text = await cli.run(words(directory, '15', '--dry-run').filter((word) => word !== '--json'));
    expect(text.stdout).toMatch(/written\s+1\s+would be written/);
  });

  it('--limit stops after as many keys with exit code 6, and says nothing where there are no more', async () => {
    for (let n = 0; n < 5; n++) await set(`session:${hexSid(n)}`, jsonText(n + 1));
    const directory = newDirectory();
    const { code, summary } = await cli.run(words(directory, '15', '--limit', '3'));
    expect([code, summary.listed, filesIn(directory).length]).toEqual([6, 3, 3]);
    expect(summary.stopped).toMatch(/stopped after 3 keys, as --limit says/);
    expect((await cli.run(words(directory, '15', '--limit', '5'))).code).toBe(0);
  });

  it('--shard divides the keys as it divides files, and --rate sets the pace', async () => {
    for (let n = 0; n < 20; n++) await set(`session:${hexSid(n)}`, jsonText(n + 1));
    const directory = newDirectory();
    const parts = [];
    for (const part of ['1/3', '2/3', '3/3']) {
      parts.push(await cli.summary(words(directory, '15', '--shard', part, '--rate', '50')));
    }
    expect(parts.reduce((sum, { outcomes }) => sum + (outcomes.written ?? 0), 0)).toBe(20);
    expect(parts.every(({ listed, outcomes }) => total(outcomes) === 20 && listed === 20)).toBe(true);
    expect(filesIn(directory).length).toBe(20);
  });

  it('--max-rejects ends the run with exit code 6', async () => {
    for (let n = 0; n < 5; n++) await set(`session:${hexSid(n)}`, 'broken');
    const { code, summary } = await cli.run(words(newDirectory(), '15', '--max-rejects', '2'));
    expect(code).toBe(6);
    expect(summary.stopped).toMatch(/more than 2 keys were rejected/);
  });

  it('--fail-if-empty gives 9 where there is nothing, and a warning says so in any case', async () => {
    const { code, stderr } = await cli.run([
      ...words(newDirectory(), '15', '--fail-if-empty').filter((w) => w !== '--json'),
    ]);
    expect(code).toBe(9);
    expect(stderr).toMatch(/warning: .*no key of camptocamp is in there/);
  });

  it('--force lets a directory be used that holds other things', async () => {
    await set(`session:${hexSid(1)}`, jsonText(7));
    const directory = newDirectory();
    mkdirSync(directory);
    writeFileSync(join(directory, 'notes.txt'), '');
    const refused = await cli.run(words(directory, '15'));
    expect(refused.code).toBe(7);
    expect(refused.errorLines).toEqual([expect.stringMatching(/not empty and holds no sessions: .*--force$/)]);
    expect((await cli.run(words(directory, '15', '--force'))).code).toBe(0);
  });

  it.skipIf(process.getuid?.() !== 0)('--owner gives the files to a user, else they are the directory’s', async () => {
    await set(`session:${urlsafeSid(1)}`, jsonText(7, 'shop', CREATE_TIME));
    const directory = newDirectory();
    await cli.summary(words(directory, '19', '--owner', '4321:1234'));
    for (const path of ['', ...readdirSync(directory, { recursive: true, encoding: 'utf8' })]) {
      expect(statSync(join(directory, path)), path).toMatchObject({ uid: 4321, gid: 1234 });
    }
    await set(`session:${urlsafeSid(2)}`, jsonText(7, 'shop', CREATE_TIME));
    await cli.summary(words(directory, '19'));
    expect(statSync(join(directory, urlsafeSid(2).slice(0, 2), urlsafeSid(2)))).toMatchObject({ uid: 4321, gid: 1234 });
  });

  it.each([
    [['export', '/tmp/x', '--from', 'redis://h'], /--odoo is missing: name the Odoo that will read the files: 8, 9, /],
    [['export', '/tmp/x', '--from', 'redis://h', '--odoo', '21'], /--odoo is "21": name the Odoo/],
    [['export', '/tmp/x', '--odoo', '17'], /--from is missing: name the target, as in --from redis:/],
    [['export', '/tmp/x', '--from', 'redis://h', '--odoo', '17', '--owner', 'no-such-user'], /--owner: .*give numbers/],
    [['export', '/tmp/x', '--from', 'http://h', '--odoo', '7'], /http:\/\/.*; --odoo is "7"/],
    [['export', '--from', 'redis://h', '--odoo', '17'], /./],
  ])('%j are refused in one sentence', async (line, sentence) => {
    const { code, errorLines } = await cli.run(line);
    expect(code).toBe(2);
    expect(errorLines.length).toBe(1);
    expect(errorLines[0]).toMatch(sentence);
  });

  it('of the way back are none of migrate', async () => {
    const { code, errorLines } = await cli.run(['migrate', work, '--to', redis.url, '--force']);
    expect(code).toBe(2);
    expect(errorLines).toEqual([expect.stringMatching(/force/)]);
  });
});

it('what cannot work is said: ids that this Odoo never accepts, keys of no session', async () => {
  await set(`session:${hexSid(1)}`, jsonText(7));
  const wrong = await cli.run(words(newDirectory(), '18'));
  expect(wrong.summary.outcomes).toEqual({ dead: 1 });
  expect(wrong.stdout).toMatch(/Odoo 18 accepts none of these session ids/);
  const foreign = await cli.run(words(newDirectory(), '15', '--prefix', ''));
  expect(foreign.summary.outcomes).toEqual({ written: 1 });
  await redis.flush();
  await set(`session::shop:${hexSid(1)}`, jsonText(7));
  expect((await cli.run(words(newDirectory(), '15'))).stdout).toMatch(/check --profile, --prefix and the database/);
});

it('a user who may only read is enough, and one who may not is told what it takes', async () => {
  const client = redis.client();
  await set(`session:${hexSid(1)}`, jsonText(7));
  const rights = ['+scan', '+get', '+pexpiretime', '+info', '+select'];
  await client.call('ACL', 'SETUSER', 'reader', 'on', '>fake-password', '~session:*', ...rights);
  const env = { SESS2REDIS_PASSWORD: 'fake-password' };
  const login = ['--user', 'reader'];
  expect((await cli.summary(words(newDirectory(), '15', ...login), { env })).outcomes).toEqual({ written: 1 });
  await client.call('ACL', 'SETUSER', 'reader', '-get');
  const { code, errorLines } = await cli.run(words(newDirectory(), '15', ...login), { env });
  expect(code).toBe(8);
  expect(errorLines).toEqual([expect.stringMatching(/export needs get: ACL SETUSER reader \+get$/)]);
  await client.call('ACL', 'DELUSER', 'reader');
});

it('a migration, an export and a migration again leave the same keys, values and expiries', {
  timeout: 240_000,
}, async () => {
  const store = new SessionStore(work);
  for (let n = 0; n < 300; n++) {
    if (n % 2 === 0) store.flat(hexSid(n), pickledLogin(n + 1), n);
    else store.hashed(urlsafeSid(n), jsonText(n % 3 === 0 ? null : n, 'shop', CREATE_TIME), n);
  }
  const migrate = (source: string) => cli.summary(['migrate', source, '--to', redis.url]);
  await migrate(store.directory);
  const before = await redis.contents();
  const [short, long] = [newDirectory(), newDirectory()];
  expect((await cli.summary(words(short, '12'))).outcomes).toEqual({ written: 150, dead: 150 });
  expect((await cli.summary(words(long, '19'))).outcomes).toEqual({ written: 150, dead: 150 });
  await redis.flush();
  for (const directory of [short, long]) expect((await migrate(directory)).outcomes).toEqual({ written: 150 });
  expect(await redis.contents()).toEqual(before);
});
