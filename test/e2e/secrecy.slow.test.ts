import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { Cli, type CliOptions, type CliResult } from '../support/cli.js';
import { RedisServer } from '../support/redis-server.js';
import { SECRETS, secretStore } from '../support/secret-store.js';
import { hexSid } from '../support/store.js';
import { makeWorkspace } from '../support/workspace.js';

const REDIS_PASSWORD = 'fake-redis-p@ss/word';

const work = makeWorkspace();
const cli = new Cli(join(work, 'home'));
const redis = RedisServer.forFile(work, ['--requirepass', REDIS_PASSWORD, '--port', 'free']);
const { store, sids, files } = secretStore(work);
const passwordFile = join(work, 'password');
writeFileSync(passwordFile, `${REDIS_PASSWORD}\nsecond line\n`);
const LOGIN = ['--password-file', passwordFile];
const urlWith = (password: string) => `redis://:${encodeURIComponent(password)}@127.0.0.1:${redis.port}`;

/** Everything in `text` that must not be told: the secrets, and more of a sid than its first eight characters. */
function secretsIn(text: string): string[] {
  const words = [...Object.values(SECRETS), REDIS_PASSWORD, encodeURIComponent(REDIS_PASSWORD)];
  const found = words.filter((secret) => text.includes(secret));
  // All sids end alike, so a tail of the fakes' own text tells that any of them was cut too late.
  const tails = ['fa4efa4efa4e', 'FAKE_sid-FAKE'];
  found.push(...sids.filter((sid) => text.includes(sid.slice(0, 9))), ...tails.filter((tail) => text.includes(tail)));
  return found;
}

async function expectSilence(args: string[], code: number, options: CliOptions = {}): Promise<CliResult> {
  const result = await cli.run(args, options);
  expect(result.code, result.stderr).toBe(code);
  expect(secretsIn(result.stdout)).toEqual([]);
  expect(secretsIn(result.stderr)).toEqual([]);
  return result;
}

const filesBelow = (directory: string) =>
  readdirSync(directory, { recursive: true, withFileTypes: true }).map((entry) => join(entry.parentPath, entry.name));

