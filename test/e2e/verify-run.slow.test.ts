import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it, onTestFinished } from 'vitest';
import { Cli, total } from '../support/cli.js';
import { RedisServer } from '../support/redis-server.js';
import { SECRETS, secretStore } from '../support/secret-store.js';
import { CREATE_TIME, DAY_S, hexSid, jsonText, SessionStore, urlsafeSid } from '../support/store.js';
import { OPTIONS_FOR_EVERYTHING, storeOfEverything } from '../support/store-of-everything.js';
import { makeWorkspace, until } from '../support/workspace.js';

const ODOO = fileURLToPath(new URL('moving-odoo.mjs', import.meta.url));
const work = makeWorkspace();
const cli = new Cli(join(work, 'home'));
const redis = RedisServer.forFile(work);

/** So many sessions, and the same in Redis. */
async function migrated(sessions: number, server = redis): Promise<SessionStore> {
  await server.flush();
  const store = new SessionStore(work);
  for (let n = 0; n < sessions; n++) store.hashed(urlsafeSid(n), jsonText(n + 1, 'shop', CREATE_TIME));
  await cli.run(['migrate', store.directory, '--to', server.url]);
  return store;
}

describe('a verification', () => {
  it('only reads', async () => {
    const store = await migrated(300);
    const client = redis.client();
    await client.set(`session:${urlsafeSid(1)}`, 'x', 'KEEPTTL');
    await client.del(`session:${urlsafeSid(2)}`);
    await client.set(`session:${hexSid(1)}`, jsonText(1), 'EX', DAY_S);
    const before = await redis.contents();
    await client.config('RESETSTAT');
    const { code } = await cli.run(['verify', store.directory, '--to', redis.url, '--sample', '1M']);
    expect(code).toBe(4);
    const stats = await client.info('commandstats');
    const commands = [...stats.matchAll(/cmdstat_([^:]+)/g)].map(([, name]) => name as string);
    expect(commands).toEqual(expect.arrayContaining(['get', 'pexpiretime', 'scan']));
    const described = (await client.call('COMMAND', 'INFO', ...commands)) as [string, number, string[]][];
    expect(described.length).toBe(commands.length);
    expect(described.filter(([, , flags]) => flags.some((flag) => String(flag) === 'write'))).toEqual([]);
    expect(await redis.contents()).toEqual(before);
  });

  it('counts every entry of a store in which every outcome occurs', async () => {
    await redis.flush();
    const everything = await storeOfEverything(work, false);
    onTestFinished(() => everything.close());
    const words = [everything.store.directory, '--to', redis.url, ...OPTIONS_FOR_EVERYTHING];
    await cli.run(['migrate', ...words]);
    const { written, ...rest } = everything.expected;
    const { code, summary } = await cli.run(['verify', ...words, '--json']);
    expect(summary.outcomes).toEqual({ match: written, ...rest });
    expect(total(summary.outcomes)).toBe(summary.listed);
    expect(summary.listed).toBe(everything.store.entries);
    expect(code).toBe(3);
  });

  it('says in ten seconds of reading what is different', async () => {
    const store = await migrated(40);
    const client = redis.client();
    for (let n = 0; n < 5; n++) await client.del(`session:${urlsafeSid(n)}`);
    await client.set(`session:${hexSid(9)}`, jsonText(1), 'EX', DAY_S);
    const state = ['--state-dir', join(work, 'none')];
    const { code, stdout } = await cli.run(['verify', store.directory, '--to', redis.url, ...state]);
    expect(code).toBe(4);
    expect(stdout).toMatch(/^5 of 40 sessions differ; 1 key has no file$/m);
    expect(stdout).toMatch(/^\s+sound\s+match\s+35\b/m);
    expect(stdout).toMatch(/^\s+different\s+missing\s+5\b/m);
    expect(stdout).toMatch(/^\s+listed\s+41$/m);
    expect(stdout.match(/^\s+missing\s+\/.*no key$/gm)).toHaveLength(3);
    expect(stdout).toMatch(/extra\s+key session:.{8}\*\s+[0-9a-f]{12}\s+a login without a file, valid for /);
    expect(stdout).toMatch(/and 2 more/);
  });

  it('tells at most so many differences one by one, and counts them all', async () => {
    const store = await migrated(1500);
    await redis.flush();
    const { lines, summary } = await cli.run(['verify', store.directory, '--to', redis.url, '--json']);
    const told = lines.filter(({ type }) => type === 'difference').length;
    expect(summary).toMatchObject({ outcomes: { missing: 1500 }, different: 1500, untold: 1500 - told, exitCode: 4 });
    expect(told).toBeGreaterThanOrEqual(200);
  });

  it('reads from a replica, which migrate refuses', async () => {
    const store = await migrated(20);
    const replica = await RedisServer.forTest(work, ['--port', 'free']);
    const source = await RedisServer.forTest(work, ['--port', 'free']);
    await cli.run(['migrate', store.directory, '--to', source.url]);
    const client = replica.client();
    await client.replicaof('127.0.0.1', source.port);
    await until(async () => (await replica.size()) === 20);
    expect((await cli.run(['migrate', store.directory, '--to', replica.url])).code).toBe(7);
    const { code, summary } = await cli.run(['verify', store.directory, '--to', replica.url, '--json']);
    expect(summary.outcomes).toEqual({ match: 20 });
    expect(code).toBe(0);
  });
});

