import { type Module, moduleOf } from './module.js';
import { SEVEN_DAYS_MS } from './profile.js';

/** `cb_redis`: JSON for Odoo 19 in database 1, under prefix and sid without a separator; no prefix unless one is set. */
export const cbRedis: Module = moduleOf({
  name: 'cb_redis',
  title: 'cb_redis, JSON',
  odoo: '19.0',
  series: [19, 19],
  source: 'cb_redis redis_session.py, set up by ir.config_parameter cb_redis.*; its address is unknown',
  keyBefore: (prefix) => prefix,
  keyAfter: () => '',
  databaseIndex: 1,
  sids: ['urlsafe84'],
  encoding: 'json',
  pickleProtocol: 4,
  oldestVerbatimProtocol: 0,
  authenticatedLifetimeMs: SEVEN_DAYS_MS,
  anonymousLifetimeMs: SEVEN_DAYS_MS,
  honoursExpiration: false,
  renewsOnRead: true,
  onUndecodable: 'empty session',
  rejectsOdoo18Sids: false,
});
