import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { Cli, linesOf } from '../support/cli.js';
import { RedisServer } from '../support/redis-server.js';
import { hasTerminal, Screen, type ScreenOptions } from '../support/screen.js';
import { hexSid, pickledLogin, SessionStore } from '../support/store.js';
import { makeWorkspace, until } from '../support/workspace.js';

// Runs that are slow on purpose, several of them in a test.
vi.setConfig({ testTimeout: 240_000 });

const SESSIONS = 400;
const REJECTS = 5;

const work = makeWorkspace();
const cli = new Cli(join(work, 'home'));
const redis = RedisServer.forFile(work);
const store = new SessionStore(work);
for (let n = 0; n < SESSIONS; n++) store.flat(hexSid(n), pickledLogin(n + 1), 600 * n);
for (let n = 0; n < REJECTS; n++) store.flat(hexSid(1000 + n), `broken ${n}`);

/** Slow enough to be looked at: some four seconds. */
const SLOWLY = ['--rate', '100', '--lanes', '2'];
const migrate = (...more: string[]) => ['migrate', store.directory, '--to', redis.url, ...more];
const watch = (options: ScreenOptions = {}, ...more: string[]) =>
  new Screen(work, migrate(...SLOWLY, ...more), options);

/** A live line, which is redrawn in place. */
const LIVE = /^[\d,]+ of [\d,]+.*(entries\/s|rate)/m;
const liveLines = (screen: Screen) => screen.lines().filter((line) => LIVE.test(line));
const CODE = '\x1b[';

beforeEach(() => redis.flush());

