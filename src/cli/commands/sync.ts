import { OF_EXPORT, OF_VERIFY, OPTIONS, type OptionName } from '../../options-table.js';
import { type Command, SOURCES } from '../command-line.js';

const OWN_OPTIONS = (Object.keys(OPTIONS) as OptionName[]).filter(
  (name) => ![...OF_VERIFY, ...OF_EXPORT].includes(name),
);

/** Brings Redis up to date with the files: new, changed and ended sessions. Once, or again and again. */
export const syncCommand: Command = {
  usage: 'sync <source...>',
  describe: 'bring Redis up to date: new, changed and ended sessions',
  examples: [
    ['$0 sync /var/lib/odoo/sessions --to redis://localhost:6379/0 --every 5m', 'while Odoo still runs on files'],
    ['$0 sync /var/lib/odoo/sessions --to redis://localhost:6379/0 --final', 'in the freeze, with Odoo stopped'],
    ['$0 sync /var/lib/odoo/sessions --to redis://localhost:6379/0 --cutover-done', 'stragglers, after the switch'],
  ],
  arguments: SOURCES,
  options: OWN_OPTIONS,
  load: async () => (await import('../migrate.js')).runSync,
};
