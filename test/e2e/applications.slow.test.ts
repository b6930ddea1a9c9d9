import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { type Fixture, fixtures } from '../applications/content.js';
import { builtIn } from '../applications/reading.js';
import { Cli } from '../support/cli.js';
import { RedisServer } from '../support/redis-server.js';
import { makeWorkspace } from '../support/workspace.js';

const work = makeWorkspace();
const cli = new Cli(join(work, 'home'));
const redis = RedisServer.forFile(work);
const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;
const LARAVEL = ['--client-prefix', 'shop_database_', '--store-prefix', 'shop_cache_'];

beforeEach(() => redis.flush());

/** Ids of an application, by number. */
const id = (n: number, length: number) => `${n}k3jd9sl2mvb8qzxw6rt5yhn4gfp0ocua7ei1kd9`.slice(0, length);
const withPhp = (handler: string) => fixtures('php').filter((fixture) => fixture.handler === handler);
const text = (bytes: string): Fixture => ({ name: bytes.slice(0, 9), bytes: Buffer.from(bytes) });

interface Journey {
  app: string;
  words: readonly string[];
  /** What the real writers wrote, or what they would have. */
  contents: readonly Fixture[];
  /** Under which name and key the n-th lies. */
  file: (n: number) => string;
  key: (n: number) => string;
  value: (bytes: Buffer) => Buffer;
  lifetimeMs: number;
}

const asIs = (bytes: Buffer) => bytes;
const hexId = (n: number) => `${n}${'0a1b2c3d4e5f6789'.repeat(4)}`.slice(0, 64);
const RAILS = builtIn('rails');
const JOURNEYS: readonly Journey[] = [
  ...['php', 'php_binary', 'php_serialize', 'igbinary'].map((handler) => ({
    app: 'php',
    words: ['--serialize-handler', handler],
    contents: withPhp(handler),
    file: (n: number) => `sess_${id(n, 26)}`,
    key: (n: number) => `PHPREDIS_SESSION:${id(n, 26)}`,
    value: asIs,
    lifetimeMs: 24 * MINUTE,
  })),
  {
    app: 'php',
    words: ['--levels', '2', '--prefix', 'p:', '--lifetime', '2h'],
    contents: withPhp('php'),
    file: (n) => `${id(n, 32)[0]}/${id(n, 32)[1]}/sess_${id(n, 32)}`,
    key: (n) => `p:${id(n, 32)}`,
    value: asIs,
    lifetimeMs: 120 * MINUTE,
  },
  {
    app: 'symfony',
    words: [],
    contents: [text('_sf2_attributes|a:1:{s:14:"_security_main";s:1:"x";}_sf2_meta|a:0:{}'), ...withPhp('php')],
    file: (n) => `sess_${id(n, 32)}`,
    key: (n) => `sf_s${id(n, 32)}`,
    value: asIs,
    lifetimeMs: 24 * MINUTE,
  },
  {
    app: 'laravel',
    words: LARAVEL,
    contents: withPhp('php_serialize'),
    file: (n) => id(n, 40),
    key: (n) => `shop_database_shop_cache_${id(n, 40)}`,
    value: (bytes) => Buffer.concat([Buffer.from(`s:${bytes.length}:"`), bytes, Buffer.from('";')]),
    lifetimeMs: 120 * MINUTE,
  },
  {
    app: 'django',
    words: ['--prefix', 'session:'],
    contents: fixtures('django').filter(({ name }) => /anonymous|login|unicode|compressed/.test(name)),
    file: (n) => `sessionid${id(n, 32)}`,
    key: (n) => `session:${id(n, 32)}`,
    value: asIs,
    lifetimeMs: 14 * DAY,
  },
  {
    app: 'rails',
    words: ['--lifetime', '30d'],
    // Those without an end, in all formats.
    contents: fixtures('rails').filter(({ name, ends }) => ends === null && !/long|devise/.test(name)),
    file: (n) => RAILS.pathOf(hexId(n)),
    key: (n) => `_session_id:2::${hexId(n)}`,
    value: asIs,
    lifetimeMs: 30 * DAY,
  },
  {
    app: 'express',
    words: ['--lifetime', '2h'],
    // Without maxAge their end stands nowhere but in the time of the last access.
    contents: [1, 2, 3].map((n) =>
      text(JSON.stringify({ cookie: { originalMaxAge: null, path: '/' }, user: { id: n }, note: 'ünï' })),
    ),
    file: (n) => `${id(n, 32)}.json`,
    key: (n) => `sess:${id(n, 32)}`,
    value: asIs,
    lifetimeMs: 120 * MINUTE,
  },
];

