import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeEach, expect, it, onTestFinished } from 'vitest';
import { Cli, unprivileged } from '../../support/cli.js';
import { RedisServer } from '../../support/redis-server.js';
import { makeWorkspace } from '../../support/workspace.js';
import { commandOf, describeReal, RealStore, runIn, shown } from './real-application.js';

const work = makeWorkspace();
const cli = new Cli(join(work, 'home'));
const redis = RedisServer.forFile(work);
beforeEach(() => redis.flush());

function directory(name: string): string {
  const path = join(work, name);
  mkdirSync(path, { mode: 0o700 });
  return path;
}

describeReal('php', 'a session that PHP is saving in place', () => {
  const shim = join(work, 'held-call.so');
  const source = fileURLToPath(new URL('held-call.c', import.meta.url));
  const { status } = spawnSync(process.env.CC ?? 'cc', ['-shared', '-fPIC', '-w', '-o', shim, source, '-ldl']);
  const HANDLERS = ['php', 'php_binary', 'php_serialize', 'igbinary'];

  it.skipIf(status !== 0).each([
    // What gets shorter is cut to nothing first.
    ['cut to nothing', 'ftruncate', 40, 2],
    ['written by half', 'pwrite', 2, 40],
  ])('keeps its copy while it is %s', async (_, call, rowsBefore, rowsAfter) => {
    const client = redis.client();
    for (const handler of HANDLERS) {
      const id = `${call}${HANDLERS.indexOf(handler)}aaaaaaaaaaaaaaaa`;
      const files = directory(`${call}-${handler}`);
      const save = (rows: number) => [files, id, String(rows), handler];
      runIn('php', 'save.php', save(rowsBefore));
      const sync = ['sync', files, '--app', 'php', '--json', '--to', redis.url];
      expect((await cli.run(sync)).summary.outcomes).toEqual({ written: 1 });
      const before = await client.getBuffer(`PHPREDIS_SESSION:${id}`);

      const until = join(work, `${call}-${handler}-goes-on`);
      const [program = '', ...words] = commandOf('php', 'save.php', save(rowsAfter));
      const env = { ...process.env, LD_PRELOAD: shim, HELD_CALL: call, HELD_UNTIL: until };
      const php = spawn(program, words, { stdio: ['ignore', 'pipe', 'inherit'], env });
      onTestFinished(() => void php.kill('SIGKILL'));
      const ended = once(php, 'exit');
      const [held] = (await once(php.stdout, 'data')) as [Buffer];
      expect(held.toString()).toBe('held\n');
      expect((await cli.run(sync)).summary.outcomes, handler).toEqual({ torn: 1 });
      expect(await client.getBuffer(`PHPREDIS_SESSION:${id}`)).toEqual(before);

      writeFileSync(until, '');
      const [answer] = (await once(php.stdout, 'data')) as [Buffer];
      await ended;
      expect((await cli.run(sync)).summary.outcomes).toEqual({ updated: 1 });
      const store = new RealStore('php', 'sessions.php', handler);
      expect(store.ask('read-redis', redis.socket, [id])).toEqual({ [id]: shown(JSON.parse(answer.toString())) });
    }
  });
});

describeReal('php', 'files of an export that PHP reads as another user', () => {
  const nobody = unprivileged()?.uid;

  it.skipIf(nobody === undefined)('belong to whom --owner names, and to nobody else', async () => {
    const files = directory('owned');
    const { login } = new RealStore('php', 'sessions.php', 'php').write(files);
    const { id, content } = login as NonNullable<typeof login>;
    const words = ['--app', 'php', '--json'];
    await cli.run(['migrate', files, ...words, '--to', redis.url]);
    const ask = async (name: string, ...owner: string[]) => {
      const back = join(work, name);
      const { errorLines } = await cli.run(['export', back, ...words, '--from', redis.url, ...owner]);
      expect(errorLines).toEqual([]);
      return new RealStore('php', 'sessions.php', 'php', nobody).ask('read-files', back, [id]);
    };
    expect(await ask('of-nobody', '--owner', `${nobody}:${nobody}`)).toEqual({ [id]: content });
    chmodSync(directory('of-root'), 0o777);
    expect(await ask('of-root')).not.toEqual({ [id]: content });
  });
});
