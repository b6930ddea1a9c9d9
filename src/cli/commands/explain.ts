import type { OptionName } from '../../options-table.js';
import type { Command } from '../command-line.js';

const TARGET: readonly OptionName[] = [
  'to',
  'user',
  'password-file',
  'sentinel-user',
  'sentinel-password-file',
  'tls-ca',
  'tls-cert',
  'tls-key',
  'tls-insecure',
  'address-map',
  'json',
];
const READER: readonly OptionName[] = [
  'profile',
  'odoo',
  'prefix',
  'key-template',
  'encoding',
  'honour-expiration',
  'sids',
  'lifetime',
  'anonymous-lifetime',
];
const SELECTION: readonly OptionName[] = ['anonymous', 'odoo-db', 'max-age', 'max-file-size'];
const OWN_OPTIONS = [...TARGET, ...READER, ...SELECTION];

/** Shows every step of the decision about one session. */
export const explainCommand: Command = {
  usage: 'explain <session>',
  describe: 'the whole decision for one session, step by step',
  examples: [
    ['$0 explain /var/lib/odoo/sessions/3f/3fa9...', 'by its file'],
    ['$0 explain - --source /var/lib/odoo/sessions --to redis://localhost', 'by its id, typed on stdin'],
  ],
  options: OWN_OPTIONS,
  arguments: { session: 'a session file, a session id, or - to read the id from stdin' },
  ownOptions: {
    source: { type: 'string', group: 'Which sessions', describe: 'store in which to look for an id' },
  },
  load: async () => (await import('../explain.js')).runExplain,
};
