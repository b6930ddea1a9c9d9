import { mkdirSync, writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { EXIT } from '../src/exit-codes.js';
import type { LaneSettings } from '../src/lane/settings.js';
import { profileNamed } from '../src/profiles/known.js';
import { keyTemplateOf, type Profile } from '../src/profiles/profile.js';
import { checkReader } from '../src/reader-check.js';
import { flat, hashed, hex40, jsonSession, settingsOf, urlsafe84, urlsafe86 } from './samples.js';
import { temporaryDirectory } from './temporary-directory.js';

const root = temporaryDirectory();
let stores = 0;

/** Makes a store with these files. */
function storeOf(files: Record<string, string>): string {
  const store = `${root}/${stores++}`;
  mkdirSync(store);
  for (const [path, content] of Object.entries(files)) {
    if (path.includes('/')) mkdirSync(`${store}/${path.slice(0, 2)}`, { recursive: true });
    writeFileSync(`${store}/${path}`, content);
  }
  return store;
}

const odoo18 = { [hashed(urlsafe84(18))]: jsonSession({ _trace: [] }) };
const odoo19 = { [hashed(urlsafe84(19))]: jsonSession({ _trace: [], create_time: 1.5 }) };
const odoo17 = { [hashed(hex40(17))]: '\x80\x04}.' };
const master = { [hashed(urlsafe86(20))]: jsonSession({ create_time: 1.5 }) };

/** Checks a reader against a store; `sids` as `--sids` names them. */
function check(name: string, files: Record<string, string> | string, sids?: LaneSettings['sids']): void {
  const profile = profileNamed(name) as Profile;
  const sources = [typeof files === 'string' ? files : storeOf(files)];
  const settings = settingsOf({ sources, sids: sids ?? profile.sids, key: keyTemplateOf(profile, '') });
  checkReader(settings, profile, sids !== undefined);
}

describe('a reader that can never accept the ids of a store', () => {
  it.each([
    ['smile', odoo19, 'have 84 characters, and smile accepts only 40'],
    ['camptocamp', master, 'have 86 characters, and camptocamp accepts only 40 or 84'],
    ['muk', master, 'have 86 characters, and muk accepts only 40 or 84'],
    ['keerati', { ...odoo19, ...master }, 'accepts only 40'],
  ])('is refused: %s', (name, files, message) => {
    expect(() => check(name, files)).toThrow(
      expect.objectContaining({ name: 'OperatorError', exitCode: EXIT.refused }),
    );
    expect(() => check(name, files)).toThrow(message);
  });

  it('is taken once the operator vouches for the ids', () => {
    check('camptocamp', master, ['urlsafe86']);
    expect(() => check('camptocamp', odoo17, ['urlsafe86'])).toThrow('have 40 characters');
  });

  it.each([
    ['camptocamp', odoo17],
    ['camptocamp', odoo19],
    ['smile', odoo17],
    ['smile', { ...odoo17, ...odoo19 }],
    ['generic', master],
    ['camptocamp', {}],
    ['camptocamp', { README: 'x', 'tmpabcdefgh.__wz_sess': 'x' }],
  ])('is not %s beside a store of which it accepts some, or nothing is known', (name, files) => {
    check(name, files);
  });
});

describe("camptocamp's module before a store of Odoo 18", () => {
  it('is refused, with the patch that helps', () => {
    expect(() => check('camptocamp', odoo18)).toThrow(expect.objectContaining({ exitCode: EXIT.refused }));
    expect(() => check('camptocamp', { ...odoo17, ...odoo18 })).toThrow(/Odoo 18.*is_valid_key.*--sids 84/);
  });

  it('is taken once the operator has patched it, and beside any sign of Odoo 19', () => {
    check('camptocamp', odoo18, ['urlsafe84']);
    check('camptocamp', { ...odoo18, ...odoo19 });
  });

  it('is the only one: others for Odoo 18 take its ids', () => {
    check('muk', odoo18);
    check('mangono', odoo18);
    check('generic', odoo18);
  });

  it('is refused although thousands of leftovers of older series lie in front', () => {
    const store = storeOf(odoo18);
    for (let i = 0; i < 20_500; i++) writeFileSync(`${store}/${flat(hex40(i))}`, '');
    expect(() => check('camptocamp', store)).toThrow('Odoo 18');
  });
});
