import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { builtIn } from '../applications/reading.js';
import { Cli } from '../support/cli.js';
import { RedisServer } from '../support/redis-server.js';
import { makeWorkspace } from '../support/workspace.js';

const work = makeWorkspace();
const cli = new Cli(join(work, 'home'));
const redis = RedisServer.forFile(work);
beforeEach(() => redis.flush());

const HEX32 = '0a1b2c3d4e5f60718293a4b5c6d7e8f9';
const ALNUM40 = 'AbCdEfGhIjKlMnOpQrStUvWxYz0123456789AbCd';
const PHP = 'user|a:1:{s:2:"id";i:7;}';
const LARAVEL = { 'client-prefix': 'a_database_', 'store-prefix': 'a_cache_' };
const optionsOf = (values: Record<string, string>) =>
  Object.entries(values).flatMap(([name, value]) => [`--${name}`, value]);
let stores = 0;

/** A store with files of these paths. */
function storeOf(files: Readonly<Record<string, string>>): string {
  const directory = join(work, `store-${stores++}`);
  mkdirSync(directory, { mode: 0o700 });
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(directory, path)), { recursive: true });
    writeFileSync(join(directory, path), content);
  }
  return directory;
}

describe('a lock key', () => {
  it.each([
    ['php', {}, HEX32, PHP, '_LOCK'],
    ['codeigniter', {}, HEX32, PHP, ':lock'],
    ['codeigniter3', {}, HEX32, PHP, ':lock'],
    ['moodle', {}, HEX32, PHP, '.lock'],
    ['laravel', LARAVEL, ALNUM40, 'a:1:{s:6:"_token";s:1:"x";}', ''],
    ['thinkphp5', {}, HEX32, PHP, ''],
  ])('of %s is never created, counted, exported or deleted', async (app, values, sid, content, ending) => {
    const application = builtIn(app, values as Record<string, string>);
    const directory = storeOf({ [application.pathOf(sid)]: content });
    const lockOf = (id: string) => {
      if (app === 'laravel') return `a_database_a_cache_session:${id}`;
      return app === 'thinkphp5' ? `LOCK_PREFIX_${id}` : `${application.keyOf(id)}${ending}`;
    };
    // One of the session's own, and one of a session that is on no side.
    const locks = [lockOf(sid), lockOf([...sid].reverse().join(''))];
    const client = redis.client();
    for (const lock of locks) await client.set(lock, 'host|4711');
    const words = ['--app', app, ...optionsOf(values as Record<string, string>), '--json'];
    const to = ['--to', redis.url];
    expect((await cli.run(['migrate', directory, ...words, ...to])).summary.outcomes).toEqual({ written: 1 });
    expect((await cli.run(['verify', directory, ...words, ...to])).summary.outcomes).toEqual({ match: 1 });
    const back = join(work, `back-${stores}`);
    const exported = await cli.run(['export', back, ...words, '--from', redis.url]);
    expect(exported.summary.outcomes.written).toBe(1);
    expect(readFileSync(join(back, application.pathOf(sid)), 'utf8')).toBe(content);
    rmSync(join(directory, application.pathOf(sid)));
    const sync = await cli.run(['sync', directory, ...words, ...to, '--max-delete', '100%']);
    expect(sync.summary).toMatchObject({ deletes: { deleted: 1 } });
    expect(await client.exists(application.keyOf(sid))).toBe(0);
    expect(await client.exists(...locks)).toBe(2);
  });
});

it("a hash that a read of Magento's left without data gets the session, whole and with writes at 2", async () => {
  const directory = storeOf({ [`sess_${HEX32}`]: PHP });
  const client = redis.client({ db: 2 });
  await client.hset(`sess_${HEX32}`, { lock: '1', pid: 'web1|4711', req: '1' });
  const { summary } = await cli.run(['migrate', directory, '--app', 'magento', '--json', '--to', redis.url]);
  expect(summary.outcomes).toEqual({ written: 1 });
  expect(await client.hgetall(`sess_${HEX32}`)).toMatchObject({ data: PHP, lock: '0', writes: '2' });
});

it('ids that differ in case are sessions of their own, and an old id moves beside the new one of the same user', async () => {
  const [upper, lower] = [ALNUM40, ALNUM40.toLowerCase()];
  const content = 'a:1:{s:6:"_token";s:1:"x";}';
  const directory = storeOf({ [upper]: content, [lower]: content });
  const words = ['--app', 'laravel', ...optionsOf(LARAVEL), '--json', '--to', redis.url];
  expect((await cli.run(['migrate', directory, ...words])).summary.outcomes).toEqual({ written: 2 });
  expect([...(await redis.contents()).keys()].filter((key) => !key.includes('sess2redis')).sort()).toEqual(
    [`a_database_a_cache_${upper}`, `a_database_a_cache_${lower}`].sort(),
  );
  rmSync(join(directory, upper));
  await cli.run(['sync', directory, ...words, '--max-delete', '100%']);
  const client = redis.client();
  expect(await client.exists(`a_database_a_cache_${upper}`)).toBe(0);
  expect(await client.exists(`a_database_a_cache_${lower}`)).toBe(1);
});

