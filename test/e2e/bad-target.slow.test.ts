import { mkdirSync, writeFileSync } from 'node:fs';
import { createServer as createHttpServer } from 'node:http';
import { createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { Cli, type CliOptions, linesOf } from '../support/cli.js';
import { freePort, RedisServer } from '../support/redis-server.js';
import { hexSid, pickledLogin, SessionStore } from '../support/store.js';
import { makeWorkspace } from '../support/workspace.js';

const PASSWORD = 'fake-redis-password';
const work = makeWorkspace();
const cli = new Cli(join(work, 'home'));
const open = RedisServer.forFile(work);
const guarded = RedisServer.forFile(work, ['--requirepass', PASSWORD, '--port', 'free']);
const store = new SessionStore(work);
for (let n = 0; n < 5; n++) store.flat(hexSid(n), pickledLogin(n + 1));

/** A target that can't work: one sentence that names the fault, the exit code and a summary; nothing is written. */
async function expectRefusal(
  url: string,
  code: number,
  sentence: RegExp,
  words: string[] = [],
  options: CliOptions = {},
) {
  const line = ['migrate', store.directory, '--to', url, '--json', '--give-up-after', '0s', ...words];
  const result = await cli.run(line, options);
  expect(result.code, result.stderr).toBe(code);
  expect(result.errorLines).toEqual([expect.stringMatching(sentence)]);
  expect(result.errorLines[0]).toMatch(/^sess2redis: \S.*\S$/);
  expect(linesOf(result.stderr).length).toBeLessThanOrEqual(2);
  expect(result.stderr).not.toMatch(/^\s+at |\.[jt]s:\d+|node:internal/m);
  expect(result.summary).toMatchObject({ exitCode: code, stopped: expect.stringMatching(sentence) });
  expect(result.summary.outcomes).toEqual({});
  expect(await open.size()).toBe(0);
  expect(await guarded.size({ password: PASSWORD })).toBe(0);
}

/** Listens on a loopback port until the test is over. */
async function listening(server: Server): Promise<number> {
  const port = await freePort();
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.close();
  });
  return port;
}

describe('a target that is no target', () => {
  it.concurrent.each<[string, RegExp]>([
    ['localhost:6379', /no Redis|not a URL/],
    ['not a url', /not a URL/],
    ['http://localhost:6379', /http:/],
    ['redis://', /no host/],
    ['redis://localhost:99999', /not a URL/],
    ['redis://localhost/shop', /database .* not a number/],
    ['redis://localhost/-1', /database .* not a number/],
    ['redis://localhost/0?ssl=true', /means nothing here/],
    ['redis://:100%@localhost', /%25/],
    ['unix://run/redis.sock', /absolute path/],
    ['sentinel://h1,h2', /names no master/],
    ['cluster://h1,h2/3', /database 0 only/],
    ['cluster://h1,h2:0', /a host that is none/],
  ])('is refused with exit code 2: %s', async (url, sentence) => {
    await expectRefusal(url, 2, sentence);
  });

  it('is a database that the server has not', async () => {
    await expectRefusal(`${open.url}?db=99`, 2, /no database 99/);
  });
});

describe('a server that is not there', () => {
  it('is temporary trouble: a closed port, a missing socket, a file that is no socket', async () => {
    const port = await freePort();
    writeFileSync(join(work, 'file.sock'), '');
    mkdirSync(join(work, 'directory.sock'));
    await Promise.all([
      expectRefusal(`redis://127.0.0.1:${port}`, 5, new RegExp(`redis://127.0.0.1:${port}/0: .*ECONNREFUSED`)),
      expectRefusal(`unix://${work}/no.sock`, 5, /no\.sock.*ENOENT/),
      expectRefusal(`unix://${work}/file.sock`, 5, /file\.sock.*ECONNREFUSED/),
      expectRefusal(`unix://${work}/directory.sock`, 5, /directory\.sock/),
    ]);
  });
});

