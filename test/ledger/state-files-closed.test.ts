import { mkdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { EXIT } from '../../src/errors.js';
import { hasSecret, readSecret } from '../../src/ledger/state-files.js';
import { makeWorkspace } from '../support/workspace.js';

const work = makeWorkspace();

/** A loop of links: the system can't say whether there is a file, to root no more than to others. */
function closedState(name: string): string {
  const state = join(work, name);
  mkdirSync(state);
  symlinkSync('secret', join(state, 'secret'));
  return state;
}

describe('a secret that cannot be looked at', () => {
  it.each([
    ['asked for', hasSecret],
    ['read', readSecret],
  ] as const)('is not taken for an absent one when it is %s', (name, use) => {
    const refusal = expect.objectContaining({
      name: 'OperatorError',
      exitCode: EXIT.permission,
      message: expect.stringMatching(/secret cannot be looked at \(ELOOP\): check who may look there$/),
    });
    expect(() => use(closedState(name.slice(0, 5)))).toThrow(refusal);
  });

  it('is absent where nothing is there', () => {
    expect(hasSecret(join(work, 'none'))).toBe(false);
  });
});
