import { camptocamp } from './camptocamp.js';
import { type Module, moduleOf } from './module.js';
import { THREE_DAYS_MS, TWO_MINUTES_MS } from './profile.js';

/**
 * mangono's `redis_session_store`, derived from camptocamp's: the same keys (doubled colon included) and values. From 1.3
 * on with ids, lifetimes and renewal of its own (redis_config.py), and without an eye for a session's `expiration`.
 */
export const mangono: Module = moduleOf(
  {
    ...camptocamp.plain,
    name: 'mangono',
    title: 'mangono-odoo-redis-session, JSON',
    odoo: '12.0 to 19.0',
    series: [12, 19],
    source: 'https://pypi.org/project/mangono-odoo-redis-session redis_session_store/session.py',
    sids: ['hex40', 'urlsafe84'],
    sidsInLedger: ['hex40', 'urlsafe84'],
    rejectsOdoo18Sids: false,
  },
  [
    { release: '1.2', series: [12, 17], sids: ['hex40'] },
    {
      release: '1.3',
      series: [18, 19],
      sids: ['urlsafe84'],
      authenticatedLifetimeMs: THREE_DAYS_MS,
      anonymousLifetimeMs: TWO_MINUTES_MS,
      honoursExpiration: false,
      renewsOnRead: true,
    },
  ],
);
