import { MIXED } from '../../generate/series.js';
import type { OptionEntry } from '../../options-table.js';
import { SERIES } from '../../source/odoo-series.js';
import type { Command } from '../command-line.js';

const own = (describe: string, type: OptionEntry['type'] = 'string'): OptionEntry => ({
  type,
  group: 'Which sessions',
  describe,
});

/** Makes a store to rehearse on. */
export const generateCommand: Command = {
  usage: 'generate <directory>',
  describe: "a synthetic store, any Odoo version's layout and format",
  examples: [
    ['$0 generate /tmp/store --sessions 200k', 'a directory that was kept through upgrades'],
    ['$0 generate /tmp/store18 --sessions 1000 --odoo 18', 'one series'],
  ],
  options: ['json'],
  arguments: { directory: 'a new or empty directory' },
  ownOptions: {
    sessions: own('how many, as in 200k  [default: 10k]'),
    odoo: own(`series: ${SERIES.map(({ name }) => name).join(', ')}, or mixed (${MIXED.join(', ')})  [default: mixed]`),
    junk: own('further entries that are no sound sessions  [default: 0]'),
    'odoo-db': own('database that the sessions are of (repeatable)  [default: shop]', 'array'),
    seed: own('number; the same seed makes the same sessions  [default: 1]'),
  },
  load: async () => (await import('../generate.js')).runGenerate,
};
