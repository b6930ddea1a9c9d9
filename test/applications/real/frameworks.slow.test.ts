import { join } from 'node:path';
import { beforeEach, it } from 'vitest';
import { Cli } from '../../support/cli.js';
import { RedisServer } from '../../support/redis-server.js';
import { makeWorkspace } from '../../support/workspace.js';
import { describeReal, RealStore } from './real-application.js';
import { roundTrip } from './round-trip.js';

const work = makeWorkspace();
const cli = new Cli(join(work, 'home'));
const redis = RedisServer.forFile(work);
beforeEach(() => redis.flush());

describeReal('symfony', 'sessions of Symfony', () => {
  it('go to RedisSessionHandler and back', () =>
    roundTrip(cli, redis, work, {
      store: new RealStore('symfony', 'sessions.php', 'symfony'),
      app: 'symfony',
      words: [],
      keyOf: (id) => `sf_s${id}`,
    }));
});

describeReal('laravel', 'sessions of Laravel', () => {
  it('go to its redis driver and back', () =>
    roundTrip(cli, redis, work, {
      store: new RealStore('laravel', 'sessions.php', 'laravel'),
      app: 'laravel',
      words: ['--client-prefix', 'laravel_database_', '--store-prefix', 'laravel_cache:'],
      keyOf: (id) => `laravel_database_laravel_cache:${id}`,
    }));
});

describeReal('django', 'sessions of Django', () => {
  it('go to django-redis-sessions and back', () =>
    roundTrip(cli, redis, work, {
      store: new RealStore('django', 'sessions.py', 'django'),
      app: 'django',
      words: ['--prefix', 'session:'],
      keyOf: (id) => `session:${id}`,
    }));

  it('go to the cache engine on django-redis', () =>
    roundTrip(cli, redis, work, {
      store: new RealStore('django', 'sessions.py', 'django-cache'),
      app: 'django-cache',
      words: [],
      keyOf: (id) => `:1:django.contrib.sessions.cache${id}`,
      // Django's key signs the files.
      isInvertible: false,
    }));
});

describeReal('express', 'sessions of express', () => {
  it.each(['10', '9', '6'])('go to connect-redis %s and back', (version) =>
    roundTrip(cli, redis, work, {
      store: new RealStore('express', 'sessions.cjs', `express-${version}`),
      app: 'express',
      words: [],
      keyOf: (id) => `sess:${id}`,
    }),
  );
});
