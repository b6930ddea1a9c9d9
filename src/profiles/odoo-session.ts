import { type Module, moduleOf } from './module.js';
import { DAY_MS, type Profile, SEVEN_DAYS_MS, THREE_HOURS_MS } from './profile.js';

/** What the two modules that begin their keys with `odoo_session:` have in common. */
const common = {
  keyBefore: (prefix: string) => `${prefix === '' ? 'odoo_session' : prefix}:`,
  keyAfter: () => '',
  databaseIndex: 0,
  encoding: 'pickle',
  pickleProtocol: 5,
  oldestVerbatimProtocol: 3,
  honoursExpiration: false,
  renewsOnRead: false,
  onUndecodable: 'empty session',
  rejectsOdoo18Sids: false,
} as const satisfies Partial<Profile>;

/** `session_redis_sidecar`: written to the master, read from a replica beside each Odoo. It checks no ids. */
export const sidecar: Module = moduleOf({
  ...common,
  name: 'sidecar',
  title: 'session_redis_sidecar, pickle',
  odoo: '16.0 to 19.0',
  series: [16, 19],
  source: 'https://github.com/ThinkAboutBit/odoo-redis session_redis_sidecar/__init__.py',
  sids: ['hex40', 'urlsafe84', 'urlsafe86'],
  authenticatedLifetimeMs: SEVEN_DAYS_MS,
  anonymousLifetimeMs: THREE_HOURS_MS,
});

/** `ab_redis_session`, for Odoo 18. */
export const abRedisSession: Module = moduleOf({
  ...common,
  name: 'ab_redis_session',
  title: 'ab_redis_session, pickle',
  odoo: '18.0',
  series: [18, 18],
  source: 'ab_redis_session models/redis_session.py, from apps.odoo.com; its address is unknown',
  sids: ['urlsafe84'],
  authenticatedLifetimeMs: DAY_MS,
  anonymousLifetimeMs: DAY_MS,
  note: 'by the way it is imported this module leaves Odoo 18 on its files: look for its keys in Redis before you rely on it',
});
