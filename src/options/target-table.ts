import { builtInNames } from '../applications/built-in-names.js';
import { KNOWN_PROFILES } from '../applications/odoo/profiles.js';
import { SERIES } from '../applications/odoo/series.js';
import { CONNECTING, choice, DECIDING, file, KEYED, list, PASSES, text, time, toggle, WRITING } from './option.js';

export const SERIES_NAMES = SERIES.map(({ name }) => name);
const URLS = ['redis:', 'rediss:', 'unix:', 'sentinel:', 'sentinels:', 'cluster:', 'clusters:'].map(
  (scheme) => `${scheme}//`,
);

/** Which Redis, how it is reached, and what may happen to it. */
export const TARGET = {
  to: text(
    'URL',
    [...PASSES, 'explain', 'ledger', 'detect', 'bench'],
    'redis(s)://host:6379/0, unix:///path?db=0, sentinel(s)://h1,h2/<master> or cluster(s)://h1,h2',
    // A target that was set for migrations is no place for random sessions.
    { choices: URLS, required: [...WRITING, 'verify', 'detect'], lineOnly: ['bench'], isOfOneRun: true },
  ),
  from: text('URL', ['export'], 'where the keys are read from; written as --to is', {
    choices: URLS,
    required: ['export'],
    isOfOneRun: true,
  }),
  user: text('NAME', CONNECTING, 'ACL user to log in as'),
  'password-file': file(CONNECTING, 'file whose first line is the password (or set SESS2REDIS_PASSWORD)'),
  'sentinel-user': text('NAME', CONNECTING, 'ACL user to log in as at the sentinels'),
  'sentinel-password-file': file(
    CONNECTING,
    'file whose first line is the password of the sentinels (or set SESS2REDIS_SENTINEL_PASSWORD)',
  ),
  'tls-ca': file(CONNECTING, 'PEM file of the authority that signed the server certificate'),
  'tls-cert': file(CONNECTING, 'PEM file of the client certificate'),
  'tls-key': file(CONNECTING, 'PEM file of its key'),
  'tls-insecure': toggle(CONNECTING, 'do not check the server certificate'),
  'address-map': list(
    'FROM=TO',
    CONNECTING,
    'way to an announced server, as in 10.0.0.4:6379=localhost:7001 (repeatable)',
  ),
  conflict: choice('WHAT', WRITING, 'a key that exists: keep it, or overwrite it with the file', {
    choices: ['keep', 'overwrite'],
    default: 'keep',
    isOfOneRun: true,
  }),
  'accept-eviction': toggle([...WRITING, 'audit'], 'write although the server may drop keys when memory runs out'),
  'skip-capacity-check': toggle([...WRITING, 'audit'], 'write without asking first whether it fits'),
  'dry-run': toggle([...WRITING, 'export'], 'do everything but write', { isOfOneRun: true }),
  yes: toggle(['bench'], 'load into the database that --to names although it holds keys', { lineOnly: ['bench'] }),
};

const LIFETIME = { least: 1000, form: 'a time of at least a second, as in 7d or 3h' };

/** The module that reads the keys, which decides how they look and how long they live. */
export const READER = {
  app: text('NAME|FILE', [...KEYED, 'generate'], 'whose sessions: see sess2redis apps, or a template of your own', {
    choices: ['odoo', ...builtInNames()],
    default: 'auto',
  }),
  odoo: text('SERIES', KEYED, 'the Odoo that will read, 8 to 20: it decides between the releases of the profile', {
    choices: SERIES_NAMES,
    application: 'odoo',
  }),
  profile: text(
    'NAME',
    [...KEYED, 'bench'],
    'the module that will read the keys, or its release: see sess2redis profiles',
    { choices: KNOWN_PROFILES.map(({ name }) => name), default: 'camptocamp' },
  ),
  prefix: text('TEXT', [...KEYED, 'bench'], "the reader's key prefix (ODOO_SESSION_REDIS_PREFIX)"),
  'key-template': text('KEY', [...KEYED, 'bench'], "generic only: the key, as in 'session:{sid}'"),
  encoding: choice('WHAT', [...KEYED, 'bench'], 'generic only: json, c2c-json, pickle or verbatim', {
    choices: ['json', 'c2c-json', 'pickle', 'verbatim'],
    default: 'json',
  }),
  'honour-expiration': toggle(DECIDING, "generic only: the reader prefers the session's own `expiration`"),
  sids: text(
    'LENGTHS',
    [...PASSES, 'explain', 'bench'],
    'lengths of the session ids that your reader accepts, as in 40,84',
    { choices: ['40', '84', '86', '40,84', '84,86', '40,84,86'] },
  ),
  lifetime: time(DECIDING, 'how long a login lives after its last save', {
    otherwise: 'the profile says',
    ...LIFETIME,
  }),
  'anonymous-lifetime': time(DECIDING, 'the same for sessions without a login', LIFETIME),
  // Redis keeps expiries to the millisecond; a second covers readers that set theirs in whole seconds.
  'expiry-tolerance': time(['verify'], 'expiries this close together count as the same', {
    default: '1s',
    form: 'a time, as in 1s or 5m',
  }),
};

/** The files that an export writes. */
export const FILES = {
  owner: text('USER:GROUP', ['export'], 'user:group of the files, for root', { otherwise: "the directory's" }),
  force: toggle(['export'], 'write into a directory that holds other things than sessions', {
    lineOnly: ['export'],
    isOfOneRun: true,
  }),
};
