import { homedir } from 'node:os';
import { describe, expect, it } from 'vitest';
import { environmentValue, OPTIONS, type OptionName, variableOf, withEnvironment } from '../../src/options/table.js';

const NAMES = Object.keys(OPTIONS) as OptionName[];

describe('the table of options', () => {
  it('names every option that the command line promises', () => {
    const promised = [
      ...['to', 'profile', 'prefix', 'lifetime', 'anonymous-lifetime', 'anonymous', 'odoo-db', 'max-age', 'conflict'],
      ...['rate', 'lanes', 'state-dir', 'shard', 'limit', 'max-rejects', 'json', 'log-level', 'log-file', 'dry-run'],
      ...['password-file', 'fail-if-empty'],
    ];
    expect(NAMES).toEqual(expect.arrayContaining(promised));
  });

  it('describes each in a line that a terminal holds', () => {
    for (const name of NAMES) {
      const { describe: text, group } = OPTIONS[name];
      expect(text, name).toMatch(/^\S.{5,99}$/);
      expect(group, name).toMatch(/^[A-Z]/);
    }
  });
});

describe('the environment', () => {
  it('speaks for every option by a name of its own', () => {
    for (const name of NAMES) {
      const variable = `SESS2REDIS_${name.toUpperCase().replaceAll('-', '_')}`;
      const value = withEnvironment({}, { [variable]: 'yes' })[name];
      const { type } = OPTIONS[name];
      expect(value, name).toEqual(type === 'boolean' ? true : type === 'array' ? ['yes'] : 'yes');
    }
  });

  it('yields to the command line', () => {
    const environment = { SESS2REDIS_RATE: '5k', SESS2REDIS_DRY_RUN: '1', SESS2REDIS_ODOO_DB: 'a,b' };
    const raw = { rate: '1k', 'dry-run': false, 'odoo-db': ['c'] };
    expect(withEnvironment(raw, environment)).toEqual(raw);
  });

  it.each([
    ['1', true],
    ['true', true],
    ['yes', true],
    ['0', false],
    ['false', false],
    ['No', false],
    ['OFF', false],
  ])('turns a switch to %s', (value, isOn) => {
    expect(withEnvironment({}, { SESS2REDIS_JSON: value })).toEqual({ json: isOn });
  });

  it('lists databases between commas', () => {
    expect(withEnvironment({}, { SESS2REDIS_ODOO_DB: 'shop,test' })).toEqual({ 'odoo-db': ['shop', 'test'] });
  });

  it('says nothing where a variable is empty, or of another program', () => {
    expect(withEnvironment({}, { SESS2REDIS_TO: '', TO: 'x', SESS2REDIS_TYPO: 'x', SESS2REDIS_PASSWORD: 'x' })).toEqual(
      {},
    );
  });

  it('leaves what it was given untouched', () => {
    const raw = {};
    withEnvironment(raw, { SESS2REDIS_TO: 'redis://h' });
    expect(raw).toEqual({});
  });
});

describe('a path that begins with ~', () => {
  const settingOf = (name: 'state-dir' | 'report' | 'tls-ca' | 'prefix', text: string) =>
    environmentValue(name, OPTIONS[name], { [variableOf(name)]: text });

  it.each(['state-dir', 'report', 'tls-ca'] as const)('lies in the home directory for %s', (name) => {
    expect(settingOf(name, '~/x/y')).toBe(`${homedir()}/x/y`);
    expect(settingOf(name, '~')).toBe(homedir());
  });

  it('stays as it is where ~ is another word, or the value is no path', () => {
    expect(settingOf('state-dir', '~odoo/x')).toBe('~odoo/x');
    expect(settingOf('state-dir', '/x/~/y')).toBe('/x/~/y');
    expect(settingOf('prefix', '~/x')).toBe('~/x');
  });
});
