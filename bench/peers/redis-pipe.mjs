/** Redis' own bulk loader, spared of all the work that comes before: the bound that the server sets. */
import { closeSync, openSync } from 'node:fs';
import { timed } from '../child.mjs';
import { commandFile } from '../command-file.mjs';

export const redisPipe = {
  name: 'redis-cli --pipe',
  needsRedis: true,
  prepare: commandFile,
  async run({ store, server }) {
    const commands = openSync(commandFile(store), 'r');
    try {
      const { seconds, stdout } = await timed('redis-cli', ['-s', server.socket, '--pipe'], { stdin: commands });
      const expected = `errors: 0, replies: ${store.sessions}`;
      if (!stdout.endsWith(expected)) throw new Error(`redis-cli --pipe: expected "${expected}" in:\n${stdout}`);
      return { seconds, sessions: store.sessions };
    } finally {
      closeSync(commands);
    }
  },
  check(_, { store, server }) {
    const [held] = server.ask('DBSIZE');
    if (Number(held) !== store.sessions) throw new Error(`redis-cli --pipe: ${held} of ${store.sessions} keys`);
  },
};