/** What the target holds at a key; null for nothing. */
const heldAt = async (key: string) => (await redis.contents()).get(key) ?? null;
let stores = 0;

function storeOf({ contents, file }: Journey): { directory: string; savedMs: number } {
  const directory = join(work, `store-${stores++}`);
  const savedMs = Math.floor(Date.now() / 1000) * 1000 - 10 * MINUTE;
  for (const [n, { bytes }] of contents.entries()) {
    const path = join(directory, file(n));
    mkdirSync(join(path, '..'), { recursive: true, mode: 0o700 });
    writeFileSync(path, bytes);
    utimesSync(path, savedMs / 1000, savedMs / 1000);
  }
  return { directory, savedMs };
}

describe('sessions of another application', () => {
  it.each(JOURNEYS.map((journey) => [`${journey.app} ${journey.words.join(' ')}`, journey] as const))(
    'go the whole way: %s',
    async (_, journey) => {
      const { app, contents, key, file, value, lifetimeMs } = journey;
      const { directory, savedMs } = storeOf(journey);
      const words = ['--app', app, ...journey.words, '--json'];
      const to = ['--to', redis.url];
      const full = contents.filter(({ bytes }) => bytes.length > 0).length;
      const empty = contents.length - full;

      const audit = await cli.run(['audit', directory, ...words]);
      expect(audit.stderr).toBe(`sess2redis audit: ${directory} (${app})\n`);
      expect(audit.summary.outcomes.written).toBe(full);

      const migrate = await cli.run(['migrate', directory, ...words, ...to]);
      expect(migrate.errorLines).toEqual([]);
      expect(migrate.summary.outcomes).toEqual({ written: full, ...(empty > 0 && { empty }) });
      for (const [n, { bytes }] of contents.entries()) {
        const held = await heldAt(key(n));
        if (bytes.length === 0) expect(held).toBeNull();
        else expect(held).toEqual({ value: value(bytes), expiryMs: savedMs + lifetimeMs });
      }

      const verify = await cli.run(['verify', directory, ...words, ...to]);
      expect(verify.summary.outcomes).toEqual({ match: full, ...(empty > 0 && { empty }) });

      const back = join(work, `back-${stores}`);
      const exported = await cli.run(['export', back, ...words, '--from', redis.url]);
      expect(exported.errorLines).toEqual([]);
      expect(exported.summary).toMatchObject({ profile: app, outcomes: { written: full }, exitCode: 0 });
      for (const [n, { bytes }] of contents.entries()) {
        if (bytes.length === 0) continue;
        expect(readFileSync(join(back, file(n)))).toEqual(bytes);
        expect(statSync(join(back, file(n))).mtimeMs).toBe(savedMs);
      }
      const again = await cli.run(['export', back, ...words, '--from', redis.url]);
      expect(again.summary.outcomes).toEqual({ same: full });

      // Somebody logs out.
      const gone = contents.findIndex(({ bytes }) => bytes.length > 0);
      rmSync(join(directory, file(gone)));
      const sync = await cli.run(['sync', directory, ...words, ...to, '--max-delete', '100%']);
      expect(sync.errorLines).toEqual([]);
      expect(sync.summary).toMatchObject({ deletes: { deleted: 1 } });
      expect(await heldAt(key(gone))).toBeNull();

      // What was read once is not read again, and somebody else's new value stays.
      expect(sync.summary.outcomes.unchanged ?? 0).toBeGreaterThanOrEqual(full - 1);
    },
  );

  it('that are being written wait for the next pass, and a copy of what they were stays', async () => {
    const journey = JOURNEYS[0] as Journey;
    const { directory } = storeOf(journey);
    const words = ['--app', 'php', '--json', '--to', redis.url];
    await cli.run(['sync', directory, ...words]);
    const before = await heldAt(journey.key(0));
    // A file is cut before it is written anew.
    for (const half of ['', 'user|a:1:{s:2:"id";i:']) {
      writeFileSync(join(directory, journey.file(0)), half);
      const torn = await cli.run(['sync', directory, ...words]);
      expect(torn.summary.outcomes.torn).toBe(1);
      expect(await heldAt(journey.key(0))).toEqual(before);
    }
    writeFileSync(join(directory, journey.file(0)), 'user|a:1:{s:2:"id";i:8;}');
    expect((await cli.run(['sync', directory, ...words])).summary.outcomes.updated).toBe(1);
    expect((await heldAt(journey.key(0)))?.value.toString()).toBe('user|a:1:{s:2:"id";i:8;}');
  });

  it.each(['rails', 'flask'] as const)(
    'of %s that are cut or of no session are rejected, and no end is read from them',
    async (app) => {
      const directory = join(work, `cut-${app}`);
      const template = builtIn(app);
      const ids = (n: number) => (app === 'rails' ? hexId(n) : hexId(n).slice(0, 32));
      const whole = fixtures(app).filter(({ name }) => !/count|for ever/.test(name));
      for (const [n, { bytes }] of whole.entries()) {
        const path = join(directory, template.pathOf(ids(n)));
        mkdirSync(join(path, '..'), { recursive: true });
        // Behind the head, in which entries of Rails and cachelib say when they end.
        writeFileSync(path, bytes.subarray(0, bytes.length - 1 - (n % 3)));
      }
      const { summary, lines } = await cli.run(['migrate', directory, '--app', app, '--json', '--to', redis.url]);
      expect(summary).toMatchObject({ outcomes: { malformed: whole.length }, exitCode: 3 });
      expect(lines.length).toBeGreaterThan(0);
      expect(await redis.size()).toBeLessThanOrEqual(1);
    },
  );

  it('are explained step by step, and no id is shown', async () => {
    const journey = JOURNEYS.find(({ app }) => app === 'laravel') as Journey;
    const { directory } = storeOf(journey);
    const { stdout, code } = await cli.run([
      'explain',
      join(directory, journey.file(0)),
      '--app',
      'laravel',
      ...LARAVEL,
    ]);
    expect(code).toBe(0);
    expect(stdout).toContain("Laravel's session files to its redis driver");
    expect(stdout).toContain('write, to expire');
    expect(stdout).not.toContain(id(0, 40).slice(7));
  });

  it('have an own template, whose mistakes are told with file and line', async () => {
    const path = join(work, 'bad.yaml');
    writeFileSync(path, 'name: bad\nfile:\n  name: "{sid:alnum:32}"\nkye: "{sid}"\n');
    const { code, stderr } = await cli.run(['audit', work, '--app', path]);
    expect(code).toBe(2);
    expect(stderr).toContain(`${path}:4`);
    const unknown = await cli.run(['audit', work, '--app', 'laravle']);
    expect(unknown.stderr).toContain('did you mean laravel?');
    const missing = await cli.run(['audit', work, '--app', 'laravel']);
    expect(missing.stderr).toContain('laravel needs --client-prefix');
    const odoos = await cli.run(['audit', work, '--app', 'php', '--odoo-db', 'shop']);
    expect(odoos.stderr).toContain('--odoo-db goes with Odoo, not with php');
    const from = ['--from', redis.url];
    const signed = await cli.run(['export', join(work, 'never'), '--app', 'django-cache', ...from]);
    expect([signed.code, signed.stderr]).toEqual([
      2,
      expect.stringContaining('Django signs its files with SECRET_KEY'),
    ]);
    const cut = await cli.run(['export', join(work, 'never'), '--app', 'flask', ...from]);
    expect([cut.code, cut.stderr]).toEqual([
      2,
      expect.stringContaining('the first 4 bytes of a file are not in Redis'),
    ]);
  });
});

