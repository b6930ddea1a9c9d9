import { type Module, moduleOf } from './module.js';
import { SEVEN_DAYS_MS } from './profile.js';

/** Smile's `smile_redis_session_store`: the bare sid as key, in database 1, any pickle of its Python as value. */
export const smile: Module = moduleOf(
  {
    name: 'smile',
    title: 'Smile smile_redis_session_store, pickle',
    odoo: '8.0 to 12.0',
    series: [8, 12],
    source: 'https://github.com/Smile-SA/odoo_addons smile_redis_session_store/redis_session_store.py',
    keyBefore: (prefix) => prefix,
    keyAfter: () => '',
    databaseIndex: 1,
    sids: ['hex40'],
    encoding: 'pickle',
    pickleProtocol: 4,
    oldestVerbatimProtocol: 0,
    authenticatedLifetimeMs: SEVEN_DAYS_MS,
    anonymousLifetimeMs: SEVEN_DAYS_MS,
    honoursExpiration: false,
    renewsOnRead: true,
    onUndecodable: 'HTTP 500',
    rejectsOdoo18Sids: false,
  },
  [
    // Python 2.7: protocol 2 is kept as it is.
    { release: '10', series: [8, 10], pickleProtocol: 2 },
    // Python 3.5 to 3.7, which fails at Python 2's dates and at its text that is not ASCII.
    { release: '12', series: [11, 12], oldestVerbatimProtocol: 3 },
  ],
);
