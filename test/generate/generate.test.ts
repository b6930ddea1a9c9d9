import { createHash } from 'node:crypto';
import { lstatSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { generatorOf } from '../../src/applications/generator-of.js';
import { fakeSid } from '../../src/applications/odoo/fake-session.js';
import { kindOfSid } from '../../src/applications/odoo/layout.js';
import { pickleProtocolOf } from '../../src/applications/odoo/parse.js';
import { MIXED, SERIES, seriesNamed } from '../../src/applications/odoo/series.js';
import type { OdooGeneration } from '../../src/applications/odoo/session-generator.js';
import { randomFrom } from '../../src/applications/seeded-random.js';
import { type GenerateOptions, generateStore } from '../../src/generate/generate.js';
import { FileIntake } from '../../src/intake/take-file.js';
import type { Outcome } from '../../src/session.js';
import { realFileSystem } from '../../src/system/file-system.js';
import { atOnce } from '../support/at-once.js';
import { DAY, NOW, policyOf, settingsOf } from '../support/samples.js';
import { temporaryDirectory } from '../support/temporary-directory.js';

const root = temporaryDirectory();
let stores = 0;

/** Makes a store and returns its directory. */
function generate({
  series = seriesNamed('mixed'),
  databases = ['shop'],
  ...chosen
}: Partial<GenerateOptions & OdooGeneration> = {}): string {
  const directory = `${root}/${stores++}`;
  const options = { directory, sessions: 60, junk: 0, seed: 1, nowMs: NOW, ...chosen };
  const generator = generatorOf({ odoo: { series, databases }, seed: options.seed, movesAll: false, lifetimeMs: null });
  atOnce(generateStore(options, generator, () => {}));
  return directory;
}

const pathsIn = (store: string): string[] =>
  readdirSync(store, { recursive: true, encoding: 'utf8' })
    .filter((path) => !lstatSync(`${store}/${path}`).isDirectory())
    .sort();

/** Name, time and bytes of every file. */
const digestOf = (store: string): string[] =>
  pathsIn(store).map((path) => {
    const stats = lstatSync(`${store}/${path}`);
    const content = stats.isSymbolicLink() ? readlinkSync(`${store}/${path}`) : readFileSync(`${store}/${path}`);
    // A link has the time at which it was made.
    return `${path} ${stats.isFile() ? stats.mtimeMs : ''} ${createHash('sha1').update(content).digest('hex')}`;
  });

/** A journey on which nothing is refused for its age, so that every session must be parsed and planned to move. */
function journeyThrough(store: string): FileIntake {
  const policy = policyOf({ authenticatedLifetimeMs: 900 * DAY, anonymousLifetimeMs: 900 * DAY });
  return new FileIntake(
    realFileSystem,
    settingsOf({ sources: [store] }, { sids: ['hex40', 'urlsafe84', 'urlsafe86'], policy }),
  );
}

describe('a generated store', () => {
  it('is the same, names, times and bytes, for the same seed, and another for another', () => {
    const [one, two, other] = [{}, {}, { seed: 2 }].map((chosen) => digestOf(generate({ junk: 18, ...chosen })));
    expect(one).toHaveLength(78);
    expect(two).toEqual(one);
    expect(other?.filter((line) => one?.includes(line))).toEqual([]);
  });

  it.each(SERIES)('of Odoo $name has its layout, ids and format, and is read as such', (series) => {
    const store = generate({ series: [series], sessions: 40 });
    const journey = journeyThrough(store);
    const paths = pathsIn(store);
    expect(paths).toHaveLength(40);
    for (const path of paths) {
      expect([null, 'rotated', 'report-clone'], path).toContain(journey.take(0, path, true, NOW));
      expect(journey.name.layout).toBe(series.layout);
      expect([series.sids, series.inherited]).toContain(journey.name.kind);
      expect(journey.facts).toMatchObject({ format: series.protocol === null ? 'json' : 'pickle', db: 'shop' });
      const bytes = readFileSync(`${store}/${path}`);
      if (series.protocol !== null) expect(pickleProtocolOf(bytes)).toBe(series.protocol);
      expect(journey.facts.hasTrace).toBe(['18', '19'].includes(series.name));
      expect(journey.facts.hasCreateTime).toBe(Number(series.name) >= 19);
    }
  });

  it('names every series of Odoo, and mixes those that an upgraded directory holds', () => {
    const numbers = Array.from({ length: 13 }, (_, i) => String(i + 8));
    expect(SERIES.map(({ name }) => name)).toEqual(numbers);
    expect(seriesNamed('mixed').map(({ name }) => name)).toEqual(MIXED);
    expect(seriesNamed('18').map(({ name }) => name)).toEqual(['18']);
    expect(seriesNamed('master')).toEqual(seriesNamed('20'));
    expect(seriesNamed('7')).toEqual([]);
    const shapes = new Set(seriesNamed('mixed').map(({ layout, protocol, sids }) => `${layout} ${protocol} ${sids}`));
    expect(shapes.size).toBe(5);
  });

  it('has logins and visitors, carts and several databases, saved over the last eight days', () => {
    const store = generate({ sessions: 1000, databases: ['shop', 'test', 'demo'] });
    const journey = journeyThrough(store);
    const counts: Record<string, number> = {};
    const count = (name: string) => {
      counts[name] = (counts[name] ?? 0) + 1;
    };
    for (const path of pathsIn(store)) {
      journey.take(0, path, true, NOW);
      count(journey.facts.isAuthenticated ? 'login' : 'visitor');
      count(`db ${journey.facts.db}`);
      if (journey.facts.hasCart) count('cart');
      const ageMs = NOW - journey.reader.mtimeMs;
      expect(ageMs).toBeGreaterThanOrEqual(0);
      expect(ageMs).toBeLessThan(8 * DAY);
      count(ageMs < 2 * DAY ? 'young' : 'old');
    }
    for (const [name, least] of Object.entries({ login: 600, visitor: 200, cart: 10, young: 400, old: 200 })) {
      expect(counts[name], name).toBeGreaterThan(least);
    }
    for (const db of ['shop', 'test', 'demo']) expect(counts[`db ${db}`], db).toBeGreaterThan(200);
  });

  it('has junk of every kind that real directories hold, and none of it moves', () => {
    const store = generate({ sessions: 0, junk: 90 });
    const paths = pathsIn(store);
    expect(paths).toHaveLength(90);
    const journey = journeyThrough(store);
    const outcomes = new Map<Outcome | null, number>();
    for (const path of paths) {
      const outcome = journey.take(0, path, lstatSync(`${store}/${path}`).isFile(), NOW);
      outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
    }
    // Of nine kinds: uploads, .nfs files, strays and links are foreign; half a session is malformed, an attack unsupported.
    expect(Object.fromEntries(outcomes)).toEqual({
      'temp-file': 10,
      empty: 10,
      malformed: 10,
      unsupported: 10,
      foreign: 40,
      'too-large': 10,
    });
  });

  it('never overwrites a session with junk', () => {
    expect(pathsIn(generate({ sessions: 200, junk: 200 }))).toHaveLength(400);
  });

  it('tells how far it is', () => {
    const told: number[] = [];
    const generator = generatorOf({
      odoo: { series: seriesNamed('8'), databases: ['d'] },
      seed: 1,
      movesAll: false,
      lifetimeMs: null,
    });
    const options = { directory: `${root}/told`, sessions: 20_001, junk: 0, seed: 1, nowMs: NOW };
    const work = generateStore(options, generator, (done) => told.push(done));
    atOnce(work);
    expect(told).toEqual([10_000, 20_000]);
  });
});

describe('a generated session id', () => {
  it('is of its kind, the same for the same seed and number, and unlike any other', () => {
    for (const kind of ['hex40', 'urlsafe84', 'urlsafe86'] as const) {
      const sids = Array.from({ length: 500 }, (_, i) => fakeSid(kind, 1, i));
      expect(new Set(sids.map(kindOfSid))).toEqual(new Set([kind]));
      expect(new Set([...sids, fakeSid(kind, 2, 0)]).size).toBe(501);
      expect(fakeSid(kind, 1, 7)).toBe(sids[7]);
    }
  });
});

describe('random numbers', () => {
  it('are the same for the same seed, spread over 0 to 1, and never 1', () => {
    const [one, two] = [randomFrom(42), randomFrom(42)];
    const numbers = Array.from({ length: 10_000 }, one);
    expect(Array.from({ length: 10_000 }, two)).toEqual(numbers);
    const tenths = new Array(10).fill(0);
    for (const number of numbers) tenths[Math.floor(number * 10)]++;
    for (const count of tenths) expect(Math.abs(count - 1000)).toBeLessThan(150);
    expect(tenths).toHaveLength(10);
  });
});