it('of Magento become hashes, written whole and only where there is none, and followed like all others', async () => {
  const journey: Journey = {
    ...(JOURNEYS[0] as Journey),
    app: 'magento',
    words: [],
    contents: [text('_session_hosts|a:0:{}user|i:1;'), text('user|i:2;'), text('user|i:3;')],
    key: (n) => `sess_${id(n, 26)}`,
  };
  const { directory, savedMs } = storeOf(journey);
  const client = redis.client({ db: 2 });
  const words = ['--app', 'magento', '--json'];
  await client.hset(journey.key(2), { data: "somebody else's", lock: '0', writes: '7' });
  const migrate = await cli.run(['migrate', directory, ...words, '--to', redis.url]);
  expect(migrate.errorLines).toEqual([]);
  expect(migrate.summary.outcomes).toEqual({ written: 2, kept: 1 });
  expect(await client.hgetall(journey.key(0))).toEqual({
    data: '_session_hosts|a:0:{}user|i:1;',
    lock: '0',
    writes: '2',
  });
  expect(await client.pexpiretime(journey.key(0))).toBe(savedMs + 60 * MINUTE);
  expect(await client.hget(journey.key(2), 'writes')).toBe('7');
  const verify = await cli.run(['verify', directory, ...words, '--to', redis.url]);
  expect(verify.summary.outcomes).toMatchObject({ match: 2 });

  const back = join(work, 'magento-back');
  expect((await cli.run(['export', back, ...words, '--from', redis.url])).summary.outcomes.written).toBe(2);
  expect(readFileSync(join(back, journey.file(1)), 'utf8')).toBe('user|i:2;');
  const shown = await cli.run(['explain', join(directory, journey.file(0)), '--app', 'magento', '--to', redis.url]);
  expect(shown.stdout).toContain('this very value');

  // A save, and a logout beside a request that counts itself in the hash.
  writeFileSync(join(directory, journey.file(0)), 'user|i:9;');
  rmSync(join(directory, journey.file(1)));
  await client.hincrby(journey.key(1), 'writes', 1);
  // A read lets it live for six hours.
  await client.expire(journey.key(1), 6 * 3600);
  const sync = await cli.run(['sync', directory, ...words, '--to', redis.url, '--max-delete', '100%']);
  expect(sync.errorLines).toEqual([]);
  expect(sync.summary).toMatchObject({ outcomes: { updated: 1 }, deletes: { deleted: 1 } });
  expect(await client.hget(journey.key(0), 'data')).toBe('user|i:9;');
  expect(await client.exists(journey.key(1))).toBe(0);
  expect((await cli.run(['migrate', directory, ...words, '--to', redis.url, '--conflict', 'overwrite'])).code).toBe(2);
});

