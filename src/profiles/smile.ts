import { type Profile, SEVEN_DAYS_MS } from './profile.js';

/** Smile's `smile_redis_session_store`: the bare sid as key, in database 1, any pickle as value. */
export const smile: Profile = {
  name: 'smile',
  title: 'Smile smile_redis_session_store, pickle',
  odoo: '8.0 to 12.0',
  source: 'https://github.com/Smile-SA/odoo_addons smile_redis_session_store/redis_session_store.py',
  keyBefore: (prefix) => prefix,
  keyAfter: () => '',
  databaseIndex: 1,
  sids: ['hex40'],
  encoding: 'pickle',
  // Odoo 11 and 12 run on Python 3.5 to 3.7; a Python 2 store holds protocol 2, which is kept as it is.
  pickleProtocol: 4,
  oldestVerbatimProtocol: 0,
  authenticatedLifetimeMs: SEVEN_DAYS_MS,
  anonymousLifetimeMs: SEVEN_DAYS_MS,
  honoursExpiration: false,
  renewsOnRead: true,
  onUndecodable: 'HTTP 500',
  rejectsOdoo18Sids: false,
};
