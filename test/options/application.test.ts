import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { builtInTemplate } from '../../src/applications/built-in.js';
import { Faults } from '../../src/errors.js';
import { namedTemplate } from '../../src/options/application.js';
import { OptionReader } from '../../src/options/read.js';
import { readConfiguredReader, readMadeApplication } from '../../src/options/reader.js';
import { settleWith } from '../../src/options/settle.js';
import { temporaryDirectory } from '../support/temporary-directory.js';

const directory = temporaryDirectory();
const config = join(directory, 'config.yaml');
const nameOf = async (words: string[], environment: NodeJS.ProcessEnv = {}) =>
  (await namedTemplate(words, { HOME: directory, ...environment }))?.name ?? null;

describe('the application of a run', () => {
  it.each([
    ['the command line', ['migrate', '/s', '--app', 'laravel'], {}, 'laravel'],
    ['the command line, in one word', ['migrate', '/s', '--app=php'], { SESS2REDIS_APP: 'laravel' }, 'php'],
    ['the environment', ['migrate', '/s'], { SESS2REDIS_APP: 'symfony' }, 'symfony'],
    ['the configuration file', ['migrate', '/s', '--config', config], {}, 'django'],
    ["the configuration file's own part of a command", ['sync', '/s', `--config=${config}`], {}, 'express'],
    ['the command line before the file', ['sync', '/s', '--app', 'odoo', '--config', config], {}, null],
    ['nowhere', ['migrate', '/s'], {}, null],
  ])('is named by %s', async (_, words, environment, name) => {
    writeFileSync(config, 'app: django\nsync:\n  app: express\n');
    expect(await nameOf(words, environment)).toBe(name);
  });

  it('is asked of no file where help is wanted', async () => {
    for (const words of [['migrate', '--help'], ['help', 'migrate'], ['--version']]) {
      expect(await nameOf([...words, '--config', join(directory, 'missing.yaml')])).toBeNull();
    }
    await expect(nameOf(['migrate', '--config', join(directory, 'missing.yaml')])).rejects.toThrow(/cannot be read/);
  });

  it('that there is not is a fault, wherever it is named', async () => {
    const other = join(directory, 'other.yaml');
    writeFileSync(other, 'app: larvel\n');
    await expect(nameOf(['migrate', '--config', other])).rejects.toThrow('--app is "larvel": did you mean laravel?');
  });
});

it.each([
  ['audit', readConfiguredReader, { 'odoo-db': ['shop'] }, 'odoo-db'],
  ['audit', readConfiguredReader, { prefix: 'x' }, 'prefix'],
  ['generate', readMadeApplication, { odoo: '17' }, 'odoo'],
  ['generate', readMadeApplication, { junk: '5' }, 'junk'],
] as const)('%s refuses what another application alone has, and says so once', (command, read, raw, name) => {
  const faults = new Faults();
  const settled = settleWith(command, raw, {});
  settled.template = builtInTemplate('magento');
  read(new OptionReader(settled, faults));
  expect(() => faults.throwIfAny()).toThrow(
    new RegExp(`^--${name} (is no option of|goes with Odoo, not with) magento: leave it out$`),
  );
});
