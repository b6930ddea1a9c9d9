import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { Cli, linesOf } from '../support/cli.js';
import { RedisServer } from '../support/redis-server.js';
import { hexSid, pickledLogin, SessionStore } from '../support/store.js';
import { makeWorkspace } from '../support/workspace.js';

const SESSIONS = 30;
const REJECTS = 12;

const work = makeWorkspace();
const cli = new Cli(join(work, 'home'));
const redis = RedisServer.forFile(work);
const store = new SessionStore(work);
for (let n = 0; n < SESSIONS; n++) store.flat(hexSid(n), pickledLogin(n + 1));
for (let n = 0; n < REJECTS; n++) store.flat(hexSid(100 + n), `broken ${n}`);
const migrate = (...words: string[]) => ['migrate', store.directory, '--to', redis.url, ...words];
beforeEach(() => redis.flush());

describe('what scripts rely on', () => {
  it('is JSON line by line, rejects first and the summary last, and nothing but that on stdout', async () => {
    const { code, lines, summary } = await cli.run(migrate('--json', '--log-level', 'info'));
    // On a slow machine a run tells how far it is.
    const types = lines.map(({ type }) => type).filter((type) => type !== 'status');
    expect(types).toEqual([...Array(REJECTS).fill('reject'), 'summary']);
    expect(lines.find(({ type }) => type === 'reject')).toMatchObject({
      outcome: 'malformed',
      reason: expect.any(String),
      offset: 0,
    });
    expect(summary).toMatchObject({
      version: 1,
      command: 'migrate',
      dryRun: false,
      profile: 'camptocamp',
      release: 'camptocamp-11',
      exitCode: 3,
    });
    expect(summary.outcomes).toEqual({ written: SESSIONS, malformed: REJECTS });
    expect(code).toBe(3);
  });

  it('is the list of rejects, each of this run once', async () => {
    const state = join(work, 'state');
    for (let run = 0; run < 2; run++) await cli.run(migrate('--state-dir', state));
    const list = linesOf(readFileSync(join(state, 'rejects.jsonl'), 'utf8')).map(
      (line) => JSON.parse(line) as { path: string },
    );
    expect(list.length).toBe(REJECTS);
    const wanted = Array.from(
      { length: REJECTS },
      (_, n) => `${store.directory}/werkzeug_${hexSid(100 + n).slice(0, 8)}*.sess`,
    );
    expect(list.map(({ path }) => path).sort()).toEqual(wanted.sort());
  });

  it('is that text and JSON say the same', async () => {
    const { stdout, stderr } = await cli.run(migrate());
    expect(stdout).toMatch(new RegExp(`written\\s+${SESSIONS}\\b`));
    expect(stdout).toMatch(new RegExp(`malformed\\s+${REJECTS}\\b`));
    expect(stdout).toMatch(/and \d+ more/);
    expect(stderr).toMatch(/rejects are listed in .*rejects\.jsonl/);
  });

  it('is that options of the environment count, and those of the command line count more', async () => {
    const env = { SESS2REDIS_PREFIX: 'from-env', SESS2REDIS_JSON: '1', SESS2REDIS_ODOO_DB: 'shop,other' };
    const { summary } = await cli.run(migrate(), { env });
    expect(summary.outcomes.written).toBe(SESSIONS);
    expect([...(await redis.contents()).keys()].every((key) => key.startsWith('session::from-env:'))).toBe(true);
    await redis.flush();
    await cli.run(migrate('--prefix', 'from-flag', '--odoo-db', 'another'), { env });
    expect(await redis.size()).toBe(0);
    await cli.run(migrate('--prefix', 'from-flag'), { env });
    expect([...(await redis.contents()).keys()].every((key) => key.startsWith('session::from-flag:'))).toBe(true);
  });

  it('is that two runs at once share the work and neither fails', async () => {
    const runs = await Promise.all(
      [1, 2].map((n) => cli.run(migrate('--json', '--state-dir', join(work, `twin${n}`)))),
    );
    const [first, second] = runs.map(({ summary }) => summary.outcomes);
    expect((first?.written ?? 0) + (second?.written ?? 0)).toBe(SESSIONS);
    for (const { summary } of runs) {
      expect((summary.outcomes.written ?? 0) + (summary.outcomes.same ?? 0)).toBe(SESSIONS);
      expect(summary.exitCode).toBe(3);
    }
  });

  it('is that --help ends in the exit codes, and that of each command says where they are', async () => {
    const { code, stdout } = await cli.run(['--help']);
    expect(code).toBe(0);
    for (const exit of [0, 1, 2, 3, 5, 6, 7, 8, 9, 130]) expect(stdout).toMatch(new RegExp(`^\\s+${exit}  \\w`, 'm'));
    const commands = [['migrate'], ['audit'], ['explain'], ['generate']];
    for (const run of await Promise.all(commands.map((words) => cli.run([...words, '--help'])))) {
      expect(run.code).toBe(0);
      expect(run.stdout).toMatch(/^Exit codes: see sess2redis --help$/m);
    }
  });
});

describe('what scripts rely on as well', () => {
  it.each<[string, string[], Record<string, string>]>([
    ['SESS2REDIS_JSON', [], { SESS2REDIS_JSON: '1' }],
    ['--json=true', ['--json=true'], {}],
  ])('is a summary at the end of a run that failed early, also with %s', async (_, words, env) => {
    const { summary } = await cli.run(['migrate', '/nowhere/fake', '--to', redis.url, ...words], { env });
    expect(summary.exitCode).toBe(2);
  });

  it('is that a reader of stdout who leaves early does no harm: no stack, and every session written', async () => {
    const { child, finished } = cli.start(migrate('--json', '--rate', '100'));
    child.stdout?.destroy();
    const { stderr } = await finished;
    expect(stderr).not.toMatch(/^\s+at /m);
    expect(await redis.size()).toBe(SESSIONS);
  });
});
