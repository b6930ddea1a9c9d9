import { OF_EXPORT, OF_VERIFY, OPTIONS, type OptionName } from '../../options-table.js';
import { type Command, SOURCES } from '../command-line.js';

const OF_SYNC: readonly OptionName[] = ['every', 'final', 'repair', 'cutover-done'];
const OWN_OPTIONS = (Object.keys(OPTIONS) as OptionName[]).filter(
  (name) => ![...OF_SYNC, ...OF_VERIFY, ...OF_EXPORT].includes(name),
);

/** Loads the sessions once; the same line again finds what is there and goes on. */
export const migrateCommand: Command = {
  usage: 'migrate <source...>',
  describe: 'move sessions into Redis',
  examples: [
    ['$0 migrate /var/lib/odoo/sessions --to redis://localhost:6379/0', 'the default reader, camptocamp'],
    ['$0 migrate /var/lib/odoo/sessions --to unix:///run/redis/redis.sock --dry-run', 'everything but the writing'],
    ["$0 migrate '/srv/*/sessions' --to rediss://redis.internal --prefix shop --rate 5k", 'many stores, gently'],
  ],
  arguments: SOURCES,
  options: OWN_OPTIONS,
  load: async () => (await import('../migrate.js')).runMigrate,
};
