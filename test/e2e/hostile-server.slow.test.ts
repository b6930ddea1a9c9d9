import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { Cli, type CliResult } from '../support/cli.js';
import { RedisServer } from '../support/redis-server.js';
import { RefusingBox, type Rule } from '../support/refusing-box.js';
import { makeWorkspace } from '../support/workspace.js';

const work = makeWorkspace();
const cli = new Cli(join(work, 'home'));
const redis = RedisServer.forFile(work);
const store = join(work, 'store');

/** A migrate of some sessions by way of a box; the store is made when it is first needed. */
async function migrate(
  rule: Rule,
  words: readonly string[] = [],
  env: Record<string, string> = {},
): Promise<CliResult> {
  await cli.run(['generate', store, '--sessions', '200']);
  await redis.flush();
  const box = await RefusingBox.forTest({ path: redis.socket }, rule);
  const state = join(work, `state-${box.port}`);
  const line = ['migrate', store, '--to', box.url, '--state-dir', state, '--json', '--give-up-after', '20s', ...words];
  return cli.run(line, { env });
}

/** Nothing that is left of a run may hold a whole id, a token, or what a terminal obeys. */
function expectFitToShow({ stdout, stderr }: CliResult): void {
  const said = stdout + stderr;
  expect(said).not.toMatch(/[\w-]{40,}/);
  expect(said).not.toMatch(/session_token|hunter2/);
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is looked for
  expect(said).not.toMatch(/[\x00-\x08\x0b-\x1f\x7f-\x9f]/);
  expect(said).not.toMatch(/^ +at /m);
}

/** Answers what sets a session, and no probe or canary. */
const session =
  (answer: (words: readonly string[]) => string): Rule =>
  (words) =>
    words[0] === 'SET' && words[1]?.startsWith('session:') && words.includes('PXAT') ? answer(words) : null;

const nth = (command: string, first: number, answer: (words: readonly string[]) => string): Rule => {
  let count = 0;
  return (words) => (words[0] === command && ++count >= first ? answer(words) : null);
};

describe('a migrate to a server', () => {
  it.each<[string, Rule, number]>([
    ['that repeats what it got', session((words) => `-ERR unknown command '${words.join("' '")}'\r\n`), 8],
    ['that answers with control characters', session(() => '-ERR \x1b]0;PWNED\x07\x1b[2J\x9b31m\r\n'), 8],
    ['that answers INFO without end', nth('INFO', 1, () => '$9000000000000000\r\nxxxx'), 7],
    ['that answers INFO too deeply', nth('INFO', 1, () => '*1\r\n'.repeat(5000)), 7],
    ['that answers one too many', nth('INFO', 1, () => ':1\r\n:2\r\n'), 5],
    ['that is none', () => 'HTTP/1.1 400 Bad Request\r\n\r\n', 2],
    ['that has no INFO', nth('INFO', 1, () => '-ERR unsupported command\r\n'), 8],
  ])('%s ends with a sentence and the summary', async (_what, rule, exitCode) => {
    const result = await migrate(rule);
    expect({ code: result.code, error: result.stderr }).toMatchObject({ code: exitCode });
    expect(result.summary).toMatchObject({ exitCode });
    expectFitToShow(result);
  });

  it('without INFO is complete where the operator says so', async () => {
    const result = await migrate(
      nth('INFO', 1, () => '-ERR unsupported command\r\n'),
      ['--skip-capacity-check'],
    );
    expect({ code: result.code, error: result.stderr }).toMatchObject({ code: 0 });
    expect(result.stdout).toContain('may not run info');
  });

  it('prints no command that it sends, whatever the environment asks of libraries', async () => {
    const result = await migrate(() => null, ['--log-level', 'debug'], { DEBUG: '*', SESS2REDIS_PASSWORD: 'hunter2' });
    expectFitToShow(result);
    expect(result.stderr).not.toContain('ioredis');
  });
});
