import { homedir } from 'node:os';
import { describe, expect, it } from 'vitest';
import { environmentValue, helpOf, type RawValue, variableOf } from '../../src/options/option.js';
import { settleWith, type TypedOptions } from '../../src/options/settle.js';
import { type OptionName, ROWS, rowOf } from '../../src/options/table.js';

const NAMES = [...new Set(ROWS.map(({ name }) => name))];

/** What a migrate takes from line and environment, by option. */
function given(line: TypedOptions, environment: NodeJS.ProcessEnv): Record<string, RawValue | undefined> {
  const settings = settleWith('migrate', line, environment).settings.filter(({ origin }) => origin.from !== 'default');
  return Object.fromEntries(settings.map(({ name, value }) => [name, value]));
}

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
    for (const row of ROWS) {
      expect(helpOf(row), row.name).toMatch(/^\S.{5,99}$/);
      expect(row.group, row.name).toMatch(/^[A-Z]/);
    }
  });

  it('gives each name one meaning for a command', () => {
    for (const { name, commands } of ROWS) {
      const rows = ROWS.filter(
        (row) => row.name === name && row.commands.some((command) => commands.includes(command)),
      );
      expect(rows, name).toHaveLength(1);
    }
  });
});

describe('the environment', () => {
  it('speaks for every option by a name of its own', () => {
    for (const row of ROWS) {
      const variable = `SESS2REDIS_${row.name.toUpperCase().replaceAll('-', '_')}`;
      const value = environmentValue(row, { [variable]: 'yes' });
      expect(value, row.name).toEqual(row.kind === 'switch' ? true : row.kind === 'list' ? ['yes'] : 'yes');
    }
  });

  it('yields to the command line', () => {
    const environment = { SESS2REDIS_RATE: '5k', SESS2REDIS_DRY_RUN: '1', SESS2REDIS_ODOO_DB: 'a,b' };
    const raw = { rate: '1k', 'dry-run': false, 'odoo-db': ['c'] };
    expect(given(raw, environment)).toEqual(raw);
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
    expect(given({}, { SESS2REDIS_JSON: value })).toEqual({ json: isOn });
  });

  it('lists databases between commas', () => {
    expect(given({}, { SESS2REDIS_ODOO_DB: 'shop,test' })).toEqual({ 'odoo-db': ['shop', 'test'] });
  });

  it('says nothing where a variable is empty, or of another program', () => {
    expect(given({}, { SESS2REDIS_TO: '', TO: 'x', SESS2REDIS_TYPO: 'x', SESS2REDIS_PASSWORD: 'x' })).toEqual({});
  });
});

describe('a path that begins with ~', () => {
  const settingOf = (name: OptionName, text: string) => environmentValue(rowOf(name), { [variableOf(name)]: text });

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