it('keeps Prometheus informed', async () => {
  const store = await migrated(20);
  await redis.client().del(`session:${urlsafeSid(1)}`);
  const file = join(work, 'verify.prom');
  await cli.run(['verify', store.directory, '--to', redis.url, '--metrics-file', file]);
  const text = readFileSync(file, 'utf8');
  expect(text).toMatch(/outcome="match"[^}]*\} 19\n/);
  expect(text).toMatch(/outcome="missing"[^}]*\} 1\n/);
});

describe('a sample', () => {
  it('is of about so many, says how sure it is, and leaves the rest uncounted', async () => {
    const store = await migrated(2000);
    const run = () => cli.run(['verify', store.directory, '--to', redis.url, '--sample', '300', '--json']);
    const { code, summary } = await run();
    const { match = 0, 'not-sampled': rest = 0 } = summary.outcomes;
    expect(Math.abs(match - 300)).toBeLessThan(70);
    expect(match + rest).toBe(2000);
    expect(summary).toMatchObject({ listed: 2000, compared: match, different: 0 });
    const { sample } = summary as unknown as { sample: { wanted: number; upperBound: number; confidence: number } };
    expect(sample).toMatchObject({ wanted: 300, confidence: 0.95 });
    expect(sample.upperBound).toBeCloseTo(1 - 0.05 ** (1 / match), 9);
    expect(code).toBe(0);

    const text = await cli.run(['verify', store.directory, '--to', redis.url, '--sample', '300']);
    expect(text.stdout).toMatch(
      /^0 of \d{3} sessions drawn at random differ: at most \d(\.\d+)? % of all at 95 % confidence$/m,
    );
  });

  it('is another each time, and finds a share of what differs, keys without a file among it', async () => {
    const store = await migrated(1000);
    const client = redis.client();
    for (let n = 0; n < 1000; n += 2) await client.del(`session:${urlsafeSid(n)}`);
    for (let n = 0; n < 500; n++) await client.set(`session:${hexSid(n)}`, jsonText(1), 'EX', DAY_S);
    const state = ['--state-dir', join(work, 'none')];
    const words = ['verify', store.directory, '--to', redis.url, ...state, '--sample', '200'];
    const [first, second] = await Promise.all([cli.summary(words), cli.summary(words)]);
    for (const { outcomes, exitCode } of [first, second] as const) {
      expect(exitCode).toBe(4);
      expect(Math.abs((outcomes.missing ?? 0) - 100)).toBeLessThan(50);
      expect(Math.abs((outcomes.match ?? 0) - 100)).toBeLessThan(50);
      expect(Math.abs((outcomes.extra ?? 0) - 100)).toBeLessThan(50);
    }
    expect(first.outcomes).not.toEqual(second.outcomes);
  });
});

describe('while Odoo saves and drops sessions', () => {
  it('all is counted, and when it rests and a sync was run, all matches', async () => {
    await redis.flush();
    const directory = mkdtempSync(join(work, 'moving-'));
    const odoo = spawn(process.execPath, [ODOO, directory], { stdio: ['ignore', 'pipe', 'inherit'] });
    onTestFinished(() => {
      odoo.kill('SIGKILL');
    });
    await new Promise((resolve) => odoo.stdout.once('data', resolve));
    const words = [directory, '--to', redis.url, '--lanes', '2'];
    await cli.run(['migrate', ...words]);
    for (let i = 0; i < 2; i++) {
      const { code, summary, errorLines } = await cli.run(['verify', ...words, '--json']);
      expect(errorLines).toEqual([]);
      expect([0, 4]).toContain(code);
      expect(total(summary.outcomes)).toBe(summary.listed);
      expect(summary.unsettled).toBe(0);
      expect(summary.listed).toBeGreaterThan(100);
    }
    const ended = new Promise((resolve) => odoo.once('close', resolve));
    odoo.kill('SIGTERM');
    await ended;
    await cli.run(['sync', ...words, '--final', '--max-delete', '100%']);
    const { code, summary } = await cli.run(['verify', ...words, '--json']);
    const { match, 'temp-file': temporary = 0, ...rest } = summary.outcomes;
    expect(rest).toEqual({});
    expect(match).toBe(summary.listed - temporary);
    expect(code).toBe(0);
  });
});

describe('nothing by which a user could be impersonated', () => {
  it('is told of any difference, in text, JSON or the log', async () => {
    await redis.flush();
    const { store, sids } = secretStore(work);
    const own = join(work, 'secret');
    mkdirSync(own);
    const to = ['--to', redis.url, '--state-dir', join(own, 'state')];
    await cli.run(['migrate', store.directory, ...to]);
    const client = redis.client();
    const keys = await client.keys('*');
    expect(keys.length).toBeGreaterThan(1);
    const broken = `{"db": "shop", "uid": 1, "${SECRETS.password}": "${SECRETS.token}" "${SECRETS.login}`;
    for (const [i, key] of keys.entries()) {
      if (i % 3 === 0) await client.set(key, broken, 'KEEPTTL');
      if (i % 3 === 1)
        await client.set(key, `{"${SECRETS.token}": "${SECRETS.password}", "session_token": 1}`, 'KEEPTTL');
    }
    const log = ['--log-level', 'debug'];
    for (const more of [[], ['--json'], log]) {
      const { code, stdout, stderr } = await cli.run(['verify', store.directory, ...to, ...more]);
      expect(code, stderr).toBe(4);
      for (const output of [stdout, stderr]) {
        for (const secret of Object.values(SECRETS)) expect(output).not.toContain(secret);
        for (const sid of sids) expect(output).not.toContain(sid.slice(0, 9));
      }
    }
  });
});
