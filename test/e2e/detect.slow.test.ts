import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeEach, describe, expect, it } from 'vitest';
import { Cli, type CliResult } from '../support/cli.js';
import { RedisServer } from '../support/redis-server.js';
import { hexSid, jsonText, SessionStore, urlsafeSid } from '../support/store.js';
import { makeWorkspace } from '../support/workspace.js';

const SCRIPT = fileURLToPath(new URL('live_keys.py', import.meta.url));
const hasPython = spawnSync('python3', ['-c', 'import sys; sys.exit(sys.version_info < (3, 8))']).status === 0;

/** Module, its prefix, database (null: its own), length of the ids, how many. */
type LiveKeys = [module: string, prefix: string, database: number | null, length: number, count: number];

const work = makeWorkspace();
const cli = new Cli(join(work, 'home'));
const redis = RedisServer.forFile(work, ['--port', 'free']);
beforeEach(() => redis.flush());

function save(...keys: LiveKeys[]): void {
  const { status, stderr } = spawnSync('python3', ['-B', SCRIPT, redis.socket], { input: JSON.stringify(keys) });
  if (status !== 0) throw new Error(`live_keys.py failed: ${stderr}`);
}

const detect = (...words: string[]): Promise<CliResult> => cli.run(['detect', '--to', redis.url, ...words]);
const readersIn = ({ lines }: CliResult) => lines.filter(({ type }) => type === 'reader');

/** Live keys, the options that name their reader, the database, and others that read the same. */
const READERS: [keys: LiveKeys, options: string[], database: number, others: string[]][] = [
  [['camptocamp', '', null, 40, 60], ['--profile', 'camptocamp'], 0, ['mangono']],
  [['camptocamp', 'shop', 2, 84, 60], ['--profile', 'camptocamp', '--prefix', 'shop'], 2, ['mangono-1.3']],
  [['mangono-1.2', 'shop', null, 40, 60], ['--profile', 'camptocamp', '--prefix', 'shop'], 0, ['mangono']],
  [['mangono-1.3', 'shop', null, 84, 60], ['--profile', 'mangono-1.3', '--prefix', 'shop'], 0, ['camptocamp']],
  [['odoo_redis_session', '', null, 84, 60], ['--profile', 'odoo_redis_session'], 0, []],
  [['cb_redis', 'shop:', null, 84, 60], ['--profile', 'cb_redis', '--prefix', 'shop:'], 1, []],
  [['sidecar', '', null, 84, 60], ['--profile', 'sidecar'], 0, ['ab_redis_session']],
  [['ab_redis_session', '', null, 84, 60], ['--profile', 'ab_redis_session'], 0, ['sidecar']],
  [['camptocamp-7', 'old', null, 40, 60], ['--profile', 'camptocamp-7', '--prefix', 'old'], 0, []],
  [['smile', '', null, 40, 60], ['--profile', 'smile'], 1, ['muk']],
  [['keerati', '', null, 40, 60], ['--profile', 'keerati'], 0, ['camptocamp-7']],
  [['muk', 'odoo_', null, 84, 60], ['--profile', 'muk', '--prefix', 'odoo_'], 1, []],
  [['muk', '', null, 40, 60], ['--profile', 'muk'], 1, []],
];

const TEMPLATES: [keys: LiveKeys, template: string][] = [
  [['store_session_redis', '', null, 40, 60], "sessionb'{sid}'"],
  [['erp_session', '', null, 40, 60], 'erp_session_{sid}'],
  [['erp_session', '', 3, 84, 60], 'erp_session_{sid}'],
  [['odoo_session in JSON', '', null, 84, 60], 'odoo_session:{sid}'],
  [['single colon', 'shop', null, 40, 60], 'session:shop:{sid}'],
];

