import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { Cli, unprivileged } from './cli.js';
import { hexSid, pickledLogin, SessionStore } from './store.js';
import { makeWorkspace } from './workspace.js';

const BIN = fileURLToPath(new URL('../../bin/sess2redis.js', import.meta.url));
const work = makeWorkspace();
const cli = new Cli(join(work, 'home'));
const store = new SessionStore(work);
store.flat(hexSid(1), pickledLogin(1));
const other = unprivileged();

describe('a process that was put behind others', () => {
  it.skipIf(other === null)('runs, though its user may not put it forward again', () => {
    const words = ['-n', '15', process.execPath, BIN, 'audit', store.directory, '--json'];
    const uid = other?.uid;
    const { status, stderr, stdout } = spawnSync('nice', words, {
      env: { PATH: process.env.PATH ?? '', HOME: cli.home },
      cwd: cli.home,
      encoding: 'utf8',
      ...(uid !== undefined && { uid, gid: uid }),
    });
    expect(status, stderr).toBe(0);
    expect(JSON.parse(stdout.trim().split('\n').at(-1) as string)).toMatchObject({ listed: 1 });
  });
});
