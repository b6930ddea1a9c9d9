/** What any administrator would try first, and the least that a program can do which reads every file. */
import { timed } from '../child.mjs';

export const tar = {
  name: 'tar',
  async run({ store }) {
    // Through `cat`: GNU tar sees that its output is /dev/null and then reads no file at all.
    const script = 'tar cf - -C "$1" . | cat >/dev/null';
    const { seconds } = await timed('bash', ['-o', 'pipefail', '-c', script, 'bash', store.path]);
    return { seconds, sessions: store.sessions };
  },
};
