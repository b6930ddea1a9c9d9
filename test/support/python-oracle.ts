import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Notation } from './python-notation.js';

const SCRIPT = fileURLToPath(new URL('../../fixtures/pickle/oracle.py', import.meta.url));

/** Whether a CPython is on PATH; tests that ask it say so when they are skipped. */
export const hasPython = spawnSync('python3', ['-c', 'import sys; sys.exit(sys.version_info < (3, 8))']).status === 0;

type Question = 'dumps-plain' | 'dumps-c2c' | 'loads' | 'json-loads' | 'opcodes';

/** Asks CPython everything at once, see fixtures/pickle/oracle.py. */
export function askPython<Answer = Notation>(questions: [Question, Notation][]): Answer[] {
  const { stdout, stderr, status } = spawnSync('python3', ['-B', SCRIPT], {
    input: JSON.stringify(questions),
    maxBuffer: 256 * 1024 * 1024,
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(`python3 failed: ${stderr}`);
  return JSON.parse(stdout) as Answer[];
}
