import { mkdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { serverOf } from '../../src/applications/server-pool.js';
import { describeReal, runIn } from '../applications/real/real-application.js';
import { Cli } from '../support/cli.js';
import { RedisServer } from '../support/redis-server.js';
import { makeWorkspace } from '../support/workspace.js';

const work = makeWorkspace();
const cli = new Cli(join(work, 'home'));
const WEIGHTS = [1, 2, 3];
const servers = WEIGHTS.map(() => RedisServer.forFile(work, ['--port', 'free']));
const PREFIX = 'PHPREDIS_SESSION:';

const savePath = () => servers.map(({ port }, i) => `tcp://127.0.0.1:${port}?weight=${WEIGHTS[i]}`).join(',');
const ids = Array.from(
  { length: 24 },
  (_, n) => `${((n * 2_654_435_761) >>> 0).toString(16).padStart(8, 'c')}k3jd9sl2mvb8qzxw6r`,
);
const fileOf = (id: string) => `sess_${id}`;

const phpredis = (what: 'read' | 'write', sids: readonly string[]): Record<string, string | null> =>
  JSON.parse(runIn('php', 'pool-of-ids.php', [savePath(), what, ...sids]));

function makeStore(name: string): string {
  const directory = join(work, name);
  mkdirSync(directory);
  for (const id of ids) {
    writeFileSync(join(directory, fileOf(id)), `user|s:${id.length}:"${id}";`);
    utimesSync(join(directory, fileOf(id)), Date.now() / 1000 - 300, Date.now() / 1000 - 300);
  }
  return directory;
}

const run = (command: string, directory: string, i: number, ...words: string[]) => {
  const { port } = servers[i] as RedisServer;
  const target = [command === 'export' ? '--from' : '--to', `redis://127.0.0.1:${port}`];
  const pool = ['--pool-server', `${i + 1}/${WEIGHTS.join(',')}`];
  return cli.run([command, directory, '--app', 'php', '--json', ...target, ...pool, ...words]);
};
const keysOf = async (server: RedisServer) => [...(await server.contents()).keys()].sort();
const share = (i: number) => ids.filter((id) => serverOf(id, WEIGHTS, 'last first') === i);

describe('servers that share the sessions of phpredis by weight', () => {
  it('get each session where its reader looks for it, and lose it there with its logout', async () => {
    const directory = makeStore('store');
    for (const [i, server] of servers.entries()) {
      expect(share(i).length).toBeGreaterThan(0);
      const { summary } = await run('migrate', directory, i);
      expect(summary.outcomes).toEqual({ written: share(i).length, 'other-shard': ids.length - share(i).length });
      expect(await keysOf(server)).toEqual(
        share(i)
          .map((id) => PREFIX + id)
          .sort(),
      );
      const verify = await run('verify', directory, i);
      expect(verify.summary.outcomes).toMatchObject({ match: share(i).length });
    }
    const gone = share(1)[0] as string;
    rmSync(join(directory, fileOf(gone)));
    for (const i of servers.keys()) {
      const { summary } = await run('sync', directory, i, '--max-delete', '100%');
      expect(summary).toMatchObject({ deletes: i === 1 ? { deleted: 1 } : {} });
    }
    expect(await servers[1]?.client().exists(PREFIX + gone)).toBe(0);
    // A key on a server where its reader never looks is none of this run.
    await servers[0]?.client().set(PREFIX + gone, 'user|i:1;', 'EX', 600);
    const back = join(work, 'back');
    const exported = await run('export', back, 0);
    expect(exported.summary.outcomes).toEqual({ written: share(0).length, 'other-shard': 1 });
    expect((await run('verify', directory, 0)).summary.outcomes.extra).toBeUndefined();
  });

  it('are told in one sentence where they are named all at once, and where there is no pool', async () => {
    const { code, stderr } = await cli.run(['migrate', work, '--app', 'php', '--to', savePath()]);
    expect(code).toBe(2);
    expect(stderr).toContain(`then --to redis://127.0.0.1:${servers[2]?.port}/0 --pool-server 3/1,2,3`);
    const words = ['audit', work, '--pool-server'];
    expect((await cli.run([...words, '4/1,2', '--app', 'php'])).stderr).toContain(
      '--pool-server is "4/1,2": write which server',
    );
    expect((await cli.run([...words, '1/1,2', '--app', 'express'])).stderr).toContain(
      'goes with readers that share sessions',
    );
    expect((await cli.run([...words, '1/1,2', '--app', 'odoo'])).stderr).toContain(
      'goes with readers that share sessions',
    );
  });
});

describeReal('php', 'servers that share the sessions of the real phpredis', () => {
  it('are those that it asks and writes to', async () => {
    const directory = makeStore('real');
    for (const [i, server] of servers.entries()) {
      await server.flush();
      await run('migrate', directory, i, '--state-dir', join(work, `state-${i}`));
    }
    expect(phpredis('read', ids)).toEqual(Object.fromEntries(ids.map((id) => [id, id])));
    // The control: in another order it would not find most of them.
    for (const server of servers) await server.flush();
    phpredis('write', ids);
    for (const [i, server] of servers.entries()) {
      expect(await keysOf(server)).toEqual(
        share(i)
          .map((id) => PREFIX + id)
          .sort(),
      );
      const inListOrder = ids.filter((id) => serverOf(id, WEIGHTS, 'first first') === i);
      expect(await keysOf(server)).not.toEqual(inListOrder.map((id) => PREFIX + id).sort());
    }
  });
});
