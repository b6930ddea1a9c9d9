import { type Module, moduleOf, type Release } from './module.js';
import { type Profile, SEVEN_DAYS_MS, THREE_HOURS_MS } from './profile.js';

/**
 * camptocamp's `session_redis`, the module that most sites use. The doubled colon behind a prefix is no typo: the README
 * shows `session:<prefix>:<sid>`, but every released branch formats `"%s:%s:" % ("session:", prefix)`.
 */
const plain: Profile = {
  name: 'camptocamp',
  title: 'camptocamp session_redis, JSON',
  odoo: '8.0 to 20.0',
  series: [8, 20],
  source: 'https://github.com/camptocamp/odoo-cloud-platform session_redis/session.py, json_encoding.py',
  keyBefore: (prefix) => (prefix === '' ? 'session:' : `session::${prefix}:`),
  keyAfter: () => '',
  databaseIndex: 0,
  sids: ['hex40', 'urlsafe84', 'urlsafe86'],
  sidsInLedger: ['hex40', 'urlsafe84'],
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

const RELEASES: readonly Release[] = [
  // No json_encoding.py in these branches: json.loads alone, and their own save fails at a datetime, a date or a set.
  { release: '11', series: [8, 11], sids: ['hex40'], encoding: 'json', rejectsOdoo18Sids: false },
  { release: '17', series: [12, 17], sids: ['hex40'], rejectsOdoo18Sids: false },
  // Up to 18.0 the store inherits werkzeug's rule (40 hex); 19.0 borrows Odoo's own (84 characters).
  { release: '18', series: [18, 18], sids: ['hex40'] },
  { release: '19', series: [19, 19], sids: ['urlsafe84'], honoursExpiration: 'int', rejectsOdoo18Sids: false },
  {
    release: '20',
    series: [20, 20],
    sids: ['urlsafe84', 'urlsafe86'],
    honoursExpiration: 'int',
    rejectsOdoo18Sids: false,
    source: 'https://github.com/ledoent/odoo-cloud-platform session_redis/session.py',
  },
];

export const camptocamp: Module = moduleOf(plain, RELEASES);

/** The same module in its absolute mode (2026): the first save sets the expiry, later ones keep it (`SET ... KEEPTTL`). */
export const camptocampAbsolute: Module = moduleOf(
  {
    ...plain,
    name: 'camptocamp-absolute',
    title: 'camptocamp session_redis that keeps the first expiry',
    odoo: '17.0 to 20.0',
    series: [17, 20],
    note: 'this reader never moves an expiry: what is written here is the last word, and a login ends then even while it is in use',
  },
  RELEASES.filter(({ series }) => series[1] >= 17).map((row) => ({
    ...row,
    series: [Math.max(17, row.series[0]), row.series[1]],
  })),
);
