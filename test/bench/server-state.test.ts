import { describe, expect, it } from 'vitest';
import { readState, refuseUnfit, serverWarningsOf } from '../../src/bench/server-state.js';
import { EXIT, OperatorError } from '../../src/errors.js';
import { parseTarget } from '../../src/redis/endpoint.js';

const state = (...lines: string[]) =>
  readState(['redis_version:7.0.15', 'role:master', 'loading:0', ...lines].join('\r\n'));
const target = parseTarget('redis://example:6379/2');

function refusal(lines: string[], isYes = false): OperatorError | null {
  try {
    refuseUnfit(state(...lines), target, isYes);
    return null;
  } catch (error) {
    return error as OperatorError;
  }
}

describe('a server that is to be loaded', () => {
  it.each([
    ['an old version', ['redis_version:6.0.16'], /6\.0\.16.*6\.2/, EXIT.refused],
    ['a replica', ['role:slave'], /replica/, EXIT.refused],
    ['a node of a cluster', ['cluster_enabled:1'], /cluster/, EXIT.refused],
    ['one that is loading', ['loading:1'], /run again/, EXIT.temporary],
    ['a database with keys', ['db2:keys=1200,expires=3'], /1,200 keys.*--yes/, EXIT.refused],
  ])('is refused: %s', (_what, lines, sentence, exitCode) => {
    const error = refusal(lines);
    expect(error).toBeInstanceOf(OperatorError);
    expect(error?.message).toMatch(sentence);
    expect(error?.exitCode).toBe(exitCode);
  });

  it('is taken when it is empty, and with a warning when others hold keys elsewhere in it', () => {
    expect(refusal([])).toBeNull();
    expect(serverWarningsOf(state(), target)).toEqual([]);
    expect(refusal(['db0:keys=7,expires=0'])).toBeNull();
    expect(serverWarningsOf(state('db0:keys=7,expires=0'), target)).toEqual([
      expect.stringContaining('7 keys of others'),
    ]);
  });

  it('is taken with keys in it when the operator says so, and only for that', () => {
    expect(refusal(['db2:keys=1,expires=0'], true)).toBeNull();
    expect(refusal(['db2:keys=1,expires=0', 'role:slave'], true)?.message).toMatch(/replica/);
  });
});
