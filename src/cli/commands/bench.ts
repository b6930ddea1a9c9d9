import { DEFAULT_ODOO, DEFAULT_STEPS } from '../../options-bench.js';
import type { OptionEntry, OptionName } from '../../options-table.js';
import { SERIES } from '../../source/odoo-series.js';
import type { Command } from '../command-line.js';

const SHARED_OPTIONS: readonly OptionName[] = [
  ...(['to', 'user', 'password-file', 'tls-ca', 'tls-cert', 'tls-key', 'tls-insecure', 'address-map'] as const),
  ...(['sentinel-user', 'sentinel-password-file'] as const),
  ...(['profile', 'prefix', 'key-template', 'encoding', 'sids', 'lanes'] as const),
  ...(['json', 'report', 'quiet', 'no-color'] as const),
];

const own = (group: OptionEntry['group'], describe: string, type: OptionEntry['type'] = 'string'): OptionEntry => ({
  type,
  group,
  describe,
});

/** Measures what sessions cost in Redis and on the disk, and how fast they move from the one to the other. */
export const benchCommand: Command = {
  usage: 'bench',
  describe: 'memory per session and rates, on this disk and a Redis of its own',
  examples: [
    ['$0 bench', 'up to a million, in a private server and as files in this directory'],
    ['$0 bench --sessions 100k,1M,8M --odoo 15 --files /srv', 'as many as it takes, on another disk'],
    ['$0 bench --no-files --to redis://test:6379/9', 'the memory of a server of yours; its keys are deleted again'],
  ],
  options: SHARED_OPTIONS,
  ownOptions: {
    sessions: own('Which sessions', `how many at each step, as in 100k,1M,8M  [default: ${DEFAULT_STEPS}]`),
    odoo: own(
      'Which sessions',
      `series: ${SERIES.map(({ name }) => name).join(', ')}, or mixed  [default: ${DEFAULT_ODOO}]`,
    ),
    seed: own('Which sessions', 'number; the same seed makes the same sessions  [default: 1]'),
    files: own('Which sessions', 'directory on the disk to measure  [default: the current one]'),
    'no-files': own('Which sessions', 'only Redis: no files, no migrate', 'boolean'),
    'drop-caches': own(
      'Pace and limits',
      'migrate with cold caches too; slows the whole machine for a while',
      'boolean',
    ),
    yes: own('Target', 'load into the database that --to names although it holds keys', 'boolean'),
  },
  // A target that was set for migrations is no place for random sessions.
  flagOnly: ['to', 'yes', 'drop-caches'],
  load: async () => (await import('../bench.js')).runBench,
};