describe('nothing by which a user could be impersonated', () => {
  it('is told by migrate, in text or JSON, on stdout, stderr, in its log or its list of rejects', async () => {
    for (const profile of [[], ['--profile', 'generic', '--encoding', 'pickle'], ['--profile', 'generic', '--json']]) {
      const own = join(work, `run${profile.length}`);
      mkdirSync(own);
      const output = [
        '--state-dir',
        join(own, 'state', 'deep'),
        '--log-level',
        'debug',
        '--log-file',
        join(own, 'log'),
      ];
      const args = [
        'migrate',
        store.directory,
        '--to',
        redis.url,
        ...LOGIN,
        '--max-file-size',
        '16KiB',
        ...profile,
        ...output,
      ];
      const { stdout } = await expectSilence(args, 3);
      expect(stdout).toContain('malformed');

      const written = filesBelow(own).filter((path) => statSync(path).isFile());
      const outside = written.map((path) => path.slice(own.length)).filter((path) => !path.includes('/ledger/'));
      expect(outside.sort()).toEqual([
        '/log',
        '/state/deep/rejects.jsonl',
        '/state/deep/seal.json',
        '/state/deep/secret',
      ]);
      expect(written.length).toBeGreaterThan(outside.length + 3);
      for (const path of written) expect(secretsIn(readFileSync(path, 'latin1')), path).toEqual([]);
      expect(readFileSync(join(own, 'state/deep/rejects.jsonl'), 'utf8').split('\n').length).toBeGreaterThan(10);
      expect(readFileSync(join(own, 'log'), 'utf8').split('\n').length).toBeGreaterThan(10);
    }
  });

  it('is told by a log on stderr, an audit, a dry run or the default state directory', async () => {
    const to = ['--to', urlWith(REDIS_PASSWORD), '--log-level', 'debug'];
    await expectSilence(['migrate', store.directory, ...to], 3);
    await expectSilence(['migrate', store.directory, ...to, '--dry-run', '--json'], 3);
    await expectSilence(['audit', store.directory, ...to], 3);
    await expectSilence(['audit', store.directory, '--json', '--log-level', 'debug'], 3);
    const written = filesBelow(cli.stateHome).filter((path) => statSync(path).isFile());
    expect(written.length).toBeGreaterThan(0);
    for (const path of written) expect(secretsIn(readFileSync(path, 'utf8')), path).toEqual([]);
  });

  it('is told by explain, of a file or a sid, whatever is in it', async () => {
    const to = ['--to', redis.url, ...LOGIN];
    const runs = files.filter((_, i) => i % 2 === 1).map((file) => ['explain', file, ...to]);
    for (const i of [1, 5, 14]) runs.push(['explain', sids[i] as string, '--source', store.directory, '--json']);
    // The first sid looks like an option.
    expect(sids[0]?.slice(0, 2)).toBe('--');
    const source = ['explain', '-', '--source', store.directory];
    expect((await expectSilence(source, 0, { input: `${sids[0]}\n` })).stdout).toMatch(/fingerprint/);
    for (const { stdout } of await Promise.all(runs.map((args) => expectSilence(args, 0)))) {
      expect(stdout).toMatch(/fingerprint/);
    }
  });

  it('is told when things go wrong', async () => {
    const wrong = urlWith('fake-redis-p@ss/word'.toUpperCase());
    const { stderr } = await expectSilence(['migrate', store.directory, '--to', wrong, '--json'], 8);
    expect(stderr).not.toContain('FAKE-REDIS');
    const to = (url: string) => ['migrate', store.directory, '--to', url];
    const env = { SESS2REDIS_TO: urlWith(REDIS_PASSWORD), SESS2REDIS_RATE: '-' };
    await Promise.all([
      expectSilence(to(`redis://:${REDIS_PASSWORD}@localhost`), 2),
      expectSilence(to(urlWith(REDIS_PASSWORD).replace('redis', 'reddis')), 2),
      expectSilence(to(urlWith(REDIS_PASSWORD).replace(/\d+$/, '1')), 5),
      expectSilence(['migrate', store.directory], 2, { env }),
      expectSilence(['explain', hexSid(9999), '--source', store.directory], 2),
      expectSilence(['explain', `/nowhere/${sids[0]}`], 2),
    ]);
  });

  it.each([`c${SECRETS.token}\n${SECRETS.password}\n)R`, `\x8c\x15${SECRETS.token}\x8c\x15${SECRETS.password}\x93)R`])(
    'is told by a pickle that has a token in the place of a class',
    async (blob) => {
      const { store: broken } = secretStore(work, [blob]);
      await expectSilence(['migrate', broken.directory, '--to', redis.url, ...LOGIN], 3);
    },
  );

  it('is told when a session file is named as the source', async () => {
    await expectSilence(['migrate', files[0] as string, '--to', redis.url, ...LOGIN], 2);
  });

  // A sid of Odoo 18 begins with a hyphen once in 64, and is then taken for options, also behind `--`.
  it('is told when explain is given a sid that looks like an option, which it explains', async () => {
    await expectSilence(['explain', '--source', store.directory, '--', sids[0] as string], 0);
  });

  it('is told when explain is given two sids', async () => {
    await expectSilence(['explain', sids[1] as string, sids[2] as string], 2);
  });
});

describe('what a run keeps on disk', () => {
  it('is readable by its owner alone', async () => {
    const home = join(work, 'own');
    const own = new Cli(home);
    await own.run(['migrate', store.directory, '--to', redis.url, ...LOGIN]);
    const paths = filesBelow(own.stateHome);
    expect(paths.some((path) => path.endsWith('/rejects.jsonl'))).toBe(true);
    for (const path of [own.stateHome, ...paths]) {
      const stats = statSync(path);
      expect(`${path} ${(stats.mode & 0o777).toString(8)}`).toBe(`${path} ${stats.isDirectory() ? 700 : 600}`);
    }
  });
});

describe('the search for secrets', () => {
  it.each([sids[0], sids.at(-1), sids[2]?.slice(0, 9), sids[20]?.slice(10, 30)])(
    'finds %s where it is told',
    (text) => {
      expect(secretsIn(`sess2redis: about ${text}...`)).not.toEqual([]);
    },
  );

  it('finds tokens and passwords where they are told, and no fault in eight characters of a sid', () => {
    for (const secret of [...Object.values(SECRETS), REDIS_PASSWORD]) expect(secretsIn(`x${secret}x`)).not.toEqual([]);
    expect(secretsIn(`${sids[0]?.slice(0, 8)}* ${sids.at(-1)?.slice(0, 8)}...`)).toEqual([]);
  });

  it('finds every sid in what Redis holds, so it looks for the right ones', async () => {
    const held = await redis.contents(0, { password: REDIS_PASSWORD });
    expect(held.size).toBeGreaterThan(1);
    for (const [key, { value }] of held) {
      expect(secretsIn(key)).not.toEqual([]);
      expect(secretsIn(value.toString('latin1'))).not.toEqual([]);
    }
  });
});
