import { type Module, moduleOf } from './module.js';
import { SEVEN_DAYS_MS, TWO_MINUTES_MS } from './profile.js';

/** `odoo_redis_session` (2026): JSON for Odoo 19. It deletes what it can't decode. */
export const odooRedisSession: Module = moduleOf({
  name: 'odoo_redis_session',
  title: 'odoo_redis_session, JSON',
  odoo: '19.0',
  series: [19, 19],
  source: 'odoo_redis_session of Gilvanilson on GitHub, 2026-08; its address is unknown',
  keyBefore: (prefix) => `${prefix === '' ? 'odoo' : prefix}:session:`,
  keyAfter: () => '',
  databaseIndex: 0,
  sids: ['urlsafe84'],
  encoding: 'json',
  pickleProtocol: 4,
  oldestVerbatimProtocol: 0,
  authenticatedLifetimeMs: SEVEN_DAYS_MS,
  anonymousLifetimeMs: TWO_MINUTES_MS,
  honoursExpiration: false,
  renewsOnRead: true,
  onUndecodable: 'empty session',
  rejectsOdoo18Sids: false,
});
