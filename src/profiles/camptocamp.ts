import { type Profile, SEVEN_DAYS_MS, THREE_HOURS_MS } from './profile.js';

/**
 * camptocamp's `session_redis`, the module that most sites use. The doubled colon behind a prefix is no typo: the README
 * shows `session:<prefix>:<sid>`, but every released branch formats `"%s:%s:" % ("session:", prefix)`.
 */
export const camptocamp: Profile = {
  name: 'camptocamp',
  title: 'camptocamp session_redis, JSON',
  odoo: '8.0 to 19.0',
  source: 'https://github.com/camptocamp/odoo-cloud-platform session_redis/session.py, json_encoding.py',
  keyBefore: (prefix) => (prefix === '' ? 'session:' : `session::${prefix}:`),
  keyAfter: () => '',
  databaseIndex: 0,
  // Up to 18.0 the store inherits werkzeug's rule (40 hex); 19.0 borrows Odoo's own (84 characters).
  sids: ['hex40', 'urlsafe84'],
  encoding: 'c2c-json',
  pickleProtocol: 4,
  oldestVerbatimProtocol: 0,
  authenticatedLifetimeMs: SEVEN_DAYS_MS,
  anonymousLifetimeMs: THREE_HOURS_MS,
  honoursExpiration: true,
  renewsOnRead: false,
  onUndecodable: 'empty session',
  rejectsOdoo18Sids: true,
};
