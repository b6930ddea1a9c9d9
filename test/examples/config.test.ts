import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { nameOf, optionsOf } from '../../src/cli/command.js';
import { COMMANDS } from '../../src/cli/commands.js';
import { readConfig } from '../../src/options/config-file.js';
import { Faults } from '../../src/options/read.js';

const PATH = fileURLToPath(new URL('../../examples/config.yaml', import.meta.url));

describe('the example of a configuration', () => {
  it.each(COMMANDS.map(nameOf))('is without a fault for %s', (command) => {
    const faults = new Faults();
    const vocabularies = new Map(COMMANDS.map((each) => [nameOf(each), optionsOf(each)]));
    const found = readConfig(PATH, readFileSync(PATH, 'utf8'), command, vocabularies, faults);
    expect(() => faults.throwIfAny()).not.toThrow();
    expect(found.get('max-rejects')?.value).toBe(command === 'migrate' ? '1000' : undefined);
  });
});
