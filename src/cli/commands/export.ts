import { OF_VERIFY, OPTIONS, type OptionName } from '../../options-table.js';
import type { Command } from '../command-line.js';

const NOT_MINE: readonly OptionName[] = [
  ...(['to', 'conflict', 'sids', 'lanes', 'report', 'accept-eviction', 'skip-capacity-check'] as const),
  ...(['every', 'final', 'repair', 'cutover-done', 'max-delete'] as const),
  ...OF_VERIFY,
];
const OWN_OPTIONS = (Object.keys(OPTIONS) as OptionName[]).filter((name) => !NOT_MINE.includes(name));

/** The way back: every session in Redis becomes the file that the chosen Odoo reads. */
export const exportCommand: Command = {
  usage: 'export <directory>',
  describe: 'the way back: sessions from Redis into the files of a chosen Odoo',
  examples: [
    ['$0 export /var/lib/odoo/sessions-back --from redis://localhost --odoo 17', 'as root: files belong to Odoo'],
    ['$0 export /tmp/look --from unix:///run/redis/redis.sock --odoo 15 --dry-run', 'everything but the writing'],
  ],
  options: OWN_OPTIONS,
  arguments: { directory: "Odoo's session directory, or a new one" },
  flagOnly: ['force'],
  load: async () => (await import('../export.js')).runExportCommand,
};
