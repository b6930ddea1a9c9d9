import { mkdirSync, writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { describeReader } from '../../../src/applications/configured-reader.js';
import { EXIT } from '../../../src/errors.js';
import { withReader } from '../../../src/options/run-options.js';
import { observeStore } from '../../../src/preflight/store-observation.js';
import { atOnce } from '../../support/at-once.js';
import { odooReaderOf, odooSettingsOf } from '../../support/odoo-settings.js';
import { optionsOfLine, type RawOptions } from '../../support/options.js';
import { flat, hashed, hex40, jsonSession, urlsafe84, urlsafe86 } from '../../support/samples.js';
import { temporaryDirectory } from '../../support/temporary-directory.js';

const root = temporaryDirectory();
let stores = 0;

/** Makes a store with these files. */
function storeOf(files: Record<string, string>): string {
  const store = `${root}/${stores++}`;
  mkdirSync(store);
  for (const [path, content] of Object.entries(files)) {
    if (path.includes('/')) mkdirSync(`${store}/${path.slice(0, 2)}`, { recursive: true });
    writeFileSync(`${store}/${path}`, content, 'latin1');
  }
  return store;
}

type Files = Record<string, string>;

/** So many logins, each under an id of its own. */
const many = (count: number, path: (n: number) => string, content: string): Files =>
  Object.fromEntries(Array.from({ length: count }, (_, n) => [path(n + 1000), content]));

const login = (protocol: number) => `\x80${String.fromCharCode(protocol)}}X\x03\x00\x00\x00uidK\x07s.`;
const odoo10 = { [flat(hex40(10))]: login(2) };
const odoo15 = { [flat(hex40(15))]: login(4) };
const odoo17 = { [hashed(hex40(17))]: '\x80\x04}.' };
const odoo18 = { [hashed(urlsafe84(18))]: jsonSession({ _trace: [] }) };
const odoo19 = { [hashed(urlsafe84(19))]: jsonSession({ _trace: [], create_time: 1.5 }) };
const odoo20 = { [hashed(urlsafe86(20))]: jsonSession({ create_time: 1.5 }) };

/** The options as a pass settles them before a store, and what it is told. */
function check(profile: string, files: Files | string, more: RawOptions = {}) {
  const sources = [typeof files === 'string' ? files : storeOf(files)];
  const asked = optionsOfLine({ to: 'redis://localhost', profile, ...more }, {}, 'migrate', sources);
  const reader = atOnce(observeStore({ ...asked.pass.lanes, sources }, asked.reader));
  return { options: withReader(asked, reader), reader: describeReader(reader), warnings: reader.check() };
}

const REFUSED = expect.objectContaining({ name: 'OperatorError', exitCode: EXIT.refused });

describe('a reader that can never accept the ids of a store', () => {
  it.each([
    ['smile', odoo19, 'have 84 characters, and smile accepts only 40'],
    ['camptocamp-17', odoo19, 'have 84 characters, and camptocamp-17 accepts only 40'],
    ['camptocamp-19', odoo20, 'have 86 characters, and camptocamp-19 accepts only 84'],
    ['camptocamp-19', odoo17, 'have 40 characters, and camptocamp-19 accepts only 84'],
    ['mangono-1.2', odoo19, 'have 84 characters, and mangono-1.2 accepts only 40'],
    ['mangono-1.3', odoo17, 'have 40 characters, and mangono-1.3 accepts only 84'],
    ['mangono', odoo20, 'have 86 characters, and mangono accepts only 40 or 84'],
    ['muk', odoo20, 'have 86 characters, and muk accepts only 40 or 84'],
    ['cb_redis', odoo17, 'accepts only 84'],
    ['odoo_redis_session', odoo20, 'accepts only 84'],
    ['keerati', { ...odoo19, ...odoo20 }, 'accepts only 40'],
    ['camptocamp-7', odoo10, 'camptocamp-7 fits no store: OpenERP 7'],
  ])('is refused: %s', (name, files, message) => {
    expect(() => check(name, files)).toThrow(REFUSED);
    expect(() => check(name, files)).toThrow(message);
  });

  it('is taken once the operator vouches for the ids', () => {
    check('camptocamp-19', odoo20, { sids: '86' });
    expect(() => check('camptocamp', odoo17, { sids: '86' })).toThrow('have 40 characters');
  });

  it.each<[string, Files]>([
    ['camptocamp', odoo17],
    ['camptocamp', odoo19],
    ['camptocamp', odoo20],
    ['smile', odoo17],
    ['generic', odoo20],
    ['sidecar', odoo20],
    ['camptocamp', {}],
    ['camptocamp-7', {}],
    ['camptocamp', { README: 'x', 'tmpabcdefgh.__wz_sess': 'x' }],
  ])('is not %s beside a store of which it accepts all, or nothing is known', (name, files) => {
    expect(check(name, files).warnings).toEqual([]);
  });
});

describe('a reader that accepts a part of the logins', () => {
  const mixed = (old: number, recent: number) => ({
    ...many(old, (n) => hashed(urlsafe84(n)), jsonSession({ _trace: [], create_time: 1.5 })),
    ...many(recent, (n) => hashed(urlsafe86(n)), jsonSession({ create_time: 1.5 })),
  });

  it('is warned of by count and share', () => {
    const { warnings } = check('camptocamp-19', mixed(30, 10));
    expect(warnings).toEqual([
      expect.stringMatching(
        /^some 25 % of the logins \(10 of 40 looked at\) have ids of 86 characters, and camptocamp-19/,
      ),
    ]);
  });

  it('is refused where it is most of them, unless the operator vouches for it', () => {
    expect(() => check('camptocamp-19', mixed(10, 30))).toThrow(REFUSED);
    expect(() => check('camptocamp-19', mixed(10, 30))).toThrow(/^some 75 % of the logins \(30 of 40 looked at\)/);
    expect(check('camptocamp-19', mixed(10, 30), { sids: '84' }).warnings).toHaveLength(1);
  });

  it('is not mentioned where it is a few in a thousand, nor where all of them move', () => {
    expect(check('camptocamp', mixed(20, 20)).warnings).toEqual([]);
    expect(check('camptocamp-20', mixed(20, 20)).warnings).toEqual([]);
    const stray = { ...many(90, (n) => hashed(urlsafe84(n)), jsonSession({ create_time: 1.5 })), ...odoo17 };
    expect(check('camptocamp-19', stray).warnings).toEqual([]);
  });

  it('is told of ids of a length that nobody knows', () => {
    const strange = many(5, (n) => hashed(urlsafe84(n).slice(0, 64)), jsonSession());
    expect(check('camptocamp', { ...odoo19, ...strange }).warnings).toEqual([
      expect.stringMatching(/^some 83 % of the names \(5 looked at\) are like session ids of a length/),
    ]);
  });
});

describe('the release of a plain profile', () => {
  it.each<[string, Files, string]>([
    ['camptocamp', odoo10, 'camptocamp, read as camptocamp-11'],
    ['camptocamp', odoo15, 'camptocamp, read as camptocamp-17'],
    ['camptocamp', odoo17, 'camptocamp, read as camptocamp-17'],
    ['camptocamp', odoo19, 'camptocamp, read as camptocamp-19'],
    ['camptocamp', odoo20, 'camptocamp, read as camptocamp-20'],
    ['camptocamp', { ...odoo19, ...odoo20 }, 'camptocamp, read as camptocamp-20'],
    ['camptocamp', { ...odoo15, ...odoo19 }, 'camptocamp'],
    ['camptocamp', {}, 'camptocamp'],
    ['mangono', odoo17, 'mangono, read as mangono-1.2'],
    ['mangono', odoo18, 'mangono, read as mangono-1.3'],
    ['mangono', odoo19, 'mangono, read as mangono-1.3'],
    ['smile', odoo10, 'smile, read as smile-10'],
    ['smile', odoo15, 'smile, read as smile-12'],
    ['smile', { ...odoo10, ...odoo15 }, 'smile, read as smile-12'],
    ['smile', odoo17, 'smile, read as smile-12'],
    ['camptocamp-absolute', odoo19, 'camptocamp-absolute, read as camptocamp-absolute-19'],
    ['camptocamp-17', odoo15, 'camptocamp-17'],
    ['muk', odoo19, 'muk'],
    ['generic', odoo15, 'generic'],
  ])('%s is what the store shows', (name, files, reader) => {
    expect(check(name, files).reader).toBe(reader);
  });

  it('decides encoding and lifetimes, and leaves all ids in that any release accepts', () => {
    const old = odooSettingsOf(check('camptocamp', odoo10).options.pass.lanes);
    expect(old).toMatchObject({ reader: { encoding: 'json' }, sids: ['hex40', 'urlsafe84', 'urlsafe86'] });
    expect(check('mangono', odoo19).options).toMatchObject({
      reader: { name: 'mangono', release: 'mangono-1.3', profile: { name: 'mangono', renewsOnRead: true } },
      pass: {
        lanes: {
          ownership: { renewalMs: 3 * 86_400_000 },
          application: { odoo: { policy: { authenticatedLifetimeMs: 3 * 86_400_000, anonymousLifetimeMs: 120_000 } } },
        },
      },
    });
    expect(
      odooSettingsOf(check('mangono', odoo19, { lifetime: '5d' }).options.pass.lanes).policy.authenticatedLifetimeMs,
    ).toBe(5 * 86_400_000);
  });

  it('is told to name the Odoo where the files cannot tell, and types are held that only one of its releases has', () => {
    const withSet = (protocol: number) => ({
      [flat(hex40(20))]:
        `\x80${String.fromCharCode(protocol)}}(X\x03\x00\x00\x00uidK\x07X\x01\x00\x00\x00s\x8f(K\x01\x90u.`,
    });
    expect(check('camptocamp', withSet(4)).warnings).toEqual([
      expect.stringMatching(/has a form for from Odoo 12 on.*--odoo 11/),
    ]);
    for (const odoo of ['11', '12', '15']) expect(check('camptocamp', withSet(4), { odoo }).warnings).toEqual([]);
    expect(check('camptocamp', odoo15).warnings).toEqual([]);
    expect(check('mangono', withSet(4)).warnings).toEqual([]);
    expect(check('camptocamp', { ...withSet(4), ...odoo19 }).warnings.join()).not.toMatch(/--odoo 11/);
  });

  it('decides for a generic pickle reader whether it runs on Python 2', () => {
    const verbatim = (files: Files) =>
      odooSettingsOf(check('generic', files, { encoding: 'pickle' }).options.pass.lanes).reader.oldestVerbatimProtocol;
    expect([verbatim(odoo10), verbatim(odoo15), verbatim({ ...odoo10, ...odoo17 })]).toEqual([0, 3, 3]);
  });
});

describe("camptocamp's module before a store of Odoo 18", () => {
  it('is refused, with the patch that helps', () => {
    expect(() => check('camptocamp', odoo18)).toThrow(REFUSED);
    expect(() => check('camptocamp', { ...odoo17, ...odoo18 })).toThrow(/Odoo 18.*is_valid_key.*--sids 84/);
    expect(() => check('camptocamp-18', odoo18)).toThrow(/Odoo 18.*is_valid_key.*--sids 84/);
  });

  it('is taken once the operator has patched it, and beside any sign of Odoo 19', () => {
    expect(check('camptocamp', odoo18, { sids: '84' }).reader).toBe('camptocamp, read as camptocamp-18');
    check('camptocamp', { ...odoo18, ...odoo19 });
  });

  it('is the only one: others for Odoo 18 take its ids', () => {
    for (const reader of ['muk', 'mangono', 'generic']) expect(() => check(reader, odoo18), reader).not.toThrow();
  });

  it('is refused although thousands of leftovers of older series lie in front', () => {
    const store = storeOf(odoo18);
    for (let i = 0; i < 20_500; i++) writeFileSync(`${store}/${flat(hex40(i))}`, '');
    expect(() => check('camptocamp', store)).toThrow('Odoo 18');
  });
});

describe('the sample of a store', () => {
  const SID_CHARACTERS = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-';
  const storeOfShards = (perShard: number) => {
    const store = `${root}/${stores++}`;
    for (const first of SID_CHARACTERS) {
      for (const second of SID_CHARACTERS) {
        const shard = first + second;
        mkdirSync(`${store}/${shard}`, { recursive: true });
        for (let n = 0; n < perShard; n++) writeFileSync(`${store}/${shard}/${shard}${urlsafe84(n).slice(2)}`, '');
      }
    }
    return store;
  };
  const namesIn = (store: string) => {
    const asked = optionsOfLine({ to: 'redis://localhost' }, {}, 'migrate', [store]);
    const reader = atOnce(observeStore({ ...asked.pass.lanes, sources: [store] }, asked.reader));
    return odooReaderOf(reader).evidence.names.get('urlsafe84');
  };

  it('has every shard in it where they hold few, and a bounded part of them where they hold many', () => {
    expect(namesIn(storeOfShards(1))).toBe(4096);
    const names = namesIn(storeOfShards(5)) as number;
    expect(names).toBeGreaterThanOrEqual(16_384);
    expect(names).toBeLessThan(16_384 + 32);
  });
});
