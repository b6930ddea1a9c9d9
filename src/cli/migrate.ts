import { parseOptions } from '../options.js';
import { OPTIONS, type OptionName } from '../options-table.js';
import { type Command, rawOptionsOf } from './command-line.js';
import { renderEnd, runPassCommand } from './pass-command.js';

const OWN_OPTIONS = Object.keys(OPTIONS) as OptionName[];

/** Loads the sessions once; the same line again finds what is there and goes on. */
export const migrateCommand: Command = {
  usage: 'migrate <source...>',
  describe: 'move sessions into Redis',
  examples: [
    ['$0 migrate /var/lib/odoo/sessions --to redis://localhost:6379/0', 'the default reader, camptocamp'],
    ['$0 migrate /var/lib/odoo/sessions --to unix:///run/redis/redis.sock --dry-run', 'everything but the writing'],
    ["$0 migrate '/srv/*/sessions' --to rediss://redis.internal --prefix shop --rate 5k", 'many stores, gently'],
  ],
  options: OWN_OPTIONS,
  run: (line) => {
    const raw = rawOptionsOf(line, OWN_OPTIONS);
    return runPassCommand('migrate', parseOptions(line.source as string[], raw, process.env, true), {
      render: renderEnd,
      toLines: () => [],
    });
  },
};
