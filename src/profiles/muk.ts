import { type Module, moduleOf } from './module.js';
import { SEVEN_DAYS_MS } from './profile.js';

/** MuK's `muk_session_store`: prefix and sid without a separator, in database 1, pickled by Python 3. */
export const muk: Module = moduleOf({
  name: 'muk',
  title: 'MuK muk_session_store, pickle',
  odoo: '12.0 to 18.0',
  series: [12, 18],
  source: 'https://github.com/muk-it/muk_base muk_session_store/store/redis.py',
  keyBefore: (prefix) => prefix,
  keyAfter: () => '',
  databaseIndex: 1,
  sids: ['hex40', 'urlsafe84'],
  encoding: 'pickle',
  pickleProtocol: 5,
  oldestVerbatimProtocol: 3,
  authenticatedLifetimeMs: SEVEN_DAYS_MS,
  anonymousLifetimeMs: SEVEN_DAYS_MS,
  honoursExpiration: false,
  renewsOnRead: true,
  onUndecodable: 'HTTP 500',
  rejectsOdoo18Sids: false,
});
