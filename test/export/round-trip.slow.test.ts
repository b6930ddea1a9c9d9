import { existsSync, mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { fakeSid, sessionOf } from '../../src/applications/odoo/fake-session.js';
import { FILE_FORMATS, type FileFormat } from '../../src/applications/odoo/file-format.js';
import { pathOf } from '../../src/applications/odoo/layout.js';
import { keyTemplateOf, type Profile } from '../../src/applications/odoo/profile.js';
import { KNOWN_PROFILES } from '../../src/applications/odoo/profiles.js';
import { SERIES } from '../../src/applications/odoo/series.js';
import type { SidKind } from '../../src/applications/odoo/sid-kinds.js';
import { randomFrom } from '../../src/applications/seeded-random.js';
import { FileMaker } from '../../src/export/make-file.js';
import { AtomicPlacer } from '../../src/export/place.js';
import { SessionFiles } from '../../src/export/session-files.js';
import { FileIntake } from '../../src/intake/take-file.js';
import { encodeJson } from '../../src/python/json-write.js';
import { unpickle } from '../../src/python/pickle/read.js';
import { ByteSink } from '../../src/python/sink.js';
import { PyText, type PyValue } from '../../src/python/values.js';
import { realFileSystem } from '../../src/system/file-system.js';
import { PICKLE_FIXTURES } from '../support/pickle-fixtures.js';
import { type Notation, toNotation } from '../support/python-notation.js';
import { DAY, fileEncoderFor, HOUR, NOW, ODOO, policyOf, settingsOf } from '../support/samples.js';
import { temporaryDirectory } from '../support/temporary-directory.js';

/** A session in Redis. */
interface Key {
  sid: string;
  name: string;
  value: Buffer;
  expiryMs: number;
}

/** In memory where that can be: some twenty thousand files are written. */
const temporary = temporaryDirectory(existsSync('/dev/shm') ? '/dev/shm' : undefined);
const names = new Map<string, string>();

/** One store with every fixture that CPython pickled, and JSON of each later Odoo, saved at odd moments. */
function makeSource(): string[] {
  const random = randomFrom(1);
  const paths: string[] = [];
  const add = (kind: SidKind, name: string, bytes: Uint8Array) => {
    const sid = fakeSid(kind, 7, paths.length);
    const path = pathOf(sid, kind === 'hex40' ? 'flat' : 'hashed');
    mkdirSync(dirname(join(temporary, path)), { recursive: true });
    writeFileSync(join(temporary, path), bytes);
    const seconds = (NOW - Math.floor(random() * 2 * HOUR)) / 1000 + 0.000_001;
    utimesSync(join(temporary, path), seconds, seconds);
    names.set(sid, name);
    paths.push(path);
  };
  for (const { name, bytes } of PICKLE_FIXTURES) add('hex40', name, bytes);
  for (const series of SERIES.filter(({ protocol }) => protocol === null)) {
    for (let n = 0; n < 8; n++) {
      const sink = new ByteSink(1024, 2 ** 20);
      const deletionSeconds = n === 7 ? NOW / 1000 + 100.25 : null;
      const chance = { hasCart: n > 4, isReportClone: false, deletionSeconds, createdSeconds: NOW / 1000 - 60.5 };
      encodeJson(sessionOf(series, { uid: n % 3, db: 'shop', token: 'é\ud800', ...chance }), 'plain', sink);
      for (const kind of ['urlsafe84', 'urlsafe86'] as const) add(kind, `json of ${series.name}`, sink.view());
    }
  }
  return paths;
}

const SOURCE = makeSource();

function migrated(root: string, paths: readonly string[], profile: Profile): Map<string, Key> {
  const { authenticatedLifetimeMs, anonymousLifetimeMs, honoursExpiration } = profile;
  const policy = policyOf({ authenticatedLifetimeMs, anonymousLifetimeMs, honoursExpiration });
  const { sids, encoding, pickleProtocol, oldestVerbatimProtocol } = profile;
  const reader = { encoding, pickleProtocol, oldestVerbatimProtocol };
  const journey = new FileIntake(realFileSystem, settingsOf({ sources: [root] }, { policy, sids, reader }));
  const keys = new Map<string, Key>();
  for (const path of paths) {
    if (journey.take(0, path, true, NOW) !== null) continue;
    const { sid } = journey.name;
    const value = Buffer.from(journey.value.subarray(0, journey.valueLength));
    keys.set(sid, { sid, name: names.get(sid) as string, value, expiryMs: journey.expiryMs });
  }
  return keys;
}

/** Exports the keys; returns the paths of the files, and the names of what was refused. */
function exported(root: string, keys: Map<string, Key>, profile: Profile, file: FileFormat) {
  const { authenticatedLifetimeMs, anonymousLifetimeMs, honoursExpiration } = profile;
  const policy = policyOf({ authenticatedLifetimeMs, anonymousLifetimeMs, honoursExpiration });
  const key = keyTemplateOf(profile, '');
  const encoder = fileEncoderFor(file.odoo, { policy, sids: profile.sids, reader: profile });
  const journey = new FileMaker({ application: ODOO, encoder, key, maxValueBytes: 2 ** 20, shard: null });
  const files = new SessionFiles(root, encoder, new AtomicPlacer({ root, owner: null }, file.tempSuffix), 2 ** 22);
  const [paths, refused]: [string[], string[]] = [[], []];
  for (const { sid, name, value, expiryMs } of keys.values()) {
    if (journey.name(`${key.before}${sid}${key.after}`) !== null) continue;
    const outcome = journey.take({ value, isOtherType: false, expiryMs, slackMs: 0 }, NOW);
    if (outcome !== null) refused.push(`${outcome}: ${name}`);
    else {
      expect(files.settle(sid, journey.file, journey.saved)).toBe('written');
      paths.push(pathOf(sid, file.layout));
    }
  }
  return { paths, refused };
}

/** What a value means: the text of JSON, byte for byte, or what a pickle holds. */
function meaningOf({ value }: Pick<Key, 'value'>, isText: boolean): string | Notation {
  if (isText) return value.toString('latin1');
  return withText(toNotation(unpickle(value, 0, value.length)));
}

/** Python 2's byte text is the text it means. */
function withText(notation: unknown): Notation {
  if (Array.isArray(notation)) return notation.map(withText);
  if (typeof notation !== 'object' || notation === null) return notation as Notation;
  const [[type, content]] = Object.entries(notation) as [[string, unknown]];
  if (type !== 'text') return { [type]: withText(content) };
  const text = new PyText(Buffer.from(content as string, 'hex').toString('latin1'));
  return text.decode() ?? { text: content };
}

const isShared = (a: readonly SidKind[], b: readonly SidKind[]) => a.some((kind) => b.includes(kind));
const PAIRS = KNOWN_PROFILES.flatMap((profile) =>
  FILE_FORMATS.filter((file) => isShared(profile.sids, file.sids)).map(
    (file) => [profile.name, file.odoo, profile, file] as const,
  ),
);

/** What cannot be pickled anew: forms, and what Python 2 wrote in another charset. */
const ONLY_VERBATIM = /^unsupported: (werkzeug-\w*MultiDict|python2-multidict|python2-latin1)\//;

describe('migrate, export, migrate again', () => {
  const roots: string[] = [];
  afterAll(() => {
    for (const root of roots) rmSync(root, { recursive: true });
  });

  it.each(PAIRS)('%s and Odoo %s: the same keys, values and expiries', (_name, _odoo, profile, file) => {
    const before = migrated(temporary, SOURCE, profile);
    const root = mkdtempSync(join(temporary, 'back-'));
    roots.push(root);
    const { paths, refused } = exported(root, before, profile, file);
    const after = migrated(root, paths, profile);

    expect(refused.filter((line) => !ONLY_VERBATIM.test(line))).toEqual([]);
    const isText = profile.encoding.endsWith('json');
    if (isText) expect(refused).toEqual([]);
    const hasHex = file.sids.includes('hex40');
    const wanted = [...before.values()].filter(
      ({ sid }) => (sid.length === 40) === hasHex && file.sids.some((kind) => kind.endsWith(String(sid.length))),
    );
    expect(after.size).toBe(wanted.length - refused.length);
    expect(after.size).toBeGreaterThan(hasHex ? 80 : 10);
    for (const [sid, key] of after) {
      const { name, expiryMs, value } = before.get(sid) as Key;
      expect(key.expiryMs, name).toBe(expiryMs);
      expect(meaningOf(key, isText), name).toEqual(meaningOf({ value }, isText));
    }
  });

  it('is about every profile, and every Odoo that it can have to do with', () => {
    expect(new Set(PAIRS.map(([name]) => name)).size).toBe(KNOWN_PROFILES.length);
    expect(new Set(PAIRS.map(([, odoo]) => odoo)).size).toBe(FILE_FORMATS.length);
    expect(PAIRS.length).toBeGreaterThan(70);
  });

  it('notices another millisecond, and another type', () => {
    const profile = KNOWN_PROFILES[0] as Profile;
    const [key] = migrated(temporary, SOURCE, profile).values();
    const changed = { ...(key as Key), value: Buffer.from((key as Key).value.toString().replace('{', '{"x": 1.0, ')) };
    expect(meaningOf(changed, true)).not.toEqual(meaningOf(key as Key, true));
    expect(toNotation(1 as PyValue)).not.toEqual(toNotation(true));
    expect(policyOf().authenticatedLifetimeMs).toBe(7 * DAY);
  });
});
