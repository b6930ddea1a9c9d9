import type { OptionName } from '../../options-table.js';
import type { Command } from '../command-line.js';

const OWN_OPTIONS: readonly OptionName[] = [
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
  'fail-if-empty',
  'json',
];

/** Names the readers whose keys are in Redis already. */
export const detectCommand: Command = {
  usage: 'detect',
  describe: 'which profile and prefix the keys in Redis follow',
  examples: [
    ['$0 detect --to redis://localhost', 'in all databases of that server'],
    ['$0 detect --to unix:///run/redis/redis.sock --json --fail-if-empty', 'for a script'],
  ],
  options: OWN_OPTIONS,
  load: async () => (await import('../detect.js')).runDetect,
};
