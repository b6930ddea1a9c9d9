import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { type Certificates, hasOpenssl, makeCertificates } from '../support/certificates.js';
import { Cli, type CliOptions, type Summary } from '../support/cli.js';
import { hasTls, RedisServer } from '../support/redis-server.js';
import { hexSid, pickledLogin, SessionStore } from '../support/store.js';
import { makeWorkspace } from '../support/workspace.js';

const work = makeWorkspace();
const cli = new Cli(join(work, 'home'));
const store = new SessionStore(work);
for (let n = 0; n < 30; n++) store.flat(hexSid(n), pickledLogin(n + 1));

const migrate = (url: string, words: string[] = [], options: CliOptions = {}) =>
  cli.run(['migrate', store.directory, '--to', url, '--json', ...words], options);
const ALL_WRITTEN: Partial<Summary> = { exitCode: 0, outcomes: { written: 30 } };

describe('a server on a port and a socket', () => {
  const redis = RedisServer.forFile(work, ['--port', 'free']);
  beforeEach(() => redis.flush());
  const tcp = () => `redis://127.0.0.1:${redis.port}`;
  const sizes = async () => [
    (await redis.contents(0)).size,
    (await redis.contents(1)).size,
    (await redis.contents(3)).size,
  ];

  it.each<[string, () => string, string[], number[]]>([
    ['a port', tcp, [], [30, 0, 0]],
    ['localhost', () => tcp().replace('127.0.0.1', 'localhost'), [], [30, 0, 0]],
    ['a socket', () => redis.url, [], [30, 0, 0]],
    ['a database of a port', () => `${tcp()}/3`, [], [0, 0, 30]],
    ['a database of a socket', () => `${redis.url}?db=3`, [], [0, 0, 30]],
    ["the reader's own database", tcp, ['--profile', 'smile'], [0, 30, 0]],
    ["another than the reader's own", () => `${tcp()}/3`, ['--profile', 'smile'], [0, 0, 30]],
    ["database 0 instead of the reader's own", () => `${redis.url}?db=0`, ['--profile', 'muk'], [30, 0, 0]],
  ])('takes the sessions into %s', async (_, url, words, expected) => {
    expect((await migrate(url(), words)).summary).toMatchObject(ALL_WRITTEN);
    expect(await sizes()).toEqual(expected);
  });
});

describe('a server with users', () => {
  const PASSWORD = 'fake:p@ss/wörd%20';
  const redis = RedisServer.forFile(work, ['--requirepass', 'fake-admin', '--port', 'free']);
  const admin = { password: 'fake-admin' };
  const RULES = ['on', `>${PASSWORD}`, '~session:*', '+set', '+get', '+select', '+info'];
  const tcp = (login = '') => `redis://${login}127.0.0.1:${redis.port}`;
  const file = join(work, 'password');
  writeFileSync(file, `${PASSWORD}\n`);
  beforeEach(async () => {
    await redis.client(admin).call('ACL', 'SETUSER', 'mover', ...RULES);
    await redis.client(admin).flushall();
  });

  it.each<[string, () => string, string[], Record<string, string>]>([
    ['--user and --password-file', tcp, ['--user', 'mover', '--password-file', file], {}],
    ['the URL', () => tcp(`mover:${encodeURIComponent(PASSWORD)}@`), [], {}],
    ['the environment', tcp, [], { SESS2REDIS_USER: 'mover', SESS2REDIS_PASSWORD: PASSWORD }],
    ['the URL and the environment', () => tcp('mover@'), [], { SESS2REDIS_PASSWORD: PASSWORD }],
    ['the options on a socket', () => redis.url, ['--user', 'mover', '--password-file', file], {}],
    ['the default user', () => tcp(':fake-admin@'), [], {}],
    ['the URL in the environment', () => '', [], { SESS2REDIS_TO: 'url' }],
  ])('lets the run in by %s', async (_, url, words, env) => {
    const login = tcp(`mover:${encodeURIComponent(PASSWORD)}@`);
    const options = { env: env.SESS2REDIS_TO === undefined ? env : { SESS2REDIS_TO: login } };
    const to = url() === '' ? [] : ['--to', url()];
    const result = await cli.run(['migrate', store.directory, ...to, '--json', ...words], options);
    expect(result.errorLines).toEqual([]);
    expect(result.summary).toMatchObject(ALL_WRITTEN);
    expect(await redis.size(admin)).toBe(30);
  });
});

describe.skipIf(!hasOpenssl || !hasTls())('a server behind TLS', () => {
  const pem: Certificates = hasOpenssl ? makeCertificates(work) : ({} as Certificates);
  const tls = ['--tls-port', 'free', '--tls-cert-file', pem.serverCert, '--tls-key-file', pem.serverKey];
  const authority = ['--tls-ca-cert-file', pem.ca];
  const redis = RedisServer.forFile(work, [...tls, ...authority, '--tls-auth-clients', 'no']);
  const strict = RedisServer.forFile(work, [...tls, ...authority, '--tls-auth-clients', 'yes']);
  const url = (server = redis, host = '127.0.0.1') => `rediss://${host}:${server.port}`;
  beforeEach(() => redis.flush());

  it('is trusted when its authority is named', async () => {
    expect((await migrate(url(), ['--tls-ca', pem.ca])).summary).toMatchObject(ALL_WRITTEN);
    expect(await redis.size()).toBe(30);
  });

  it('is refused with exit code 8 when it is not known, by another name, or with another authority', async () => {
    const stranger = makeCertificates(work);
    const refusals = await Promise.all([
      migrate(url()),
      migrate(url(redis, 'localhost'), ['--tls-ca', pem.ca]),
      migrate(url(), ['--tls-ca', stranger.ca]),
    ]);
    const sentences = [/not trusted .*--tls-ca/, /not trusted .*made out to another name/, /not trusted .*--tls-ca/];
    for (const [n, { errorLines, summary }] of refusals.entries()) {
      expect(errorLines).toEqual([expect.stringMatching(sentences[n] as RegExp)]);
      expect(summary).toMatchObject({ exitCode: 8, listed: 0 });
    }
    expect(await redis.size()).toBe(0);
  });

  it('is taken unseen with --tls-insecure', async () => {
    expect((await migrate(url(redis, 'localhost'), ['--tls-insecure'])).summary).toMatchObject(ALL_WRITTEN);
  });

  it('is shown a client certificate, and refuses a run without one', async () => {
    const client = ['--tls-ca', pem.ca, '--tls-cert', pem.clientCert, '--tls-key', pem.clientKey];
    const refused = await migrate(url(strict), ['--tls-ca', pem.ca]);
    expect(refused.errorLines.length).toBe(1);
    expect(refused.summary).toMatchObject({ exitCode: 8, listed: 0 });
    expect(await strict.size()).toBe(0);
    expect((await migrate(url(strict), client)).summary).toMatchObject(ALL_WRITTEN);
  });

  it('is not reached by redis://, which is told to write rediss://', async () => {
    const result = await migrate(url().replace('rediss', 'redis'));
    expect(result.summary).toMatchObject({ exitCode: 2, listed: 0 });
    expect(result.errorLines.length).toBe(1);
  });
});
