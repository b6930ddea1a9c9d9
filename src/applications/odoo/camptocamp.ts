import {
  type Module,
  moduleOf,
  type Profile,
  type Release,
  SEVEN_DAYS_MS,
  THREE_DAYS_MS,
  THREE_HOURS_MS,
  TWO_MINUTES_MS,
} from './profile.js';

/**
 * camptocamp's `session_redis`, the module that most sites use. The doubled colon behind a prefix is no typo: the
 * README shows `session:<prefix>:<sid>`, but every released branch formats `"%s:%s:" % ("session:", prefix)`.
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

/**
 * The same module in its absolute mode (2026): the first save sets the expiry, later ones keep it (`SET ... KEEPTTL`).
 */
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

/** The first release of camptocamp's module, for OpenERP 7: the same keys, pickled by Python 2. */
export const camptocamp7: Module = moduleOf({
  ...camptocamp.plain,
  name: 'camptocamp-7',
  title: 'camptocamp session_redis 7.0, pickle',
  odoo: '7.0',
  series: [7, 7],
  source: 'https://github.com/camptocamp/odoo-cloud-platform branch 7.0 session_redis/session.py',
  sids: ['hex40'],
  sidsInLedger: ['hex40'],
  encoding: 'pickle',
  pickleProtocol: 2,
  rejectsOdoo18Sids: false,
  fitsNoStore:
    "OpenERP 7 keeps objects of its own in its session files, which cannot be copied, and it can't use the sessions of any later Odoo",
});

/**
 * mangono's `redis_session_store`, derived from camptocamp's: the same keys (doubled colon included) and values. From
 * 1.3 on with ids, lifetimes and renewal of its own (redis_config.py), and without an eye for a session's `expiration`.
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
