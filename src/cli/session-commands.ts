import { OF_EXPORT, OF_VERIFY, OPTIONS, type OptionName } from '../options/table.js';
import { type Command, SOURCES } from './command.js';

const OF_SYNC: readonly OptionName[] = ['every', 'final', 'repair', 'cutover-done'];
const MIGRATE_OPTIONS = (Object.keys(OPTIONS) as OptionName[]).filter(
  (name) => ![...OF_SYNC, ...OF_VERIFY, ...OF_EXPORT].includes(name),
);

/** Loads the sessions once; the same line again finds what is there and goes on. */
export const migrateCommand: Command = {
  usage: 'migrate <source...>',
  describe: 'move sessions into Redis',
  examples: [
    ['$0 migrate /var/lib/odoo/sessions --to redis://localhost:6379/0', 'the default reader, camptocamp'],
    ['$0 migrate /var/lib/odoo/sessions --to unix:///run/redis/redis.sock --dry-run', 'everything but the writing'],
    ["$0 migrate '/srv/*/sessions' --to rediss://redis.internal --prefix shop --rate 5k", 'many stores, gently'],
  ],
  arguments: SOURCES,
  options: MIGRATE_OPTIONS,
  load: async () => (await import('./migrate.js')).runMigrate,
};

/** Options that only make sense for a run that writes. */
const WRITING: readonly OptionName[] = [
  ...(['dry-run', 'conflict', 'state-dir', 'throttle', 'give-up-after'] as const),
  ...(['every', 'final', 'repair', 'cutover-done', 'max-delete'] as const),
];
const AUDIT_OPTIONS = (Object.keys(OPTIONS) as OptionName[]).filter(
  (name) => ![...WRITING, ...OF_VERIFY, ...OF_EXPORT].includes(name),
);

/** Reads everything, writes nothing: what would move, what would not and why, and whether it will fit. */
export const auditCommand: Command = {
  usage: 'audit <source...>',
  describe: 'read only: what would move, what would not and why, will it fit',
  examples: [
    ['$0 audit /var/lib/odoo/sessions', 'no Redis needed'],
    ['$0 audit /var/lib/odoo/sessions --to redis://localhost --report audit.html', 'will it fit? with pictures'],
    ['$0 audit /var/lib/odoo/sessions --odoo-db shop --json', 'for a script: the last line is the summary'],
  ],
  arguments: SOURCES,
  options: AUDIT_OPTIONS,
  load: async () => (await import('./audit.js')).runAudit,
};

const TARGET: readonly OptionName[] = [
  'to',
  'user',
  'password-file',
  'sentinel-user',
  'sentinel-password-file',
  'tls-ca',
  'tls-cert',
  'tls-key',
  'tls-insecure',
  'address-map',
  'json',
];
const READER: readonly OptionName[] = [
  'profile',
  'odoo',
  'prefix',
  'key-template',
  'encoding',
  'honour-expiration',
  'sids',
  'lifetime',
  'anonymous-lifetime',
];
const SELECTION: readonly OptionName[] = ['anonymous', 'odoo-db', 'max-age', 'max-file-size'];
const EXPLAIN_OPTIONS = [...TARGET, ...READER, ...SELECTION];

/** Shows every step of the decision about one session. */
export const explainCommand: Command = {
  usage: 'explain <session>',
  describe: 'the whole decision for one session, step by step',
  examples: [
    ['$0 explain /var/lib/odoo/sessions/3f/3fa9...', 'by its file'],
    ['$0 explain - --source /var/lib/odoo/sessions --to redis://localhost', 'by its id, typed on stdin'],
  ],
  options: EXPLAIN_OPTIONS,
  arguments: { session: 'a session file, a session id, or - to read the id from stdin' },
  ownOptions: {
    source: { type: 'string', group: 'Which sessions', describe: 'store in which to look for an id' },
  },
  load: async () => (await import('./explain.js')).runExplain,
};

const NOT_OF_EXPORT: readonly OptionName[] = [
  ...(['to', 'conflict', 'sids', 'lanes', 'report', 'accept-eviction', 'skip-capacity-check'] as const),
  ...(['every', 'final', 'repair', 'cutover-done', 'max-delete'] as const),
  ...OF_VERIFY,
];
const EXPORT_OPTIONS = (Object.keys(OPTIONS) as OptionName[]).filter((name) => !NOT_OF_EXPORT.includes(name));

/** The way back: every session in Redis becomes the file that the chosen Odoo reads. */
export const exportCommand: Command = {
  usage: 'export <directory>',
  describe: 'the way back: sessions from Redis into the files of a chosen Odoo',
  examples: [
    ['$0 export /var/lib/odoo/sessions-back --from redis://localhost --odoo 17', 'as root: files belong to Odoo'],
    ['$0 export /tmp/look --from unix:///run/redis/redis.sock --odoo 15 --dry-run', 'everything but the writing'],
  ],
  options: EXPORT_OPTIONS,
  arguments: { directory: "Odoo's session directory, or a new one" },
  flagOnly: ['force'],
  load: async () => (await import('./export.js')).runExportCommand,
};

const SYNC_OPTIONS = (Object.keys(OPTIONS) as OptionName[]).filter(
  (name) => ![...OF_VERIFY, ...OF_EXPORT].includes(name),
);

/** Brings Redis up to date with the files: new, changed and ended sessions. Once, or again and again. */
export const syncCommand: Command = {
  usage: 'sync <source...>',
  describe: 'bring Redis up to date: new, changed and ended sessions',
  examples: [
    ['$0 sync /var/lib/odoo/sessions --to redis://localhost:6379/0 --every 5m', 'while Odoo still runs on files'],
    ['$0 sync /var/lib/odoo/sessions --to redis://localhost:6379/0 --final', 'in the freeze, with Odoo stopped'],
    ['$0 sync /var/lib/odoo/sessions --to redis://localhost:6379/0 --cutover-done', 'stragglers, after the switch'],
  ],
  arguments: SOURCES,
  options: SYNC_OPTIONS,
  load: async () => (await import('./migrate.js')).runSync,
};

/** Options of commands that write, and of those that read sessions from Redis into files. */
const NOT_OF_VERIFY: readonly OptionName[] = [
  ...(['dry-run', 'conflict', 'fail-if-empty', 'accept-eviction', 'skip-capacity-check'] as const),
  ...OF_EXPORT,
  ...(['every', 'final', 'repair', 'cutover-done', 'max-delete'] as const),
];
const VERIFY_OPTIONS = (Object.keys(OPTIONS) as OptionName[]).filter((name) => !NOT_OF_VERIFY.includes(name));

/** Compares files with what Redis holds, by meaning and expiry; writes nothing. */
export const verifyCommand: Command = {
  usage: 'verify <source...>',
  describe: 'compare files with Redis, by meaning and expiry',
  examples: [
    ['$0 verify /var/lib/odoo/sessions --to redis://localhost:6379/0', 'with the options of your migrate'],
    ['$0 verify /var/lib/odoo/sessions --to redis://localhost:6379/0 --sample 3000', 'quick, and how sure'],
  ],
  arguments: SOURCES,
  options: VERIFY_OPTIONS,
  load: async () => (await import('./verify.js')).runVerify,
};
