import { type Module, moduleOf } from './module.js';
import { SEVEN_DAYS_MS } from './profile.js';

/** keerati/odoo-redis: `session:<sid>`, pickled by Python 2. */
export const keerati: Module = moduleOf({
  name: 'keerati',
  title: 'keerati odoo-redis, pickle',
  odoo: '9.0',
  series: [9, 9],
  source: 'https://github.com/keerati/odoo-redis',
  keyBefore: () => 'session:',
  keyAfter: () => '',
  databaseIndex: 0,
  sids: ['hex40'],
  encoding: 'pickle',
  pickleProtocol: 2,
  oldestVerbatimProtocol: 0,
  authenticatedLifetimeMs: SEVEN_DAYS_MS,
  anonymousLifetimeMs: SEVEN_DAYS_MS,
  honoursExpiration: false,
  renewsOnRead: false,
  onUndecodable: 'empty session',
  rejectsOdoo18Sids: false,
});
