import type { Command } from '../command-line.js';

/** Shows the readers and their rules, so that the operator can find the one that runs. */
export const profilesCommand: Command = {
  usage: 'profiles',
  describe: 'the readers it knows, with their rules',
  examples: [['$0 profiles', 'keys, values and lifetimes of each']],
  options: ['json'],
  load: async () => (await import('../profiles.js')).runProfiles,
};
