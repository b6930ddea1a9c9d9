import { join } from 'node:path';
import { beforeEach, expect, it } from 'vitest';
import { serverOf } from '../../../src/applications/server-pool.js';
import { Cli } from '../../support/cli.js';
import { RedisServer } from '../../support/redis-server.js';
import { makeWorkspace } from '../../support/workspace.js';
import { describeReal, RealStore, runIn } from './real-application.js';
import { roundTrip } from './round-trip.js';

const work = makeWorkspace();
const cli = new Cli(join(work, 'home'));
const redis = RedisServer.forFile(work);
beforeEach(() => redis.flush());

describeReal('php', 'sessions of PHP go to phpredis and back', () => {
  it.each(['php', 'php_binary', 'php_serialize', 'igbinary'])('as the handler %s writes them', (handler) =>
    roundTrip(cli, redis, work, {
      store: new RealStore('php', 'sessions.php', handler),
      app: 'php',
      words: [],
      keyOf: (id) => `PHPREDIS_SESSION:${id}`,
    }),
  );
});

describeReal('php', 'sessions of PHP in directories of one character', () => {
  it('go to phpredis, and come back into directories that PHP would not make', () =>
    roundTrip(cli, redis, work, {
      store: new RealStore('php', 'sessions.php', 'php-levels'),
      app: 'php',
      words: ['--levels', '1'],
      keyOf: (id) => `PHPREDIS_SESSION:${id}`,
    }));
});

describeReal('predis', 'sessions of PHP go to Predis and back', () => {
  it('with the prefix of its client', () =>
    roundTrip(cli, redis, work, {
      store: new RealStore('predis', 'sessions.php', 'predis'),
      app: 'php',
      words: ['--prefix', 'app:'],
      keyOf: (id) => `app:${id}`,
    }));
});

describeReal('php', 'a pool of phpredis', () => {
  it('has each session on the server that its id says, whatever the weights', async () => {
    const servers = await Promise.all([1, 2, 3].map(() => RedisServer.forTest(work)));
    const weights = [2, 1, 4];
    const savePath = servers.map(({ socket }, i) => `unix://${socket}?weight=${weights[i]}`).join(', ');
    const ids = JSON.parse(runIn('php', 'pool.php', [savePath])) as string[];
    for (const [i, server] of servers.entries()) {
      const found = (await server.client().keys('*')).map((key) => key.replace('PHPREDIS_SESSION:', ''));
      const expected = ids.filter((id) => serverOf(id, weights, 'last first') === i);
      expect(found.sort()).toEqual(expected.sort());
    }
  });
});
