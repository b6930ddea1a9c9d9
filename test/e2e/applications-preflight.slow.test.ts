import { mkdirSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, expect, it } from 'vitest';
import { Cli } from '../support/cli.js';
import { RedisServer } from '../support/redis-server.js';
import { makeWorkspace } from '../support/workspace.js';

const work = makeWorkspace();
const cli = new Cli(join(work, 'home'));
const redis = RedisServer.forFile(work);
const SID = 'd41d8cd98f00b204e9800998ec';
const store = join(work, 'store');

beforeEach(async () => {
  await redis.flush();
  mkdirSync(store, { recursive: true });
  writeFileSync(join(store, `sess_${SID}`), `_session_hosts|a:0:{}note|s:300:"${'x'.repeat(300)}";`);
  utimesSync(join(store, `sess_${SID}`), Date.now() / 1000 - 300, Date.now() / 1000 - 300);
});

it.each(['hset', 'hget', 'pexpireat', 'evalsha'])(
  'who may not run %s is told before the first hash is written, with the line that grants it',
  async (right) => {
    const admin = redis.client();
    await admin.call('ACL', 'SETUSER', 'mover', 'reset', 'on', '>pw', '~*', '+@all', `-${right}`);
    const words = ['--app', 'magento', '--to', redis.url, '--user', 'mover'];
    const run = await cli.run(['migrate', store, ...words], { env: { SESS2REDIS_PASSWORD: 'pw' } });
    expect(run.code).toBe(8);
    expect(run.stderr).toMatch(new RegExp(`needs ${right}: ACL SETUSER mover \\+${right}`));
    expect(await redis.client({ db: 2 }).dbsize()).toBe(0);
  },
);

it('a key of another type is kept and compared as what it is', async () => {
  const client = redis.client({ db: 2 });
  await client.set(`sess_${SID}`, 'a string', 'EX', 600);
  const words = ['--app', 'magento', '--to', redis.url, '--json'];
  expect((await cli.run(['migrate', store, ...words])).summary.outcomes).toEqual({ kept: 1 });
  expect(await client.get(`sess_${SID}`)).toBe('a string');
  const verify = await cli.run(['verify', store, ...words]);
  expect(verify.code).toBe(4);
  expect(JSON.stringify(verify.lines)).toContain('the key is of another type');
});

it('hashes are weighed as hashes', async () => {
  const bytesOf = async (app: string) => {
    const { stdout } = await cli.run(['audit', store, '--app', app, '--to', redis.url]);
    expect(stdout).toContain('as a canary in this Redis took');
    return Number(/([\d.]+) B a session as a canary/.exec(stdout)?.[1]);
  };
  expect(await bytesOf('magento')).toBeGreaterThan((await bytesOf('php')) + 100);
});

it('a database that holds other keys is told of', async () => {
  await redis.client().set('cache:page', 'x');
  const words = ['--to', redis.url];
  const shared = await cli.run(['audit', store, '--app', 'php', ...words]);
  expect(shared.stderr).toContain('1 of 1 keys looked at in database 0 are none of these sessions');
  const own = await cli.run(['audit', store, '--app', 'magento', ...words]);
  expect(own.stderr).not.toContain('none of these sessions');
});

it('a state directory that is a file is a wrong word', async () => {
  const path = join(work, 'state');
  writeFileSync(path, '');
  const run = await cli.run(['ledger', '--state-dir', path]);
  expect(run.code).toBe(2);
  expect(run.stderr).toContain(`${path} is a file: name the --state-dir that holds the ledger`);
});

it('files that grow again after the switch are told of', async () => {
  const words = ['sync', store, '--app', 'magento', '--to', redis.url];
  await cli.run([...words, '--final']);
  const first = await cli.run([...words, '--cutover-done']);
  expect(first.stderr + first.stdout).not.toContain('still being saved');
  const late = join(store, `sess_e${SID}`);
  writeFileSync(late, '_session_hosts|a:0:{}');
  utimesSync(late, Date.now() / 1000 + 30, Date.now() / 1000 + 30);
  const grown = await cli.run([...words, '--cutover-done']);
  expect(grown.stderr + grown.stdout).toContain('session files are still being saved, the last at');
});
