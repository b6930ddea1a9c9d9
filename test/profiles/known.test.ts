import { describe, expect, it } from 'vitest';
import { KNOWN_PROFILES, profileNamed } from '../../src/profiles/known.js';
import { keyTemplateOf, type Profile } from '../../src/profiles/profile.js';
import { DAY, HOUR, hex40 } from '../samples.js';

const named = (name: string): Profile => profileNamed(name) as Profile;

/** The key under which the reader looks for a session. */
function keyOf(name: string, prefix: string, sid: string): string {
  const { before, after } = keyTemplateOf(named(name), prefix);
  return before + sid + after;
}

const sid = hex40(1);

describe('the profiles', () => {
  it('are the readers that the program promises to know', () => {
    const names = KNOWN_PROFILES.map((profile) => profile.name);
    expect(names).toEqual(['camptocamp', 'camptocamp-7', 'mangono', 'smile', 'keerati', 'muk', 'generic']);
    expect(profileNamed('Camptocamp')).toBeUndefined();
    expect(profileNamed('constructor')).toBeUndefined();
  });

  it.each([
    ['camptocamp', '', `session:${sid}`],
    // Two colons: what the code of every released branch makes, whatever its README says.
    ['camptocamp', 'shop', `session::shop:${sid}`],
    ['camptocamp', 'a:b', `session::a:b:${sid}`],
    ['camptocamp-7', '', `session:${sid}`],
    ['camptocamp-7', 'shop', `session::shop:${sid}`],
    ['mangono', '', `session:${sid}`],
    ['mangono', 'shop', `session::shop:${sid}`],
    ['smile', '', sid],
    ['smile', 'shop:', `shop:${sid}`],
    ['keerati', '', `session:${sid}`],
    ['muk', '', sid],
    ['muk', 'shop', `shop${sid}`],
    ['generic', '', `session:${sid}`],
    ['generic', 'shop:', `session:shop:${sid}`],
  ])('%s with the prefix %j reads %s', (name, prefix, key) => {
    expect(keyOf(name, prefix, sid)).toBe(key);
  });

  it.each([
    ['camptocamp', { encoding: 'c2c-json', databaseIndex: 0, sids: ['hex40', 'urlsafe84'], rejectsOdoo18Sids: true }],
    [
      'camptocamp-7',
      { encoding: 'pickle', pickleProtocol: 2, databaseIndex: 0, sids: ['hex40'], rejectsOdoo18Sids: false },
    ],
    ['mangono', { encoding: 'c2c-json', databaseIndex: 0, sids: ['hex40', 'urlsafe84'] }],
    ['smile', { encoding: 'pickle', pickleProtocol: 4, databaseIndex: 1, sids: ['hex40'], onUndecodable: 'HTTP 500' }],
    ['keerati', { encoding: 'pickle', pickleProtocol: 2, databaseIndex: 0, sids: ['hex40'] }],
    ['muk', { encoding: 'pickle', databaseIndex: 1, sids: ['hex40', 'urlsafe84'], onUndecodable: 'HTTP 500' }],
    ['generic', { encoding: 'json', databaseIndex: 0, sids: ['hex40', 'urlsafe84', 'urlsafe86'] }],
  ])('%s has the contract that was read from its source', (name, contract) => {
    expect(named(name)).toMatchObject(contract);
  });

  it.each([
    ['camptocamp', 7 * DAY, 3 * HOUR, true],
    ['camptocamp-7', 7 * DAY, 3 * HOUR, true],
    ['mangono', 7 * DAY, 3 * HOUR, true],
    ['smile', 7 * DAY, 7 * DAY, false],
    ['keerati', 7 * DAY, 7 * DAY, false],
    ['muk', 7 * DAY, 7 * DAY, false],
    ['generic', 7 * DAY, 7 * DAY, false],
  ])('%s lets logins live %i ms and visitors %i ms', (name, authenticatedLifetimeMs, anonymousLifetimeMs, honours) => {
    expect(named(name)).toMatchObject({ authenticatedLifetimeMs, anonymousLifetimeMs, honoursExpiration: honours });
  });

  it('each say in a line what they are, and where that was read', () => {
    for (const { name, title, source, odoo } of KNOWN_PROFILES) {
      expect(title.length, name).toBeLessThan(60);
      expect(`${source}${odoo}`, name).not.toContain('\n');
      if (name !== 'generic') expect(source, name).toMatch(/^https:\/\//);
    }
  });
});
