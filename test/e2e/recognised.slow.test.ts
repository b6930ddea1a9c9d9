import { chownSync, existsSync, mkdirSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { Cli } from '../support/cli.js';
import { RedisServer } from '../support/redis-server.js';
import { makeWorkspace } from '../support/workspace.js';

const work = makeWorkspace();
const cli = new Cli(join(work, 'home'));
const redis = RedisServer.forFile(work);
const HOUR = 3_600_000;
const isRoot = process.geteuid?.() === 0;

beforeEach(() => redis.flush());

const hex = (n: number) => `${n}d41d8cd98f00b204e9800998ec`.slice(0, 26);
const SYMFONY = '_sf2_attributes|a:1:{s:14:"_security_main";s:1:"x";}_sf2_meta|a:0:{}';
const NEXTCLOUD = 'encrypted_session_data|s:2:"xx";';
const LARAVEL = 'a:2:{s:6:"_token";s:1:"x";s:6:"_flash";a:0:{}}';
let stores = 0;

/** A store of files, by name; saved an hour ago, so that none is being written. */
function storeOf(files: Readonly<Record<string, string>>, ageMs = 600_000): string {
  const directory = join(work, `store-${stores++}`);
  for (const [name, bytes] of Object.entries(files)) {
    const path = join(directory, name);
    mkdirSync(join(path, '..'), { recursive: true });
    writeFileSync(path, bytes, 'latin1');
    utimesSync(path, (Date.now() - ageMs) / 1000, (Date.now() - ageMs) / 1000);
  }
  return directory;
}

const symfony = (count = 3) => Object.fromEntries(Array.from({ length: count }, (_, n) => [`sess_${hex(n)}`, SYMFONY]));
const laravelId = (n: number) => `AbCdEfGhIjKlMnOpQrStUvWxYz0123456789AbC${n}`;

describe('without --app a run on the store of another application', () => {
  it('goes on where that is sure, says so in its heading, and is the run that --app makes', async () => {
    const directory = storeOf({ ...symfony(), sess_0000000000000000000000000e: '' });
    const to = ['--to', redis.url, '--json'];
    for (const words of [['audit'], ['migrate', ...to, '--dry-run'], ['migrate', ...to], ['verify', ...to]]) {
      const [command = '', ...options] = words;
      const run = await cli.run([command, directory, ...options]);
      expect(run.stderr, command).toMatch(/\(symfony, recognised by names of this form and members .*: sure\)\n/);
      expect(run.code, command).toBe(0);
    }
    expect(await redis.client().exists(`sf_s${hex(1)}`)).toBe(1);
    const named = await cli.run(['sync', directory, '--app', 'symfony', ...to]);
    expect(named.stderr).toContain('(symfony)');
    expect(named.summary.outcomes.unchanged).toBe(3);
  });

  it('reads an audit without values that only keys are made of, and names them for what writes', async () => {
    const directory = storeOf({ [laravelId(1)]: LARAVEL, [laravelId(2)]: LARAVEL });
    const audit = await cli.run(['audit', directory]);
    expect(audit.code).toBe(0);
    expect(audit.stdout).toMatch(/class +anonymous +2/);
    expect(audit.stderr).toContain('all but an audit needs --client-prefix');
    expect(audit.stdout).toContain(
      "--app laravel --client-prefix '<client-prefix>' --store-prefix '<store-prefix>' --dry-run",
    );
    const migrate = await cli.run(['migrate', directory, '--to', redis.url]);
    expect(migrate.code).toBe(2);
    expect(migrate.stderr).toContain('laravel needs --client-prefix');
    const given = ['--client-prefix', 'c_', '--store-prefix', 's_', '--to', redis.url, '--json'];
    expect((await cli.run(['migrate', directory, ...given])).summary.outcomes).toEqual({ written: 2 });
    expect(await redis.client().exists(`c_s_${laravelId(1)}`)).toBe(1);
  });

  it('writes nothing where it is likely only, and says what to say', async () => {
    const directory = storeOf({ [`a/b/sess_ab${hex(1)}`]: 'user|i:7;' });
    expect((await cli.run(['audit', directory])).code).toBe(0);
    const migrate = await cli.run(['migrate', directory, '--to', redis.url]);
    expect(migrate.code).toBe(2);
    expect(migrate.stderr).toMatch(/holds sessions of php \(likely: .*\): say --app php --levels 2\n$/);
    expect(await redis.size()).toBe(0);
  });

  it('takes for a dry run what is one, however its switch is written', async () => {
    const directory = storeOf({ [`sess_${hex(1)}`]: 'user|i:7;' });
    const migrate = (words: readonly string[], env: Record<string, string> = {}) =>
      cli.run(['migrate', directory, '--to', redis.url, ...words], { env });
    for (const words of [
      ['--dry-run', 'true'],
      ['--dry-run=false', '--dry-run'],
    ])
      expect((await migrate(words)).code, words.join(' ')).toBe(0);
    for (const words of [['--dry-run', 'false'], ['--dry-run=0'], ['--dry-run', '--dry-run=false']])
      expect((await migrate(words, { SESS2REDIS_DRY_RUN: 'true' })).code, words.join(' ')).toBe(2);
    expect(await redis.size()).toBe(0);
  });

  it('moves nothing where another directory of the line is of another application, and bears an empty one', async () => {
    const directory = storeOf(symfony());
    const odoo = storeOf({ [`ab/ab${'0'.repeat(82)}`]: '{"uid": 1}', [`ac/ac${'0'.repeat(82)}`]: '{"uid": 2}' });
    for (const sources of [
      [directory, odoo],
      [odoo, directory],
    ]) {
      const mixed = await cli.run(['audit', ...sources]);
      expect(mixed.code).toBe(2);
      expect(mixed.stderr).toContain(`${odoo} holds 2 files of odoo`);
      expect(mixed.stderr).toContain(`${directory} holds 3 files of symfony`);
    }
    const { code, stderr } = await cli.run(['audit', directory, storeOf({ '.keep': '' })]);
    expect(code).toBe(0);
    expect(stderr).toContain('(symfony, recognised');
  });

  it('refuses an --app without a value, and a second one', async () => {
    const directory = storeOf(symfony());
    expect((await cli.run(['audit', directory, '--app'])).stderr).toContain('--app has no value');
    expect((await cli.run(['audit', '--app=', directory])).code).toBe(0);
    const twice = await cli.run(['audit', directory, '--app', 'php', '--app', 'symfony']);
    expect(twice.code).toBe(2);
    expect(twice.stderr).toContain('--app is given more than once');
  });

  it('writes nothing for a reader that needs what no file shows', async () => {
    const digest = 'd41d8cd98f00b204e9800998ecf8427e';
    const flask = storeOf({ [digest]: '\xff\xff\xff\x7f\x80\x04}.', '2029240f6d1128be89ddc32729463129': 'x' });
    expect((await cli.run(['audit', flask])).code).toBe(0);
    const migrate = await cli.run(['migrate', flask, '--to', redis.url]);
    expect(migrate.code).toBe(2);
    expect(migrate.stderr).toMatch(
      /flask \(sure: .*whose reader needs a store id that is a digest .*: say --app flask/,
    );
    const moodle = storeOf({ [`sess_${hex(1)}`]: 'SESSION|O:8:"stdClass":0:{}USER|O:8:"stdClass":0:{}' });
    expect((await cli.run(['migrate', moodle, '--to', redis.url])).stderr).toContain('needs Moodle 4.4 or earlier');
  });

  it('is refused with what can be done instead where no program could move it', async () => {
    const tomcat = storeOf({ 'A1B2.session': '\xac\xed\0\x05' });
    for (const words of [['audit'], ['migrate', '--to', redis.url]]) {
      const run = await cli.run([words[0] as string, tomcat, ...words.slice(1)]);
      expect(run.code).toBe(7);
      expect(run.stderr).toMatch(/holds sessions of Tomcat FileStore: .*Redisson/);
    }
    const encrypted = storeOf({ 'lAgQ7Vp38NKnrz9LoBDa_3-4AbCdEfGh.json': '{"hmac":"x","ct":"y"}' });
    const audit = await cli.run(['audit', encrypted]);
    expect(audit.stdout).toContain('no go: 1 of 1 sessions looked at');
    const migrate = await cli.run(['migrate', encrypted, '--to', redis.url]);
    expect(migrate.code).toBe(7);
    expect(migrate.stderr).toContain('it is encrypted by the option secret of session-file-store');
  });

  it('lists a mixture by application and owner; with --app it moves its own and counts the others foreign', async () => {
    const directory = storeOf({ ...symfony(3), [`sess_z${hex(9)}`]: NEXTCLOUD });
    const run = await cli.run(['audit', directory]);
    expect(run.code).toBe(2);
    expect(run.stderr).toMatch(
      /several applications \(3 files of symfony and user \d+ \(\S+\), sure; 1 file of nextcloud/,
    );
    const own = await cli.run(['migrate', directory, '--app', 'symfony', '--to', redis.url, '--json']);
    expect(own.summary.outcomes).toEqual({ written: 3, foreign: 1 });
    const other = await cli.run(['audit', directory, '--app', 'nextcloud', '--json']);
    expect(other.summary.outcomes).toEqual({ written: 1, foreign: 3 });
    // PHP's own handler puts all of them under one prefix.
    expect((await cli.run(['audit', directory, '--app', 'php', '--json'])).summary.outcomes).toEqual({ written: 4 });
  });

  it.runIf(isRoot)('lists the users of a shared directory, and takes the files of one', async () => {
    const directory = storeOf(symfony(3));
    chownSync(join(directory, `sess_${hex(0)}`), 4321, 4321);
    const mixed = await cli.run(['migrate', directory, '--to', redis.url]);
    expect(mixed.code).toBe(2);
    expect(mixed.stderr).toMatch(
      /sessions of several users \(2 files of symfony and user 0 \(root\).*user 4321 \(4321\)/,
    );
    const words = ['--app', 'symfony', '--to', redis.url, '--json'];
    const one = await cli.run(['migrate', directory, ...words, '--owner', '4321']);
    expect(one.summary.outcomes).toEqual({ written: 1, foreign: 2 });
    const root = await cli.run(['migrate', directory, ...words, '--owner', 'root']);
    expect(root.summary.outcomes).toEqual({ written: 2, foreign: 1 });
    expect((await cli.run(['audit', directory, '--app', 'php', '--owner', 'nobody-at-all'])).stderr).toContain(
      'give a number, as in 33',
    );
  });
});

describe('sessions over their age that the application still accepts', () => {
  it('are told of, and live on from now where --grace says so', async () => {
    const directory = storeOf({ [`sess_${hex(1)}`]: 'a|i:1;' }, 3 * 24 * HOUR);
    const words = ['--app', 'php', '--to', redis.url];
    const without = await cli.run(['audit', directory, '--app', 'php']);
    expect(without.stderr).toMatch(/1 session is over its age, and the application accepts it .*--grace 1h/);
    const beforeMs = Date.now();
    const migrate = await cli.run(['migrate', directory, ...words, '--grace', '2h', '--json']);
    expect(migrate.summary.outcomes).toEqual({ written: 1 });
    const expiryMs = await redis.client().pexpiretime(`PHPREDIS_SESSION:${hex(1)}`);
    expect(expiryMs).toBeGreaterThanOrEqual(beforeMs + 2 * HOUR);
    expect(expiryMs).toBeLessThanOrEqual(Date.now() + 2 * HOUR);
    // Its grace is given once, and a later look does not take the earlier end for a fault.
    const verify = await cli.run([
      'verify',
      directory,
      ...words,
      '--grace',
      '2h',
      '--json',
      '--expiry-tolerance',
      '1ms',
    ]);
    expect(verify.summary.outcomes).toEqual({ match: 1 });
    const again = await cli.run(['sync', directory, ...words, '--grace', '2h', '--json']);
    expect(again.summary.outcomes).toEqual({ unchanged: 1 });
    expect(await redis.client().pexpiretime(`PHPREDIS_SESSION:${hex(1)}`)).toBe(expiryMs);
    await redis.client().del(`PHPREDIS_SESSION:${hex(1)}`);
    const gone = await cli.run(['verify', directory, ...words, '--grace', '2h', '--json']);
    expect(gone.summary.outcomes).toEqual({ missing: 1 });
  });

  it('end once more with their grace, and are not missed then', async () => {
    const directory = storeOf({ [`sess_${hex(1)}`]: 'a|i:1;' }, 3 * 24 * HOUR);
    const words = ['--app', 'php', '--to', redis.url, '--grace', '1s', '--json'];
    await cli.run(['migrate', directory, ...words]);
    await new Promise((resolve) => setTimeout(resolve, 1500));
    expect((await cli.run(['verify', directory, ...words])).summary.outcomes).toEqual({ expired: 1 });
  });

  it('are not there where the application refuses such files, as Odoo and express are told', async () => {
    const express = await cli.run(['audit', work, '--app', 'express', '--grace', '1h']);
    expect(express.code).toBe(2);
    expect(express.stderr).toContain('--grace goes with applications that accept files over their age');
    expect((await cli.run(['audit', work, '--app', 'odoo', '--grace', '1h'])).stderr).toContain('not with Odoo');
  });
});

it('Odoo goes on as before, without a word of it', async () => {
  const directory = storeOf({ [`werkzeug_${hex(1)}${hex(2).slice(0, 14)}.sess`]: '\x80\x02}.' });
  const run = await cli.run(['audit', directory]);
  expect(run.stderr).toMatch(/^sess2redis audit: \S+ \(camptocamp[^)]*\)\n/);
  expect(existsSync(directory)).toBe(true);
});
