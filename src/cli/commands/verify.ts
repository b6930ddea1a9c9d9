import { OF_EXPORT, OPTIONS, type OptionName } from '../../options-table.js';
import { type Command, SOURCES } from '../command-line.js';

/** Options of commands that write, and of those that read sessions from Redis into files. */
const NOT_MINE: readonly OptionName[] = [
  ...(['dry-run', 'conflict', 'fail-if-empty', 'accept-eviction', 'skip-capacity-check'] as const),
  ...OF_EXPORT,
  ...(['every', 'final', 'repair', 'cutover-done', 'max-delete'] as const),
];
const OWN_OPTIONS = (Object.keys(OPTIONS) as OptionName[]).filter((name) => !NOT_MINE.includes(name));

/** Compares files with what Redis holds, by meaning and expiry; writes nothing. */
export const verifyCommand: Command = {
  usage: 'verify <source...>',
  describe: 'compare files with Redis, by meaning and expiry',
  examples: [
    ['$0 verify /var/lib/odoo/sessions --to redis://localhost:6379/0', 'with the options of your migrate'],
    ['$0 verify /var/lib/odoo/sessions --to redis://localhost:6379/0 --sample 3000', 'quick, and how sure'],
  ],
  arguments: SOURCES,
  options: OWN_OPTIONS,
  load: async () => (await import('../verify.js')).runVerify,
};
