import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { Faults } from '../../src/errors.js';
import { COMMAND_NAMES } from '../../src/option-entry.js';
import { readConfig } from '../../src/options/config-file.js';
import { renderSettings, type Setting, settingRecords, settle, type TypedOptions } from '../../src/options/settle.js';
import { optionsOf } from '../../src/options/table.js';

const work = mkdtempSync(join(tmpdir(), 'sess2redis-config-'));
afterAll(() => rmSync(work, { recursive: true, force: true }));

function file(name: string, text: string): string {
  const path = join(work, name);
  mkdirSync(join(path, '..'), { recursive: true });
  writeFileSync(path, text);
  return path;
}

const settleMigrate = async (line: TypedOptions, environment: NodeJS.ProcessEnv): Promise<Record<string, Setting>> => {
  const { settings } = await settle('migrate', line, environment);
  return Object.fromEntries(settings.map((setting) => [setting.name, setting]));
};

describe('the value of an option', () => {
  const path = file('all.yaml', 'rate: 3\nlanes: 3\nlimit: 3\njson: true\n');

  it('is the flag, else the variable, else the file, else the default', async () => {
    const environment = { SESS2REDIS_RATE: '2', SESS2REDIS_LANES: '2', SESS2REDIS_CONFIG: path };
    const { rate, lanes, limit, shard, json } = await settleMigrate({ rate: '1', json: false }, environment);
    expect(rate).toEqual({ name: 'rate', value: '1', origin: { from: 'flag' } });
    expect(lanes).toEqual({
      name: 'lanes',
      value: '2',
      origin: { from: 'environment', variable: 'SESS2REDIS_LANES' },
    });
    expect(limit).toEqual({ name: 'limit', value: '3', origin: { from: 'file', path, line: 3 } });
    expect(shard).toEqual({ name: 'shard', value: undefined, origin: { from: 'default' } });
    expect(json).toMatchObject({ value: false, origin: { from: 'flag' } });
  });

  it('is for every option of every command what the file says', async () => {
    for (const command of COMMAND_NAMES) {
      for (const { name, kind, lineOnly, isOutsideFiles } of optionsOf(command)) {
        if (isOutsideFiles || lineOnly?.includes(command)) continue;
        const one = file('one.yaml', `${command}:\n  ${name}: ${kind === 'switch' ? 'true' : 'text'}\n`);
        const { settings } = await settle(command, { config: one }, {});
        const found = settings.find((setting) => setting.name === name);
        expect(found?.origin, `${command} ${name}`).toEqual({ from: 'file', path: one, line: 2 });
      }
    }
  });
});

describe('an option that counts on the command line alone', () => {
  const toOf = async (line: TypedOptions, environment: NodeJS.ProcessEnv) =>
    (await settle('bench', line, environment)).settings.find(({ name }) => name === 'to');

  it('is not set by environment or file', async () => {
    expect((await toOf({}, { SESS2REDIS_TO: 'redis://h' }))?.origin).toEqual({ from: 'default' });
    expect(await toOf({ to: 'redis://h' }, {})).toMatchObject({ value: 'redis://h', origin: { from: 'flag' } });
    const path = file('only.yaml', 'bench:\n  to: redis://h\n');
    await expect(toOf({ config: path }, {})).rejects.toThrow('"to" is no option');
  });
});

describe('the configuration file', () => {
  it('is the one that --config names, else SESS2REDIS_CONFIG, else the one in the usual place', async () => {
    const usual = file('xdg/sess2redis/config.yaml', 'rate: usual\n');
    file('home/.config/sess2redis/config.yaml', 'rate: home\n');
    const named = file('named.yaml', 'rate: named\n');
    const other = file('other.yaml', 'rate: other\n');
    const environment = { XDG_CONFIG_HOME: join(work, 'xdg'), HOME: join(work, 'home') };
    const rate = async (line: TypedOptions, variables: NodeJS.ProcessEnv) =>
      (await settleMigrate(line, variables)).rate;
    expect((await rate({ config: named }, { ...environment, SESS2REDIS_CONFIG: other }))?.value).toBe('named');
    expect((await rate({}, { ...environment, SESS2REDIS_CONFIG: other }))?.value).toBe('other');
    expect((await rate({}, environment))?.origin).toEqual({ from: 'file', path: usual, line: 1 });
    expect((await rate({}, { HOME: join(work, 'home') }))?.value).toBe('home');
    expect((await rate({}, { HOME: join(work, 'home'), XDG_CONFIG_HOME: 'relative' }))?.value).toBe('home');
    expect((await rate({}, { HOME: '/nowhere/fake' }))?.origin).toEqual({ from: 'default' });
    expect((await rate({}, {}))?.origin).toEqual({ from: 'default' });
  });

  it('is asked for by name: a missing one is a fault, with exit code 2', async () => {
    const fault = { exitCode: 2, message: expect.stringContaining('/nowhere/fake cannot be read (ENOENT)') };
    await expect(settleMigrate({ config: '/nowhere/fake' }, {})).rejects.toThrow(expect.objectContaining(fault));
    await expect(settleMigrate({}, { SESS2REDIS_CONFIG: '/nowhere/fake' })).rejects.toThrow(
      expect.objectContaining(fault),
    );
    await expect(settleMigrate({ config: ['a', 'b'] }, {})).rejects.toThrow('--config is given more than once');
    await expect(settleMigrate({ config: work }, {})).rejects.toThrow('cannot be read (EISDIR)');
  });
});

describe('the settings that are shown', async () => {
  const path = file('shown.yaml', 'to: redis://odoo:pass@word@h:6379/0\nodoo-db: [shop, "on"]\nprefix: "007"\n');
  const environment = { SESS2REDIS_RATE: '5k', SESS2REDIS_PASSWORD: 'hunter2', SESS2REDIS_DRY_RUN: '1' };
  const settled = await settle('migrate', { config: path, lanes: '2' }, environment);
  const { settings } = settled;
  const records = settingRecords(settled);
  const text = renderSettings(records);

  it('are every option of the command, each once, and no password', () => {
    const names = optionsOf('migrate').flatMap(({ name }) => (/config$/.test(name) ? [] : [name]));
    expect(records.map(({ name }) => name)).toEqual([...names, 'password']);
    for (const shown of [text, JSON.stringify(records)]) expect(shown).not.toMatch(/hunter2|pass@|word@/);
    expect(text).toMatch(/^# password: "\*\*\*" +# SESS2REDIS_PASSWORD$/m);
    expect(text).toMatch(/^to: "redis:\/\/odoo:\*\*\*@h:6379\/0" +# .*shown\.yaml:1$/m);
  });

  it('name flag, variable, file with line, or default', () => {
    expect(text).toMatch(/^lanes: "2" +# flag --lanes$/m);
    expect(text).toMatch(/^rate: "5k" +# SESS2REDIS_RATE$/m);
    expect(text).toMatch(/^dry-run: true +# SESS2REDIS_DRY_RUN$/m);
    expect(text).toMatch(/^odoo-db: \["shop","on"\] +# .*shown\.yaml:2$/m);
    expect(text).toMatch(/^# conflict: keep +# default$/m);
    expect(text).toMatch(/^# tls-insecure: false +# default$/m);
  });

  it('are a configuration file that says the same', () => {
    const faults = new Faults();
    const again = readConfig('again', text, 'migrate', faults);
    faults.throwIfAny();
    const told = settings.filter(({ origin, name }) => origin.from !== 'default' && name !== 'config' && name !== 'to');
    for (const { name, value } of told) expect(again.get(name)?.value, name).toEqual(value);
    expect(again.size).toBe(told.length + 1);
  });
});
