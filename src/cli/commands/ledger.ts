import type { OptionName } from '../../options-table.js';
import { type Command, SOURCES } from '../command-line.js';

/** Those that name the ledger: the default state directory follows from them. */
const OWN_OPTIONS: readonly OptionName[] = [
  'state-dir',
  'to',
  'profile',
  'odoo',
  'prefix',
  'key-template',
  'encoding',
  'odoo-db',
  'shard',
  'json',
];
/** Shows what a ledger holds. It names no session. */
export const ledgerCommand: Command = {
  usage: 'ledger [source...]',
  describe: 'what a state directory holds: counts, last passes, whose it is',
  examples: [
    ['$0 ledger --state-dir /var/lib/sess2redis', 'a directory that you named'],
    ['$0 ledger /var/lib/odoo/sessions --to redis://localhost:6379/0', 'the one that this migrate or sync uses'],
  ],
  arguments: SOURCES,
  options: OWN_OPTIONS,
  load: async () => (await import('../ledger.js')).runLedger,
};
