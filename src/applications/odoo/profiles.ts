import { camptocamp, camptocamp7, camptocampAbsolute, mangono } from './camptocamp.js';
import {
  DAY_MS,
  generic,
  type Module,
  moduleOf,
  type Profile,
  SEVEN_DAYS_MS,
  THREE_HOURS_MS,
  TWO_MINUTES_MS,
} from './profile.js';

/**
 * `cb_redis`: JSON for Odoo 19 in database 1, under prefix and sid without a separator; no prefix unless one is set.
 */
const cbRedis: Module = moduleOf({
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

/** keerati/odoo-redis: `session:<sid>`, pickled by Python 2. */
const keerati: Module = moduleOf({
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

/** MuK's `muk_session_store`: prefix and sid without a separator, in database 1, pickled by Python 3. */
const muk: Module = moduleOf({
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

/** `odoo_redis_session` (2026): JSON for Odoo 19. It deletes what it can't decode. */
const odooRedisSession: Module = moduleOf({
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
const sidecar: Module = moduleOf({
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
const abRedisSession: Module = moduleOf({
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

/** Smile's `smile_redis_session_store`: the bare sid as key, in database 1, any pickle of its Python as value. */
const smile: Module = moduleOf(
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

/** Every module the program knows, the most used first. */
export const MODULES: readonly Module[] = [
  camptocamp,
  camptocampAbsolute,
  camptocamp7,
  mangono,
  smile,
  keerati,
  muk,
  odooRedisSession,
  cbRedis,
  sidecar,
  abRedisSession,
  generic,
];

/** Every reader by its plain name, and behind it each of its releases. */
export const KNOWN_PROFILES: readonly Profile[] = MODULES.flatMap(({ plain, releases }) => [
  plain,
  ...releases.filter(({ name }) => name !== plain.name),
]);

/** The module whose plain name this is. */
export function moduleNamed(name: string): Module | undefined {
  return MODULES.find(({ plain }) => plain.name === name);
}

const RELEASE = /^(.+)-(\d+(?:\.\d+)*)(?:\.\.(\d+))?$/;

/** A profile by its name: a plain one, a release, or the module with an Odoo of that release, as in `camptocamp-15`. */
export function profileNamed(name: string): Profile | undefined {
  const exact = KNOWN_PROFILES.find((profile) => profile.name === name);
  const match = RELEASE.exec(name);
  if (exact !== undefined || match === null) return exact;
  const [, module = '', first = '', last = first] = match;
  return moduleNamed(module)?.releases.find((release) => isOf(release, module, first, last));
}

function isOf({ name, series }: Profile, module: string, first: string, last: string): boolean {
  // A release that counts by itself, as 1.3, goes on until the next one that is known.
  const own = name.slice(module.length + 1);
  if (own.includes('.')) return first === last && (Number(first) >= 1.3 ? own === '1.3' : own === first);
  return Number(first) >= series[0] && Number(last) <= series[1];
}
