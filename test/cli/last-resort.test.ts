import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const MODULES = new URL('../../dist/cli/', import.meta.url);
const SID = 'fa4e'.repeat(10);

/** Runs `text` with the two modules' functions at hand, as the program does. */
function runs(text: string): { status: number | null; stdout: string; stderr: string } {
  const program = `
    import { lastResort } from '${new URL('last-resort.js', MODULES)}';
    import { interruption } from '${new URL('signals.js', MODULES)}';
    lastResort((error) => { process.stdout.write('told\\n'); return 1; });
    ${text}`;
  return spawnSync(process.execPath, ['--input-type=module', '-e', program], { encoding: 'utf8' });
}

describe('an error that nobody catches', () => {
  it.each([
    ['thrown in a listener', "setImmediate(() => { throw new Error('x') }); setInterval(() => {}, 1000);"],
    ['a rejection', "Promise.reject(new Error('x')); setInterval(() => {}, 1000);"],
  ])('%s ends a command that has no run with its last words', (_what, text) => {
    expect(runs(text)).toMatchObject({ status: 1, stdout: 'told\n' });
  });

  it('ends the run that is under way as at a signal, masked', () => {
    const { status, stdout, stderr } = runs(`
      const { signal, done } = interruption();
      const timer = setInterval(() => {}, 1000);
      signal.addEventListener('abort', () => {
        process.stdout.write(\`\${signal.reason.exitCode} \${signal.reason.message}\`);
        clearInterval(timer);
        done();
      });
      setImmediate(() => { throw new Error('session:${SID} \\x1b[2J') });`);
    expect(status).toBe(0);
    expect(stdout).toMatch(/^1 an error that nobody expected: session:fa4efa4e\* \\x1b\[2J; what was written stays/);
    expect(stderr).not.toContain(SID);
  });
});

it('what a library leaves open does not keep a process that has said all', () => {
  const bin = fileURLToPath(new URL('../../bin/sess2redis.js', import.meta.url));
  const env = { PATH: process.env.PATH ?? '', NODE_OPTIONS: '--import=data:text/javascript,setInterval(()=>{},1000)' };
  expect(spawnSync(process.execPath, [bin, 'migrate'], { env, encoding: 'utf8' })).toMatchObject({ status: 2 });
});