it.each([
  ['yii', (n: number) => JSON.stringify(['yii\\redis\\Session', id(n, 26)]), asIs],
  [
    'yii-cache',
    (n: number) => `a:2:{i:0;s:20:"yii\\web\\CacheSession";i:1;s:26:"${id(n, 26)}";}`,
    (bytes: Buffer) => Buffer.from(`a:2:{i:0;s:${bytes.length}:"${bytes}";i:1;N;}`),
  ],
] as const)(
  'of %s, whose keys are digests, are written, verified and logged out by the record',
  async (app, text, value) => {
    const journey = JOURNEYS[0] as Journey;
    const { directory, savedMs } = storeOf({
      ...journey,
      contents: [1, 2, 3].map((n) => ({ name: '', bytes: Buffer.from(`user|i:${n};`) })),
    });
    const key = (n: number) => `p${createHash('md5').update(text(n)).digest('hex')}`;
    const words = ['--app', app, '--prefix', 'p', '--json'];
    const to = ['--to', redis.url];
    const migrate = await cli.run(['migrate', directory, ...words, ...to]);
    expect(migrate.summary.outcomes).toEqual({ written: 3 });
    for (const n of [0, 1, 2]) {
      expect(await heldAt(key(n))).toEqual({
        value: value(Buffer.from(`user|i:${n + 1};`)),
        expiryMs: savedMs + 24 * MINUTE,
      });
    }
    expect((await cli.run(['verify', directory, ...words, ...to])).summary.outcomes).toEqual({ match: 3 });
    const shown = await cli.run(['explain', join(directory, journey.file(0)), ...words.slice(0, 4), ...to]);
    expect(shown.stdout).toContain('this very value');
    expect(shown.stdout).not.toContain(key(0).slice(1, 12));

    rmSync(join(directory, journey.file(1)));
    const extra = await cli.run(['verify', directory, ...words, ...to]);
    expect(extra.summary.outcomes).toEqual({ match: 2, extra: 1 });
    writeFileSync(join(directory, journey.file(2)), 'user|i:9;');
    const sync = await cli.run(['sync', directory, ...words, ...to, '--max-delete', '100%']);
    expect(sync.summary).toMatchObject({ outcomes: { updated: 1, unchanged: 1 }, deletes: { deleted: 1 } });
    expect(await heldAt(key(1))).toBeNull();
    expect((await heldAt(key(2)))?.value).toEqual(value(Buffer.from('user|i:9;')));
    const exported = await cli.run(['export', join(work, `no-${app}`), ...words, '--from', redis.url]);
    expect(exported.code).toBe(2);
    expect(exported.stderr).toContain(
      `export makes no files of what ${app} has in Redis: its keys show no ids, by which files are named`,
    );
  },
);

