import { expect, it } from 'vitest';
import { afterPass } from '../../src/cli/finished-pass.js';
import { EXIT, type ExitCode } from '../../src/errors.js';
import { systemError } from '../support/system-errors.js';

const fails = () => {
  throw systemError('EIO', 'close', '/state/rejects.jsonl');
};

it.each([
  [EXIT.complete, EXIT.temporary],
  [EXIT.rejects, EXIT.temporary],
  [EXIT.interrupted, EXIT.interrupted],
])('what fails after a pass that ended with %i is a warning, and the exit code %i', async (exitCode, after) => {
  const summary: { exitCode: ExitCode } = { exitCode };
  const warnings: string[] = [];
  await afterPass(fails, summary, warnings);
  expect(summary).toEqual({ exitCode: after });
  expect(warnings).toEqual([expect.stringMatching(/EIO .*rejects\.jsonl/)]);
});
