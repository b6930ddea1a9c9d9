import { spawnSync } from 'node:child_process';
import { chmodSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { Cli, unprivileged } from '../support/cli.js';
import { RedisServer } from '../support/redis-server.js';
import { hexSid, pickledLogin, SessionStore } from '../support/store.js';
import { makeWorkspace } from '../support/workspace.js';

const BIN = fileURLToPath(new URL('../../bin/sess2redis.js', import.meta.url));
const work = makeWorkspace();
const cli = new Cli(join(work, 'home'));
const store = new SessionStore(work);
store.flat(hexSid(1), pickledLogin(1));
const other = unprivileged();

describe('a process that was put behind others', () => {
  const nice = (...args: readonly string[]) => {
    const uid = other?.uid;
    const { status, stderr, stdout } = spawnSync('nice', ['-n', '15', process.execPath, BIN, ...args, '--json'], {
      env: { PATH: process.env.PATH ?? '', HOME: cli.home },
      cwd: cli.home,
      encoding: 'utf8',
      ...(uid !== undefined && { uid, gid: uid }),
    });
    return { status, stderr, last: JSON.parse(stdout.trim().split('\n').at(-1) as string) as object };
  };

  it.skipIf(other === null)('audits and verifies, though its user may not put it forward again', async () => {
    const audit = nice('audit', store.directory);
    expect(audit.status, audit.stderr).toBe(0);
    expect(audit.last).toMatchObject({ listed: 1 });

    const redis = await RedisServer.forTest(work);
    chmodSync(redis.socket, 0o777);
    const verify = nice('verify', store.directory, '--to', redis.url);
    expect(verify.stderr).not.toContain('setpriority');
    expect(verify).toMatchObject({ status: 4, last: { outcomes: { missing: 1 } } });
  });
});