it("a session of Laravel's lies in database 0, where its session driver looks, and not in that of its cache", async () => {
  const directory = storeOf({ [ALNUM40]: 'a:0:{}' });
  await cli.run(['migrate', directory, '--app', 'laravel', ...optionsOf(LARAVEL), '--json', '--to', redis.url]);
  expect(await redis.client({ db: 0 }).exists(`a_database_a_cache_${ALNUM40}`)).toBe(1);
});

it.each([
  ['php', `sess_${HEX32}`, {}],
  ['gitea', '0/a/0a1b2c3d4e5f6071', {}],
])('an empty file of %s, as robots leave many, is no session', async (app, path, values) => {
  const directory = storeOf({ [path]: '' });
  // Older than a write that is under way.
  const old = new Date(Date.now() - 600_000);
  utimesSync(join(directory, path), old, old);
  const words = ['--app', app, ...optionsOf(values), '--json', '--to', redis.url];
  expect((await cli.run(['migrate', directory, ...words])).summary.outcomes).toEqual({ empty: 1 });
});

it('exported files of PHP have the directories and the mode that PHP wants', async () => {
  const application = builtIn('php', { levels: '2' });
  const directory = storeOf({ [application.pathOf(HEX32)]: PHP });
  const words = ['--app', 'php', '--levels', '2', '--json'];
  await cli.run(['migrate', directory, ...words, '--to', redis.url]);
  const back = join(work, 'levels');
  await cli.run(['export', back, ...words, '--from', redis.url]);
  expect(statSync(join(back, application.pathOf(HEX32))).mode & 0o777).toBe(0o600);
  expect(existsSync(join(back, '0', 'a'))).toBe(true);
});

it('a template of several levels of directories shows no more of an id than one without', async () => {
  const template = join(work, 'deep.yaml');
  const text = `name: deep
file:
  name: 's_{sid:hex:32}'
  directories: { levels: 3, characters: 8 }
key: 'k:{sid}'
expires: mtime + 1h
check: php
refuse:
  - name: 'old_{sid:hex:32}'
    because: it is old
`;
  writeFileSync(template, text);
  const [a, b, c] = [0, 8, 16].map((at) => HEX32.slice(at, at + 8)) as [string, string, string];
  const directory = storeOf({
    [`${a}/${b}/${c}/s_${HEX32}`]: 'user|Q',
    [`${a}/${b}/${c}/old_${HEX32}`]: 'user|i:1;',
    [`${b}/${c}/${a}/s_${HEX32}`]: 'user|i:1;',
  });
  const page = join(work, 'deep.html');
  const run = await cli.run(['audit', directory, '--app', template, '--report', page]);
  const explained = await cli.run(['explain', join(directory, a, b, c, `old_${HEX32}`), '--app', template]);
  const lines = await cli.run(['audit', directory, '--app', template, '--json']);
  for (const shown of [run.stdout, run.stderr, explained.stdout, lines.stdout, readFileSync(page, 'utf8')]) {
    for (const part of [b, c, HEX32.slice(0, 8)]) expect(shown).not.toContain(part);
  }
});

it('the application of docs/templates.md is moved by exactly the text that stands there', async () => {
  const document = readFileSync(new URL('../../docs/templates.md', import.meta.url), 'utf8');
  const template = join(work, 'phalcon.yaml');
  writeFileSync(template, /```yaml\n(# phalcon\.yaml\n[\s\S]*?)```/.exec(document)?.[1] as string);
  const cell = (title: string) => {
    const [, text = ''] = new RegExp(`^\\| ${title} \\| \`(.*?)\``, 'm').exec(document) ?? [];
    return text.replaceAll('\\|', '|');
  };
  const directory = storeOf({ [cell('file')]: cell('its bytes') });
  const words = ['--app', template, '--file-prefix', 'shop_', '--json'];
  const { summary } = await cli.run(['migrate', directory, ...words, '--to', redis.url]);
  expect(summary.outcomes).toEqual({ written: 1 });
  expect((await redis.contents()).get(cell('key'))?.value.toString()).toBe(cell('value'));
  const back = join(work, 'phalcon-back');
  await cli.run(['export', back, ...words, '--from', redis.url]);
  expect(readdirSync(back)).toEqual([cell('file')]);
});
