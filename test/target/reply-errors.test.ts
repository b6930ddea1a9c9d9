import { describe, expect, it } from 'vitest';
import { EXIT } from '../../src/exit-codes.js';
import { operatorErrorOf } from '../../src/target/reply-errors.js';

describe('an error reply', () => {
  it.each([
    ['NOAUTH Authentication required.', EXIT.permission, 'asks for a password'],
    ['WRONGPASS invalid username-password pair or user is disabled.', EXIT.permission, 'does not accept this user'],
    ['ERR invalid password', EXIT.permission, 'does not accept this user'],
    [
      'ERR AUTH <password> called without any password configured for the default user.',
      EXIT.permission,
      'does not accept',
    ],
    ["NOPERM this user has no permissions to run the 'set' command", EXIT.permission, 'grant it'],
    ['DENIED Redis is running in protected mode', EXIT.permission, 'protected mode'],
    ["OOM command not allowed when used memory > 'maxmemory'.", EXIT.temporary, 'maxmemory'],
    ['MISCONF Redis is configured to save RDB snapshots', EXIT.temporary, 'cannot save'],
    ["READONLY You can't write against a read only replica.", EXIT.temporary, 'read-only replica'],
    ['LOADING Redis is loading the dataset in memory', EXIT.temporary, 'loading'],
    ['BUSY Redis is busy running a script.', EXIT.temporary, 'busy'],
    ["MASTERDOWN Link with MASTER is down and replica-serve-stale-data is set to 'no'.", EXIT.temporary, 'master'],
    ['NOREPLICAS Not enough good replicas to write.', EXIT.temporary, 'replicas'],
    ['MOVED 3999 127.0.0.1:6381', EXIT.refused, 'cluster'],
    ['CLUSTERDOWN Hash slot not served', EXIT.temporary, 'cluster'],
    ['ERR syntax error', EXIT.unexpected, 'the server answered: ERR syntax error'],
  ])('becomes a sentence and an exit code: %s', (reply, exitCode, message) => {
    const error = operatorErrorOf(reply);
    expect(error).toMatchObject({ name: 'OperatorError', exitCode });
    expect(error.message).toContain(message);
  });

  it('that nobody knows is cut to a length that a terminal can bear', () => {
    expect(operatorErrorOf(`ERR ${'x'.repeat(10_000)}`).message.length).toBeLessThan(300);
  });
});
