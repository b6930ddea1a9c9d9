import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { Faults } from '../../src/errors.js';
import { COMMAND_NAMES } from '../../src/option-entry.js';
import { readConfig } from '../../src/options/config-file.js';

const PATH = fileURLToPath(new URL('../../examples/config.yaml', import.meta.url));

describe('the example of a configuration', () => {
  it.each(COMMAND_NAMES)('is without a fault for %s', (command) => {
    const faults = new Faults();
    const found = readConfig(PATH, readFileSync(PATH, 'utf8'), command, faults);
    expect(() => faults.throwIfAny()).not.toThrow();
    expect(found.get('max-rejects')?.value).toBe(command === 'migrate' ? '1000' : undefined);
  });
});
