import { writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { rootCertificates } from 'node:tls';
import { describe, expect, it } from 'vitest';
import { KNOWN_PROFILES } from '../../src/applications/odoo/profiles.js';
import type { RunOptions } from '../../src/options/run-options.js';
import { odooReaderOf, odooSettingsOf } from '../support/odoo-settings.js';
import { optionsOfLine, type RawOptions } from '../support/options.js';
import { DAY, HOUR } from '../support/samples.js';
import { temporaryDirectory } from '../support/temporary-directory.js';

const directory = temporaryDirectory();
const TO = 'redis://localhost';

const parse = (raw: RawOptions = {}, environment: NodeJS.ProcessEnv = {}): RunOptions =>
  optionsOfLine({ to: TO, ...raw }, environment, 'migrate', ['/store']);

function fileWith(content: string): string {
  const path = `${directory}/file`;
  writeFileSync(path, content);
  return path;
}

describe('options that nobody gave', () => {
  it('have the defaults of the contract', () => {
    expect(parse()).toMatchObject({
      patterns: ['/store'],
      reader: { name: 'camptocamp', release: null, isPrefixGiven: false },
      isDryRun: false,
      failIfEmpty: false,
      isJson: false,
      log: { level: undefined, file: undefined },
      pass: {
        pace: { timetable: [{ minute: 0, rate: Number.POSITIVE_INFINITY }], heedsTarget: true, giveUpAfterMs: 600_000 },
        maxEntries: Number.POSITIVE_INFINITY,
        maxRejects: Number.POSITIVE_INFINITY,
        lanes: {
          application: {
            odoo: {
              policy: {
                authenticatedLifetimeMs: 7 * DAY,
                anonymousLifetimeMs: 3 * HOUR,
                honoursExpiration: true,
                anonymous: 'keep',
                databases: [],
                maxAgeMs: Number.POSITIVE_INFINITY,
              },
            },
          },
          key: { before: 'session:', after: '' },
          maxFileBytes: 2 ** 20,
          shard: null,
          conflict: 'keep',
          target: { address: 'localhost', databaseIndex: 0 },
        },
      },
    });
    const { initial, min, max } = parse().pass.laneCount;
    expect(initial).toBe(4);
    expect(min).toBe(Math.min(4, availableParallelism()));
    expect(max).toBe(Math.max(32, availableParallelism()));
  });

  it.each(KNOWN_PROFILES.map((profile) => profile.name))("are %s's own where the profile is chosen", (name) => {
    const profile = KNOWN_PROFILES.find((known) => known.name === name);
    const { pass, target } = parse({ profile: name });
    expect(odooSettingsOf(pass.lanes)).toMatchObject({
      policy: {
        authenticatedLifetimeMs: profile?.authenticatedLifetimeMs,
        anonymousLifetimeMs: profile?.anonymousLifetimeMs,
        honoursExpiration: profile?.honoursExpiration,
      },
      sids: profile?.sids,
      reader: { encoding: profile?.encoding, pickleProtocol: profile?.pickleProtocol },
    });
    expect(target?.databaseIndex).toBe(profile?.databaseIndex);
  });
});

describe('options that were given', () => {
  it('are read, each in its own way', () => {
    const raw: RawOptions = {
      lifetime: '2d',
      'anonymous-lifetime': '1h',
      anonymous: 'skip',
      'odoo-db': ['shop', 'test'],
      'max-age': '12h',
      'max-file-size': '64k',
      conflict: 'overwrite',
      rate: '5k',
      lanes: '3',
      limit: '1.5k',
      'max-rejects': '0',
      sids: '84, 86',
      prefix: 'shop',
      'fail-if-empty': true,
      json: true,
      'log-level': 'debug',
      'log-file': '/tmp/log',
      'state-dir': '/tmp/../tmp/state',
    };
    expect(parse(raw)).toMatchObject({
      reader: {
        isPrefixGiven: true,
        settled: { named: { fixed: { sids: ['urlsafe84', 'urlsafe86'] }, prefix: 'shop' } },
      },
      failIfEmpty: true,
      isJson: true,
      stateDir: '/tmp/state',
      log: { level: 'debug', file: '/tmp/log' },
      pass: {
        pace: { timetable: [{ minute: 0, rate: 5000 }] },
        laneCount: { initial: 3, min: 3, max: 3 },
        maxEntries: 1500,
        maxRejects: 0,
        lanes: {
          application: {
            odoo: {
              policy: {
                authenticatedLifetimeMs: 2 * DAY,
                anonymousLifetimeMs: HOUR,
                anonymous: 'skip',
                databases: ['shop', 'test'],
                maxAgeMs: 12 * HOUR,
              },
              sids: ['urlsafe84', 'urlsafe86'],
            },
          },
          key: { before: 'session::shop:', after: '' },
          maxFileBytes: 65_536,
          conflict: 'overwrite',
        },
      },
    });
  });

  it.each([
    ['1/3', { index: 1, of: 3 }],
    ['3/3', { index: 0, of: 3 }],
    ['0/3', { index: 0, of: 3 }],
    ['1/1', { index: 0, of: 1 }],
  ])('divide the store by --shard %s', (shard, expected) => {
    expect(parse({ shard }).pass.lanes.shard).toEqual(expected);
  });

  it('send nothing in a dry run, and nothing without a need for a target', () => {
    expect(parse({ 'dry-run': true })).toMatchObject({ isDryRun: true, target: { address: 'localhost' } });
    expect(parse({ 'dry-run': true }).pass.lanes.target).toBeNull();
    const audit = optionsOfLine({ to: TO }, {}, 'audit');
    expect([audit.isDryRun, audit.pass.lanes.target]).toEqual([true, null]);
    expect(optionsOfLine({}, {}, 'audit').target).toBeNull();
  });

  it('make the key of a generic reader', () => {
    const raw = { profile: 'generic', 'key-template': 'erp_{prefix}_{sid}_x', encoding: 'verbatim', prefix: 'p' };
    expect(parse(raw).pass.lanes).toMatchObject({
      key: { before: 'erp_p_', after: '_x' },
      application: { odoo: { reader: { encoding: 'verbatim' } } },
    });
    expect(odooSettingsOf(parse({ profile: 'generic' }).pass.lanes).reader.encoding).toBe('json');
  });

  it('come from the environment where the command line is silent', () => {
    const environment = { SESS2REDIS_TO: 'redis://other/5', SESS2REDIS_RATE: '2k', SESS2REDIS_PASSWORD: 'pw' };
    expect(optionsOfLine({}, environment)).toMatchObject({
      target: { address: 'other', databaseIndex: 5, password: 'pw' },
      pass: { pace: { timetable: [{ minute: 0, rate: 2000 }] } },
    });
  });
});

describe('options that a command does not take', () => {
  it('have their defaults, whatever the environment says for other commands', () => {
    const environment = { SESS2REDIS_CONFLICT: 'overwrite', SESS2REDIS_EVERY: 'often', SESS2REDIS_STATE_DIR: '/state' };
    const audit = optionsOfLine({}, environment, 'audit');
    expect(audit.pass.lanes.conflict).toBe('keep');
    expect(audit.sync.everyMs).toBeNull();
    expect(audit.stateDir).not.toBe('/state');
  });

  it('say nothing under a name that means something else: the series of a benchmark names no reader', () => {
    for (const raw of [{}, { odoo: '17' }]) {
      const { reader } = optionsOfLine(raw, {}, 'bench');
      expect([reader.name, odooReaderOf(reader).settled.named.open?.plain.name]).toEqual(['camptocamp', 'camptocamp']);
    }
  });
});

describe('the way to log in', () => {
  it('is the first line of a file, then the URL, then the environment', () => {
    const file = fileWith('from file\nsecond line');
    const url = 'redis://u:from%20url@h';
    const environment = { SESS2REDIS_PASSWORD: 'from environment' };
    expect(parse({ to: url }).target?.password).toBe('from url');
    expect(parse({ to: url }, environment).target?.password).toBe('from url');
    expect(parse({ to: 'redis://h' }, environment).target?.password).toBe('from environment');
    expect(parse({ to: url, 'password-file': file }, environment).target?.password).toBe('from file');
    expect(parse({ to: url, user: 'other' }).target).toMatchObject({ username: 'other', password: 'from url' });
  });

  it('reads a password file with any end of line', () => {
    for (const content of ['pw', 'pw\n', 'pw\r\n', 'pw\r\nx', '\ufeffpw\r\n']) {
      expect(parse({ 'password-file': fileWith(content) }).target?.password).toBe('pw');
    }
  });

  it('carries TLS files as text', () => {
    const [pem = ''] = rootCertificates;
    const raw = { 'tls-ca': fileWith(pem), 'tls-insecure': true };
    expect(parse(raw).target?.tls).toEqual({ ca: pem, isVerified: false });
    expect(parse().target?.tls).toEqual({ isVerified: true });
  });
});

describe('the state directory', () => {
  it('is its own for each combination of sources, target and reader, in whatever order they come', () => {
    const of = (patterns: string[], raw: RawOptions) =>
      optionsOfLine({ to: TO, ...raw }, { XDG_STATE_HOME: '/x' }, 'migrate', patterns).stateDir;
    const first = of(['/a', '/b'], {});
    expect(first).toMatch(/^\/x\/sess2redis\/[0-9a-f]{16}$/);
    expect(of(['/b', '/c/../a'], { rate: '5k' })).toBe(first);
    const others = [of(['/a'], {}), of(['/a', '/b'], { profile: 'mangono' }), of(['/a', '/b'], { to: `${TO}/1` })];
    expect(new Set([first, ...others]).size).toBe(4);
    // Who logs in does not matter, and a password must not be guessed from the name of a directory.
    expect(of(['/a', '/b'], { to: 'redis://u:pw@localhost' })).toBe(first);
  });
});

describe('what sets the pace', () => {
  const pace = (raw: RawOptions) => parse(raw).pass.pace;

  it.each<[RawOptions, object]>([
    [{ rate: 'off' }, { timetable: [{ minute: 0, rate: Number.POSITIVE_INFINITY }] }],
    [{ rate: 'Tue 08:00,2k' }, { timetable: [{ minute: 2 * 1440 + 480, rate: 2000 }] }],
    [{ throttle: 'off' }, { heedsTarget: false }],
    [{ 'accept-eviction': true }, { acceptsEviction: true }],
    [{}, { acceptsEviction: false, mostIoPressure: Number.POSITIVE_INFINITY }],
    [{ 'max-io-pressure': '40%' }, { mostIoPressure: 0.4 }],
    [{ 'max-io-pressure': '7.5' }, { mostIoPressure: 0.075 }],
    [{ 'give-up-after': '90s' }, { giveUpAfterMs: 90_000 }],
  ])('%j is read', (raw, wanted) => {
    expect(pace(raw)).toMatchObject(wanted);
  });

  it('includes a file that pauses, or none', () => {
    expect(parse({ 'pause-file': '/run/stop' }).pauseFile).toBe('/run/stop');
    expect(parse().pauseFile).toBeNull();
  });
});