describe('a server that asks for a password', () => {
  const url = () => `redis://127.0.0.1:${guarded.port}`;

  it('ends the run with exit code 8 when there is none or a wrong one', async () => {
    await Promise.all([
      expectRefusal(url(), 8, /asks for a password/),
      expectRefusal(url(), 8, /does not accept/, [], { env: { SESS2REDIS_PASSWORD: 'fake-wrong' } }),
      expectRefusal(url().replace('//', '//:fake-wrong@'), 8, /does not accept/),
      expectRefusal(url().replace('//', '//nobody:fake-redis-password@'), 8, /does not accept/),
    ]);
  });

  it('is not given one that it does not want', async () => {
    await expectRefusal(open.url, 8, /does not accept/, [], { env: { SESS2REDIS_PASSWORD: PASSWORD } });
  });

  it.each<[string, string]>([
    ['may not SET', '+@all -set ~*'],
    ['may set other keys only', '+@all ~other:*'],
    ['may not look at the server', '+@all -info ~*'],
    ['may do nothing', '-@all ~*'],
    ['is switched off', 'off +@all ~*'],
  ])('ends the run with exit code 8 when the user %s', async (_, rules) => {
    const client = guarded.client({ password: PASSWORD });
    await client.call('ACL', 'SETUSER', 'mover', 'reset', 'on', '>fake-mover-password', ...rules.split(' '));
    const env = { SESS2REDIS_PASSWORD: 'fake-mover-password', SESS2REDIS_USER: 'mover' };
    await expectRefusal(url(), 8, /may not do this|does not accept/, [], { env });
  });

  it('takes the run when the user may do what the refusal names', async () => {
    const client = guarded.client({ password: PASSWORD });
    const named = ['+info', '+set', '+get'];
    await client.call('ACL', 'SETUSER', 'mover', 'reset', 'on', '>fake-mover-password', '~session:*', ...named);
    const env = { SESS2REDIS_PASSWORD: 'fake-mover-password', SESS2REDIS_USER: 'mover' };
    const result = await cli.run(['migrate', store.directory, '--to', `${url()}/0`, '--json'], { env });
    expect(result.errorLines).toEqual([]);
    expect(result.summary).toMatchObject({ exitCode: 0, outcomes: { written: 5 } });
    await client.flushall();
  });
});

describe('a server that must not be written to', () => {
  it('is a read-only replica: refused with exit code 7, and the master named', async () => {
    const replica = await RedisServer.forTest(work, ['--replicaof', '127.0.0.1 1']);
    await expectRefusal(replica.url, 7, /read-only replica: name its master, 127\.0\.0\.1:1/);
    expect(await replica.size()).toBe(0);
  });

  it('is one that is too old: refused with exit code 7', async () => {
    const server = createServer((socket) => {
      const info = '# Server\r\nredis_version:5.0.14\r\nrole:master\r\n';
      socket.on('error', () => {});
      socket.on('data', (data) => {
        for (const [, name] of data.toString().matchAll(/^\*\d+\r\n\$\d+\r\n(\w+)/gm)) {
          socket.write(name?.toUpperCase() === 'INFO' ? `$${info.length}\r\n${info}\r\n` : '+OK\r\n');
        }
      });
    });
    await expectRefusal(`redis://127.0.0.1:${await listening(server)}`, 7, /Redis 5\.0\.14, and .* need 6\.2 or later/);
  });

  it('is part of a cluster: refused with exit code 7', async () => {
    const cluster = await RedisServer.forTest(work, ['--cluster-enabled', 'yes', '--cluster-port', 'free']);
    await expectRefusal(cluster.url, 7, /node of a cluster: write cluster:\/\/host:/);
  });

  /** With what a run ends: another protocol stays one, and who hangs up may be Redis. */
  const LISTENERS: [() => Server, number][] = [
    [() => createHttpServer((_, response) => response.end('fake')), 2],
    [() => createServer((socket) => socket.on('error', () => {}).end('fake\r\n'.repeat(1000))), 2],
    [() => createServer((socket) => socket.destroy()), 5],
  ];
  const listeners = () =>
    Promise.all(LISTENERS.map(async ([make, code]) => [`redis://127.0.0.1:${await listening(make())}`, code] as const));

  it('is none at all: an HTTP server, one that talks nonsense, one that hangs up', async () => {
    const sentence = /^(sess2redis: )?the server did not answer|127\.0\.0\.1/;
    await Promise.all((await listeners()).map(([url, code]) => expectRefusal(url, code, sentence)));
  });

  it('is none at all, and is named in words that say what to do', async () => {
    const sentence = /^(?!.*Please report).*127\.0\.0\.1.*: .*(check|name|run)/;
    await Promise.all((await listeners()).map(([url, code]) => expectRefusal(url, code, sentence)));
  });
});