describe.skipIf(!hasTerminal)('on a terminal', () => {
  it('there is one live line that says what sets the pace, and when the run ends the table stands in its place', async () => {
    const screen = watch();
    await screen.shows(/^\d+ of .* moved.* rejected.* lanes?, \w+.*rate/m);
    for (let looks = 0; looks < 10; looks++) expect(liveLines(screen).length).toBeLessThanOrEqual(1);
    expect(await screen.ends()).toBe(3);
    expect(liveLines(screen)).toEqual([]);
    const lines = screen.lines();
    expect(lines[0]).toMatch(/^sess2redis migrate: .*sessions.* \(camptocamp, read as camptocamp-\d+\)$/);
    expect(lines[1]).toBe('key     session:<sid> in database 0, as user default');
    expect(lines[2]).toMatch(/^state {3}\//);
    expect(lines.some((line) => new RegExp(`^ {2}moved +written +${SESSIONS} `).test(line))).toBe(true);
    expect(lines.at(-1)).toBe('exit code 3: complete, but some files were rejected (they are listed)');
  });

  it('of 80 columns and 24 lines the result and the next step are in view, and words are whole', async () => {
    const kinds: [string, (n: number) => void][] = [
      ['expired', (n) => wide.flat(hexSid(2000 + n), pickledLogin(n), 30 * 86_400)],
      ['empty', (n) => wide.flat(hexSid(3000 + n), '')],
      ['malformed', (n) => wide.flat(hexSid(4000 + n), `broken ${n}`)],
      ['foreign', (n) => writeFileSync(join(wide.directory, `note-${n}.txt`), 'x')],
      ['temp-file', (n) => writeFileSync(join(wide.directory, `tmp${n}abcdefg.__wz_sess`), 'x')],
    ];
    const wide = new SessionStore(work);
    for (let n = 0; n < 40; n++) wide.flat(hexSid(n), pickledLogin(n + 1), 600 * n);
    for (const [, make] of kinds) for (let n = 0; n < 3; n++) make(n);
    const words = [wide.directory, '--to', redis.url, '--state-dir', join(work, 'narrow-state')];
    for (const command of ['audit', 'migrate', 'sync', 'verify']) {
      const line = command === 'audit' ? words.slice(0, 3) : words;
      const screen = new Screen(work, [command, ...line], { columns: 80, rows: 24 });
      expect(await screen.ends()).toBe(3);
      // tmux shows what was wrapped by the terminal as lines of its own.
      const lines = screen.lines();
      const inView = lines.slice(-23);
      expect(inView.at(-1), command).toBe('exit code 3: complete, but some files were rejected (they are listed)');
      expect(inView, command).toContain('next');
      expect(inView.join('\n'), command).toMatch(/^ {2}rejected +(malformed +)?3 /m);
      expect(inView.join('\n'), command).toMatch(/^ {2}listed +55$/m);
      // Files that expired and are as they were count as unchanged.
      const shown = kinds.filter(([kind]) => kind !== 'expired' || command !== 'sync');
      for (const [kind] of shown) expect(lines.join('\n'), `${command} ${kind}`).toContain(kind);
      for (const one of lines.filter((text) => text.length === 80)) expect(one, command).toMatch(/[\w.,:;')\\]$/);
    }
  });

  it('the line fits again after the window was made narrower and wider', async () => {
    const screen = watch();
    await screen.shows(LIVE);
    for (const columns of [50, 90]) {
      screen.resize(columns);
      const before = screen.text;
      await screen.shows(/^[\d,]+ of [\d,]+/m);
      while (screen.text === before) await new Promise((resolve) => setTimeout(resolve, 20));
      for (const line of liveLines(screen)) expect(line.length).toBeLessThan(columns);
    }
    expect(await screen.ends()).toBe(3);
    expect(screen.lines().at(-1)).toMatch(/^exit code 3/);
  });

  it('Ctrl-C is answered at once, the run ends in order, and a second run goes on', async () => {
    const state = ['--state-dir', join(work, 'interrupted')];
    const screen = watch({}, ...state);
    await screen.shows(/^[1-9]\d* of /m);
    screen.press('C-c');
    await screen.shows(/^stopping: what is under way is finished first/m);
    expect(await screen.ends()).toBe(130);
    const lines = screen.lines();
    expect(liveLines(screen)).toEqual([]);
    expect(lines.join(' ').replace(/\s+/g, ' ')).toContain('run the same line again');
    expect(screen.text).toContain('exit code 130: interrupted, progress kept');
    const held = await redis.size();
    expect(held).toBeGreaterThan(0);
    expect(held).toBeLessThan(SESSIONS);
    const { outcomes } = await cli.summary(migrate(...state));
    expect(outcomes).toMatchObject({ unchanged: held, written: SESSIONS - held });
  });

  it('the lines of the log are whole, and the live line is never in one of them', async () => {
    const screen = watch({ columns: 400 }, '--log-level', 'warn');
    expect(await screen.ends()).toBe(3);
    const logged = screen.lines().filter((line) => line.includes('"level"'));
    expect(logged).toHaveLength(REJECTS);
    for (const line of logged) expect(JSON.parse(line)).toMatchObject({ msg: 'rejected' });
  });

  it('there are colours, unless somebody is against them', async () => {
    const cases: [boolean, ScreenOptions, string[]][] = [
      [true, {}, []],
      [false, { env: { NO_COLOR: '1' } }, []],
      [false, {}, ['--no-color']],
      [false, { env: { TERM: 'dumb' } }, []],
    ];
    for (const [isColoured, options, more] of cases) {
      const screen = new Screen(work, migrate(...more), options);
      await screen.ends();
      expect(screen.lines(true).join('\n').includes(CODE), JSON.stringify([options, more])).toBe(isColoured);
      expect(screen.text).toContain('exit code 3');
    }
  });

  it('there is no live line on a dumb terminal, when quiet is wanted, or in the way of --json', async () => {
    const cases: [ScreenOptions, string[]][] = [
      [{ env: { TERM: 'dumb' } }, []],
      [{}, ['--quiet']],
      [{ columns: 2000 }, ['--json']],
    ];
    for (const [options, more] of cases) {
      const screen = watch(options, ...more);
      const seen: string[] = [];
      const code = screen.ends();
      let isOver = false;
      code.finally(() => {
        isOver = true;
      });
      while (!isOver) {
        seen.push(...liveLines(screen));
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
      expect(seen, more.join()).toEqual([]);
      if (more.includes('--json')) {
        const lines = screen.lines().slice(1);
        expect(lines.map((line) => (JSON.parse(line) as { type: string }).type)).toContain('status');
      }
      if (more.includes('--quiet')) expect(screen.text).not.toMatch(/^(sess2redis migrate|next|rejects are)/m);
    }
  });

  it('the first sign of life comes before anything heavy is loaded', async () => {
    // Hooks see every module that is asked for; the first thing on stderr freezes the list.
    const hooks = join(work, 'hooks.mjs');
    const probe = join(work, 'probe.mjs');
    const asked = join(work, 'asked');
    const early = join(work, 'early');
    writeFileSync(
      hooks,
      `import { appendFileSync } from 'node:fs';
      export async function resolve(name, context, next) {
        const found = await next(name, context);
        appendFileSync(${JSON.stringify(asked)}, found.url + '\\n');
        return found;
      }`,
    );
    writeFileSync(
      probe,
      `import { copyFileSync, existsSync } from 'node:fs';
      import { register } from 'node:module';
      register(${JSON.stringify(pathToFileURL(hooks).href)});
      const write = process.stderr.write;
      process.stderr.write = function (...words) {
        if (!existsSync(${JSON.stringify(early)})) copyFileSync(${JSON.stringify(asked)}, ${JSON.stringify(early)});
        return write.apply(this, words);
      };`,
    );
    const screen = new Screen(work, migrate(), { node: ['--import', probe] });
    expect(await screen.ends()).toBe(3);
    const [before, all] = [early, asked].map((path) => linesOf(readFileSync(path, 'utf8')).filter(isOurs));
    expect(before?.map((url) => url.replace(/.*\/(dist|bin)\//, '$1/'))).toEqual([
      'bin/sess2redis.js',
      'dist/cli/greeting.js',
    ]);
    expect(all?.length).toBeGreaterThan(40);
    expect(screen.lines()[0]).toMatch(/^sess2redis migrate: /);
  });
});

const isOurs = (url: string) => url.startsWith('file:') && !url.endsWith('/probe.mjs') && !url.endsWith('/hooks.mjs');

describe('on a pipe', () => {
  it('there is neither a live line nor a colour, and the same table', async () => {
    const { stdout, stderr } = await cli.run(migrate(...SLOWLY));
    expect(stdout + stderr).not.toContain('\x1b');
    expect(stderr).not.toMatch(LIVE);
    expect(stderr.startsWith(`sess2redis migrate: ${store.directory} -> `)).toBe(true);
    expect(stdout).toMatch(new RegExp(`^ {2}moved +written +${SESSIONS} `, 'm'));
  });

  it('passes that follow one another are a line each, with their tables only where something is new', async () => {
    const state = join(work, 'state of the passes');
    const run = cli.start(['sync', store.directory, '--to', redis.url, '--every', '1s', '--state-dir', state]);
    let said = '';
    run.child.stdout?.on('data', (data: Buffer) => {
      said += data.toString();
    });
    const PASS = /^\d\d:\d\d:\d\d #\d+ {2}\+\d+ ~\d+ -\d+ {2}[\d.]+ (s|min) .*5 rejected {2}.*next \d\d:\d\d:\d\d$/;
    await until(() => linesOf(said).filter((line) => PASS.test(line)).length >= 3);
    run.child.kill('SIGTERM');
    expect((await run.finished).code).toBe(143);
    const lines = linesOf(said);
    const first = lines.findIndex((line) => PASS.test(line));
    expect(lines.slice(0, first).join('\n')).toMatch(
      new RegExp(`^ {2}moved +written +${SESSIONS} [^]*\\n\\d{4}-\\d\\d-\\d\\d$`),
    );
    expect(lines[first]).toContain(` #1  +${SESSIONS} ~0 -0  `);
    expect(lines[first + 1]).toContain(' #2  +0 ~0 -0  ');
  });

  it('quiet leaves the result, and nothing on stderr', async () => {
    const { stdout, stderr } = await cli.run(migrate('--quiet', '--state-dir', join(work, 'state of the quiet')));
    expect(stderr).toBe('');
    expect(stdout).toMatch(/^ {2}moved +written/m);
    expect(stdout).not.toContain('next');
  });
});
