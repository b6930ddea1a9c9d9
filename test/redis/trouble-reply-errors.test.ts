import { describe, expect, it } from 'vitest';
import { EXIT } from '../../src/errors.js';
import { operatorErrorOf } from '../../src/redis/trouble.js';

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
    ['ERR syntax error', EXIT.permission, 'the server answered: ERR, '],
    ['WRONGTYPE Operation against a key', EXIT.refused, 'the key holds a list'],
  ])('becomes a sentence and an exit code: %s', (reply, exitCode, message) => {
    const error = operatorErrorOf(reply);
    expect(error).toMatchObject({ name: 'OperatorError', exitCode });
    expect(error.message).toContain(message);
  });

  it('that nobody knows is cut to a length that a terminal can bear', () => {
    expect(operatorErrorOf(`ERR ${'x'.repeat(10_000)}`).message.length).toBeLessThan(300);
  });

  it.each([
    `ERR unknown command 'SET', with args beginning with: 'session:${'a'.repeat(40)}' '{"login": "admin"'`,
    `session:${'a'.repeat(40)} {"login": "admin"`,
    `ERR_${'a'.repeat(40)} "admin"`,
    '\x1b[31madmin',
  ])('that nobody knows is told by its first word and by what was sent, never by what it repeats: %j', (reply) => {
    const { message } = operatorErrorOf(reply, 'SET');
    expect(message).toMatch(/^the server answered: (ERR|an error of its own) \(to SET\), so it does not do this: /);
    expect(message).not.toMatch(/a{9}|admin/);
  });

  it('for a lacking right names the right', () => {
    const { message } = operatorErrorOf("NOPERM User odoo has no permissions to run the 'select' command", 'SELECT');
    expect(message).toContain('grant it +select');
  });
});