it('that are in Redis already are detected, with the prefixes that nobody can guess', async () => {
  const laravel = JOURNEYS.find(({ app }) => app === 'laravel') as Journey;
  const client = redis.client();
  const session = Buffer.from('a:2:{s:6:"_token";s:1:"x";s:6:"_flash";a:0:{}}');
  for (let n = 0; n < 5; n++) await client.set(laravel.key(n), laravel.value(session));
  await redis.client({ db: 2 }).hset(`sess_${id(1, 26)}`, { data: '_session_hosts|a:0:{}', lock: '0', writes: '3' });
  const { lines, code } = await cli.run(['detect', '--to', redis.url, '--json']);
  expect(code).toBe(0);
  expect(lines).toContainEqual(
    expect.objectContaining({ type: 'live-keys', application: 'laravel', options: ['--app', 'laravel', ...LARAVEL] }),
  );
  expect(lines).toContainEqual(expect.objectContaining({ application: 'magento', database: 2, confidence: 'likely' }));
  expect(JSON.stringify(lines)).not.toContain(id(1, 40).slice(8));
});

it.each(['php', 'laravel', 'express', 'django', 'magento', 'symfony'])('of %s are made up and move', async (app) => {
  const store = join(work, `made-${app}`);
  const made = await cli.run(['generate', store, '--app', app, '--sessions', '50', '--json']);
  expect(made.summary).toMatchObject({ sessions: 50, exitCode: 0 });
  const needed = app === 'laravel' ? LARAVEL : [];
  const { written = 0, expired = 0 } = (await cli.run(['audit', store, '--app', app, ...needed, '--json'])).summary
    .outcomes;
  expect(written).toBeGreaterThan(30);
  expect(written + expired).toBe(50);
});

describe('the list of applications', () => {
  it('names each, and for one its options and what to set', async () => {
    const { lines } = await cli.run(['apps', '--json']);
    expect(lines.at(-1)).toMatchObject({ type: 'summary', command: 'apps', applications: lines.length - 1 });
    const { stdout } = await cli.run(['apps', 'php']);
    expect(stdout).toContain('--serialize-handler');
    expect(stdout).toContain('session.save_handler = redis');
  });
});
