import { OF_EXPORT, OF_VERIFY, OPTIONS, type OptionName } from '../../options-table.js';
import { type Command, SOURCES } from '../command-line.js';

/** Options that only make sense for a run that writes. */
const WRITING: readonly OptionName[] = [
  ...(['dry-run', 'conflict', 'state-dir', 'throttle', 'give-up-after'] as const),
  ...(['every', 'final', 'repair', 'cutover-done', 'max-delete'] as const),
];
const OWN_OPTIONS = (Object.keys(OPTIONS) as OptionName[]).filter(
  (name) => ![...WRITING, ...OF_VERIFY, ...OF_EXPORT].includes(name),
);

/** Reads everything, writes nothing: what would move, what would not and why, and whether it will fit. */
export const auditCommand: Command = {
  usage: 'audit <source...>',
  describe: 'read only: what would move, what would not and why, will it fit',
  examples: [
    ['$0 audit /var/lib/odoo/sessions', 'no Redis needed'],
    ['$0 audit /var/lib/odoo/sessions --to redis://localhost --report audit.html', 'will it fit? with pictures'],
    ['$0 audit /var/lib/odoo/sessions --odoo-db shop --json', 'for a script: the last line is the summary'],
  ],
  arguments: SOURCES,
  options: OWN_OPTIONS,
  load: async () => (await import('../audit.js')).runAudit,
};