describe.skipIf(!hasPython)('detect, where a session module has saved sessions', () => {
  it.each(READERS)('names the reader of %j', async (keys, options, database, alternatives) => {
    save(keys);
    const result = await detect('--json');
    expect(readersIn(result)).toEqual([
      expect.objectContaining({ options, database, alternatives, keys: 60, sampled: 60, read: 60, decoded: 60 }),
    ]);
    expect(result.summary).toMatchObject({ command: 'detect', readers: 1, keys: 60, looked: 60, exitCode: 0 });
    expect(result.code).toBe(0);
  });

  it.each(TEMPLATES)('names the template and encoding of %j, which no profile knows', async (keys, template) => {
    save(keys);
    const options = ['--profile', 'generic', '--key-template', template, '--encoding', 'json'];
    expect(readersIn(await detect('--json'))).toEqual([
      expect.objectContaining({ profile: 'generic', keyTemplate: template, options, confidence: 'certain' }),
    ]);
  });

  it('says so in text that a shell takes as it is, and migrate then writes such keys', async () => {
    save(['store_session_redis', '', null, 40, 20]);
    const { stdout } = await detect();
    const words = /--profile generic .*$/m.exec(stdout)?.[0] as string;
    const store = new SessionStore(work);
    store.flat(hexSid(1), jsonText(7));
    const line = `set -- ${words}; for word; do printf '%s\\n' "$word"; done`;
    const options = spawnSync('sh', ['-c', line], { encoding: 'utf8' }).stdout.trim().split('\n');
    const migrated = await cli.run(['migrate', store.directory, '--to', redis.url, ...options]);
    expect(migrated.code, migrated.stderr).toBe(0);
    expect(migrated.stderr).not.toMatch(/warning/);
    expect((await redis.contents()).has(`sessionb'${hexSid(1)}'`)).toBe(true);
  });

  it('tells readers of many databases apart, and sessions from other keys', async () => {
    save(...READERS.slice(0, 2).map(([keys]) => keys), ['erp_session', '', 0, 40, 30]);
    const client = redis.client();
    for (let n = 0; n < 300; n++) await client.set(`cache:${hexSid(n)}`, `page ${n}`);
    await client.hset(`session:${hexSid(3)}`, 'a', 'b');
    const result = await detect('--json');
    expect(
      readersIn(result)
        .map(({ database, keyTemplate }) => `${database} ${keyTemplate}`)
        .sort(),
    ).toEqual(['0 erp_session_{sid}', '0 session:{sid}', '2 session::shop:{sid}']);
  });

  it('never shows a session id', async () => {
    save(...READERS.map(([keys]) => keys), ...TEMPLATES.map(([keys]) => keys));
    for (const { stdout, stderr } of [await detect(), await detect('--json')]) {
      expect(`${stdout}${stderr}`).not.toMatch(/[0-9a-f]{16}|[\w-]{60}/);
    }
  });

  it('only looks: not a key is changed, touched or removed', async () => {
    save(['camptocamp', '', null, 40, 50]);
    const changes = async () => /rdb_changes_since_last_save:\d+/.exec(await redis.client().info('persistence'))?.[0];
    const before = { contents: await redis.contents(), changes: await changes() };
    await detect();
    expect({ contents: await redis.contents(), changes: await changes() }).toEqual(before);
  });

  it('makes migrate warn when its profile is another', async () => {
    save(['camptocamp', 'shop', null, 40, 50]);
    const store = new SessionStore(work);
    store.flat(hexSid(1), jsonText(7));
    const run = (...words: string[]) => cli.run(['migrate', store.directory, '--to', redis.url, '--dry-run', ...words]);
    expect((await run()).stderr).toMatch(/warning: database 0 holds some 50 sessions as session::shop:\{sid\}/);
    expect((await run('--prefix', 'shop')).stderr).not.toMatch(/warning: database/);
  });
});

describe('detect', () => {
  it('says so when there are no sessions, and ends with 9 only when asked to', async () => {
    expect(await detect()).toMatchObject({
      code: 0,
      stdout: 'no session keys found, 0 of 0 keys in 0 databases looked at\n',
    });
    await redis.client().set('other', 'key');
    const { code, summary } = await detect('--json', '--fail-if-empty');
    expect(code).toBe(9);
    expect(summary).toMatchObject({ readers: 0, keys: 1, looked: 1, exitCode: 9 });
  });

  it('extrapolates from a bounded look at a big database', async () => {
    const client = redis.client();
    const script = "for i = 1, 260000 do redis.call('SET', 'session:' .. redis.sha1hex(i), ARGV[1]) end";
    await client.eval(script, 0, jsonText(7));
    const result = await detect('--json');
    const [reader] = readersIn(result);
    expect(result.summary).toMatchObject({ keys: 260_000 });
    expect(Number((result.summary as unknown as { looked: number }).looked)).toBeLessThan(110_000);
    expect(reader).toMatchObject({ confidence: 'certain', read: 100, decoded: 100 });
    expect(Number(reader?.keys)).toBeGreaterThan(255_000);
    expect(Number(reader?.keys)).toBeLessThan(265_000);
  });

  it('is told what the user may not, with the line that grants it', async () => {
    const client = redis.client();
    for (let n = 0; n < 12; n++) await client.set(`session:${urlsafeSid(n)}`, jsonText(7));
    await client.call('ACL', 'SETUSER', 'looker', 'reset', 'on', '>fake', '+info', '+get', '~*');
    const env = { SESS2REDIS_USER: 'looker', SESS2REDIS_PASSWORD: 'fake' };
    const run = () => cli.run(['detect', '--to', redis.url, '--json'], { env });
    expect(await run()).toMatchObject({ code: 8, stderr: expect.stringContaining('ACL SETUSER looker +scan') });
    await client.call('ACL', 'SETUSER', 'looker', '-get', '+scan');
    const blind = await run();
    expect(blind).toMatchObject({ code: 0, stderr: expect.stringContaining('ACL SETUSER looker +get') });
    expect(readersIn(blind)).toEqual([expect.objectContaining({ confidence: 'possible', encoding: null })]);
  });

  it('needs a target, and one that is there', async () => {
    expect(await cli.run(['detect'])).toMatchObject({ code: 2, stderr: expect.stringContaining('--to is missing') });
    const { code, summary } = await cli.run(['detect', '--to', `unix://${work}/none.sock`, '--json']);
    expect(code).toBe(5);
    expect(summary).toMatchObject({ command: 'detect', exitCode: 5 });
  });
});
