/** The C loop, compiled at first use into the bench's temporary directory. */
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { timed } from '../child.mjs';

const source = fileURLToPath(new URL('./read-loop.c', import.meta.url));

export const readLoop = {
  name: 'read loop in C',
  unavailable() {
    try {
      execFileSync('cc', ['--version'], { stdio: 'ignore' });
      return undefined;
    } catch {
      return 'no C compiler (cc)';
    }
  },
  async run({ store, temporary }) {
    const program = join(temporary, 'read-loop');
    if (!existsSync(program)) execFileSync('cc', ['-O2', '-Wall', '-o', program, source], { stdio: 'inherit' });
    const { seconds, stdout } = await timed(program, [store.path]);
    const [files] = stdout.split(' ');
    if (Number(files) !== store.sessions) throw new Error(`the C loop read ${files} of ${store.sessions} files`);
    return { seconds, sessions: store.sessions };
  },
};
