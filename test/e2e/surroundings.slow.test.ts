import { spawn, spawnSync } from 'node:child_process';
import { closeSync, existsSync, openSync, readFileSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { Cli } from '../support/cli.js';
import { makeWorkspace, until } from '../support/workspace.js';

const BIN = fileURLToPath(new URL('../../bin/sess2redis.js', import.meta.url));
const workspace = makeWorkspace();
const cli = new Cli(join(workspace, 'home'));
const store = join(workspace, 'store');
spawnSync(process.execPath, [BIN, 'generate', store, '--sessions', '3000', '--odoo', '18']);

/** An audit that takes as long as it is let. */
const SLOW = ['audit', store, '--rate', '50', '--lanes', '1'];

describe('SIGHUP', () => {
  it('ends a run like SIGTERM: with its counts, and 129', async () => {
    const running = cli.start([...SLOW, '--pause-file', store, '--json']);
    await new Promise<void>((resolve) => running.child.stdout?.once('data', () => resolve()));
    running.child.kill('SIGHUP');
    const { code, summary } = await running.finished.then((result) => ({ code: result.code, summary: result.summary }));
    expect([code, summary.exitCode]).toEqual([129, 129]);
  });

  it('is borne under nohup', async () => {
    const running = cli.start([...SLOW, '--pause-file', store, '--json'], { env: { _: '/usr/bin/nohup' } });
    await new Promise<void>((resolve) => running.child.stdout?.once('data', () => resolve()));
    running.child.kill('SIGHUP');
    running.child.kill('SIGTERM');
    expect((await running.finished).code).toBe(143);
  });

  it('opens the log again where it was renamed, in a run without a terminal', async () => {
    const log = join(workspace, 'run.log');
    const running = cli.start([...SLOW, '--pause-file', store, '--log-file', log]);
    await until(() => existsSync(log) && readFileSync(log, 'utf8') !== '');
    renameSync(log, `${log}.1`);
    running.child.kill('SIGHUP');
    await until(() => existsSync(log));
    running.child.kill('SIGTERM');
    expect((await running.finished).code).toBe(143);
    expect(readFileSync(log, 'utf8')).toContain('pass ended');
  });
});

it.skipIf(!existsSync('/dev/full'))('output on a full disk is one sentence and a 5, whatever the command', async () => {
  for (const args of [['audit', store], ['audit', store, '--json'], ['profiles'], ['--help']]) {
    const full = openSync('/dev/full', 'w');
    const child = spawn(process.execPath, [BIN, ...args], { stdio: ['ignore', full, 'pipe'], cwd: workspace });
    closeSync(full);
    let stderr = '';
    child.stderr?.on('data', (data: Buffer) => {
      stderr += data;
    });
    const code = await new Promise((resolve) => child.on('close', resolve));
    expect([code, stderr], args.join(' ')).toEqual([
      5,
      expect.stringMatching(/the output could not be written \(ENOSPC\)/),
    ]);
    expect(stderr).not.toMatch(/^ {4}at /m);
  }
});

it('too few open files are one sentence and a 5, wherever they end', () => {
  // With fewer, Node itself does not start.
  for (const most of [20, 24, 26, 26, 26, 28, 28, 32, 36, 40, 64, 96, 128]) {
    const words = ['-c', `ulimit -n ${most}; exec "$@"`, 'sh', process.execPath, BIN, 'audit', store];
    const env = { PATH: process.env.PATH, HOME: join(workspace, 'home') };
    const { status, stderr } = spawnSync('sh', words, { encoding: 'utf8', env });
    const last = stderr.trimEnd().split('\n').at(-1);
    expect([most, status, last]).toEqual([most, 5, expect.stringMatching(/^sess2redis: .*raise ulimit -n/)]);
    expect(stderr).not.toMatch(/^ {4}at /m);
  }
});
