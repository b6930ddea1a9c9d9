import { describe, expect, it } from 'vitest';
import { keyTemplateOf, type Profile } from '../../../src/applications/odoo/profile.js';
import { KNOWN_PROFILES, MODULES, profileNamed } from '../../../src/applications/odoo/profiles.js';
import { DAY, HOUR, hex40 } from '../../support/samples.js';

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
    expect(names).toEqual([
      ...['camptocamp', 'camptocamp-11', 'camptocamp-17', 'camptocamp-18', 'camptocamp-19', 'camptocamp-20'],
      ...['', '-17', '-18', '-19', '-20'].map((release) => `camptocamp-absolute${release}`),
      ...['camptocamp-7', 'mangono', 'mangono-1.2', 'mangono-1.3', 'smile', 'smile-10', 'smile-12'],
      ...['keerati', 'muk', 'odoo_redis_session', 'cb_redis', 'sidecar', 'ab_redis_session', 'generic'],
    ]);
    expect(profileNamed('Camptocamp')).toBeUndefined();
    expect(profileNamed('constructor')).toBeUndefined();
  });

  it.each([
    ['camptocamp-8', 'camptocamp-11'],
    ['camptocamp-8..11', 'camptocamp-11'],
    ['camptocamp-12', 'camptocamp-17'],
    ['camptocamp-12..17', 'camptocamp-17'],
    ['camptocamp-20', 'camptocamp-20'],
    ['camptocamp-absolute-19', 'camptocamp-absolute-19'],
    ['mangono-1.4', 'mangono-1.3'],
    ['mangono-1.2', 'mangono-1.2'],
    ['smile-8..10', 'smile-10'],
    ['smile-11', 'smile-12'],
    ['smile-13', undefined],
    ['camptocamp-11..12', undefined],
    ['camptocamp-21', undefined],
    ['muk-18', undefined],
  ])('%s is the release %s', (name, release) => {
    expect(profileNamed(name)?.name).toBe(release);
  });

  it('differ among the releases of a module in nothing that makes a key', () => {
    for (const { plain, releases } of MODULES) {
      for (const release of releases) {
        expect(keyTemplateOf(release, 'p'), release.name).toEqual(keyTemplateOf(plain, 'p'));
        expect(release.databaseIndex).toBe(plain.databaseIndex);
        if (plain.name !== 'generic') for (const kind of release.sids) expect(plain.sids).toContain(kind);
      }
    }
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
    ['odoo_redis_session', '', `odoo:session:${sid}`],
    ['odoo_redis_session', 'shop', `shop:session:${sid}`],
    ['cb_redis', '', sid],
    ['sidecar', '', `odoo_session:${sid}`],
    ['ab_redis_session', 'entity_5', `entity_5:${sid}`],
    ['generic', '', `session:${sid}`],
    ['generic', 'shop:', `session:shop:${sid}`],
  ])('%s with the prefix %j reads %s', (name, prefix, key) => {
    expect(keyOf(name, prefix, sid)).toBe(key);
  });

  it.each([
    ['camptocamp', { encoding: 'c2c-json', databaseIndex: 0, rejectsOdoo18Sids: true }],
    ['camptocamp-11', { encoding: 'json', sids: ['hex40'] }],
    ['camptocamp-17', { encoding: 'c2c-json', sids: ['hex40'] }],
    ['camptocamp-18', { encoding: 'c2c-json', sids: ['hex40'], rejectsOdoo18Sids: true }],
    ['camptocamp-19', { encoding: 'c2c-json', sids: ['urlsafe84'], honoursExpiration: 'int' }],
    ['camptocamp-20', { encoding: 'c2c-json', sids: ['urlsafe84', 'urlsafe86'], honoursExpiration: 'int' }],
    ['mangono-1.2', { sids: ['hex40'], honoursExpiration: true, renewsOnRead: false }],
    ['smile-10', { pickleProtocol: 2, oldestVerbatimProtocol: 0, renewsOnRead: true }],
    ['smile-12', { pickleProtocol: 4, oldestVerbatimProtocol: 3, renewsOnRead: true }],
    ['sidecar', { encoding: 'pickle', oldestVerbatimProtocol: 3, renewsOnRead: false }],
    ['cb_redis', { encoding: 'json', databaseIndex: 1, renewsOnRead: true }],
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
    ['mangono-1.3', 3 * DAY, 120_000, false],
    ['odoo_redis_session', 7 * DAY, 120_000, false],
    ['sidecar', 7 * DAY, 3 * HOUR, false],
    ['ab_redis_session', DAY, DAY, false],
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
      if (name !== 'generic') expect(source, name).toMatch(/^https:\/\/\S|^\w+ .*; its address is unknown$/);
    }
  });
});
