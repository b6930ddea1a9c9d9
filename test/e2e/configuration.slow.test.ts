import { spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { Cli } from '../support/cli.js';
import { RedisServer } from '../support/redis-server.js';
import { hexSid, pickledLogin, SessionStore } from '../support/store.js';
import { makeWorkspace } from '../support/workspace.js';

// Programs take their time where processors are scarce.
vi.setConfig({ testTimeout: 180_000 });

const work = makeWorkspace();
const cli = new Cli(join(work, 'home'));
const redis = RedisServer.forFile(work);
const store = new SessionStore(work);
for (let n = 0; n < 5; n++) store.flat(hexSid(n), pickledLogin(n + 1));
beforeEach(() => redis.flush());

function config(name: string, text: string): string {
  const path = join(work, name);
  mkdirSync(join(path, '..'), { recursive: true });
  writeFileSync(path, text);
  return path;
}

const prefixes = async () => [...(await redis.contents()).keys()].map((key) => key.split(':')[2]);

describe('a run', () => {
  it('takes from the file what neither line nor environment says', async () => {
    const path = config('c.yaml', `to: ${redis.url}\nprefix: file\njson: true\nmigrate:\n  limit: 3\n`);
    const line = ['migrate', store.directory, '--config', path];
    expect((await cli.run(line)).summary).toMatchObject({ exitCode: 6, listed: 3 });
    expect(await prefixes()).toEqual(Array(3).fill('file'));
    await redis.flush();
    await cli.run(line, { env: { SESS2REDIS_PREFIX: 'variable' } });
    expect(await prefixes()).toEqual(Array(3).fill('variable'));
    await redis.flush();
    await cli.run([...line, '--prefix', 'flag', '--limit', '2'], { env: { SESS2REDIS_PREFIX: 'variable' } });
    expect(await prefixes()).toEqual(Array(2).fill('flag'));
  });

  it("finds the file in the user's configuration directory", async () => {
    config('xdg/sess2redis/config.yaml', '{"prefix": "found"}');
    const env = { XDG_CONFIG_HOME: join(work, 'xdg') };
    await cli.run(['migrate', store.directory, '--to', redis.url], { env });
    expect(await prefixes()).toEqual(Array(5).fill('found'));
  });

  it('is refused with every fault of the file, and a summary where the file wants JSON', async () => {
    const path = config('bad.yaml', 'rat: 5\nlanes: [1]\n');
    const result = await cli.run(['migrate', store.directory, '--to', redis.url, '--config', path, '--json']);
    expect(result.code).toBe(2);
    expect(result.errorLines).toEqual([
      `sess2redis: ${path}:1: "rat" is no option: did you mean rate?; ${path}:2: lanes takes one value: write it without a list`,
    ]);
    expect(result.summary).toMatchObject({ exitCode: 2, stopped: expect.stringContaining('did you mean rate?') });
    const wanting = config('json.yaml', 'json: true\n');
    const failed = await cli.run(['migrate', '/nowhere/fake', '--to', redis.url, '--config', wanting]);
    expect(failed.summary).toMatchObject({ exitCode: 2, stopped: expect.stringContaining('/nowhere/fake') });
    expect(await redis.size()).toBe(0);
  });

  it('checks values of the file as it checks those of the line', async () => {
    const path = config('value.yaml', `to: ${redis.url}\nrate: fast\n`);
    const { code, stderr } = await cli.run(['migrate', store.directory, '--config', path]);
    expect({ code, stderr }).toMatchObject({ code: 2, stderr: expect.stringContaining('--rate is "fast"') });
  });
});

describe('--print-config', () => {
  it('shows values and origins, without a source, a password or a run', async () => {
    const path = config('p.yaml', 'to: redis://:hunter2@h\nrate: 5k\n');
    const env = { SESS2REDIS_PASSWORD: 'hunter3', SESS2REDIS_LANES: '3' };
    const { code, stdout, stderr } = await cli.run(['migrate', '--print-config', '--config', path, '--limit', '9'], {
      env,
    });
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatch(/^to: "redis:\/\/:\*\*\*@h" +# .*p\.yaml:1$/m);
    expect(stdout).toMatch(/^rate: "5k" +# .*p\.yaml:2$/m);
    expect(stdout).toMatch(/^lanes: "3" +# SESS2REDIS_LANES$/m);
    expect(stdout).toMatch(/^limit: "9" +# flag --limit$/m);
    expect(stdout).toMatch(/^# profile: camptocamp +# default$/m);
    expect(stdout).not.toMatch(/hunter/);
  });

  it('prints a file that says the same again', async () => {
    const env = { SESS2REDIS_TO: redis.url, SESS2REDIS_ODOO_DB: 'shop,true', SESS2REDIS_PREFIX: '0x1F' };
    const first = await cli.run(['migrate', '--print-config', '--dry-run'], { env });
    const path = config('again.yaml', first.stdout);
    const second = await cli.run(['migrate', '--print-config', '--config', path]);
    const values = (text: string) => text.split('\n').map((line) => line.replace(/ +# .*$/, ''));
    expect(values(second.stdout)).toEqual(values(first.stdout));
  });
});

describe('the program', () => {
  it('completes in a bash that sourced its script', () => {
    const bin = new URL('../../bin/sess2redis.js', import.meta.url).pathname;
    const script = `source <(${process.execPath} ${bin} completion bash)
COMP_WORDS=(sess2redis migrate --conf); COMP_CWORD=2; _sess2redis; printf '%s ' "\${COMPREPLY[@]}"; complete -p sess2redis`;
    const { stdout, stderr } = spawnSync('bash', ['-c', script], { encoding: 'utf8' });
    expect(stderr).toBe('');
    expect(stdout.trim()).toMatch(/^--conflict --config .*complete -F _sess2redis sess2redis$/);
  });

  it('prints the completion of the shell that runs, and names those it has where it is another', async () => {
    const printed = (shell: string) => cli.run(['completion'], { env: { SHELL: shell } });
    const [fish, zsh, other] = await Promise.all([printed('/usr/bin/fish'), printed('/bin/zsh'), printed('/bin/tcsh')]);
    expect(fish.stdout).toContain('complete -c sess2redis');
    expect(zsh.stdout).toMatch(/^#compdef sess2redis/);
    expect(other).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/no completion for "tcsh": name bash, zsh or fish/),
    });
  });

  it('tells its version, and helps wherever it is asked to', async () => {
    const [version, help, ...same] = await Promise.all(
      [['--version'], ['audit', '--help'], ['help', 'audit'], ['-h', 'audit'], ['audit', '/s', '--bad', '-h']].map(
        (words) => cli.run(words),
      ),
    );
    expect(version).toMatchObject({ code: 0, stdout: expect.stringMatching(/^\d+\.\d+\.\d+\n$/) });
    for (const each of same) expect(each).toEqual(help);
  });
});
