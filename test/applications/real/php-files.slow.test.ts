import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, expect, it, onTestFinished } from 'vitest';
import { Cli, unprivileged } from '../../support/cli.js';
import { RedisServer } from '../../support/redis-server.js';
import { makeWorkspace } from '../../support/workspace.js';
import { commandOf, describeReal, RealStore, runIn } from './real-application.js';

const work = makeWorkspace();
const cli = new Cli(join(work, 'home'));
const redis = RedisServer.forFile(work);
beforeEach(() => redis.flush());

function directory(name: string): string {
  const path = join(work, name);
  mkdirSync(path, { mode: 0o700 });
  return path;
}

describeReal('php', 'sessions that PHP saves in place while passes read them', () => {
  it('are copied whole or not yet', async () => {
    const files = directory('busy');
    const [program = '', ...words] = commandOf('php', 'busy.php', [files]);
    const shop = spawn(program, words, { stdio: ['ignore', 'pipe', 'inherit'] });
    onTestFinished(() => void shop.kill('SIGKILL'));
    await once(shop.stdout, 'data');
    const sync = ['sync', files, '--app', 'php', '--json', '--to', redis.url];
    const decoded = async () => {
      const values = [...(await redis.contents()).values()].map(({ value }) => value.toString('hex'));
      return new Set(runIn('php', 'decode.php', [work, 'php'], values.join('\n')).trim().split('\n'));
    };
    for (let pass = 0; pass < 4; pass++) {
      const { summary, errorLines } = await cli.run(sync);
      expect(errorLines).toEqual([]);
      expect(summary.listed).toBe(40);
      expect(await decoded()).toEqual(new Set(['1']));
    }
    shop.kill('SIGSTOP');
    // What it was saving when it stopped is left; the others are as they are on files.
    await cli.run(sync);
    const verify = await cli.run(['verify', ...sync.slice(1)]);
    const { match = 0, torn = 0 } = verify.summary.outcomes;
    expect(match + torn).toBe(40);
    expect(torn).toBeLessThan(2);
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
