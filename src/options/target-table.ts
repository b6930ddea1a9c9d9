import { builtInNames, OWN_CODE } from '../applications/built-in-names.js';
import { ODOO_READER } from '../applications/command-line.js';
import { CONNECTING, choice, file, KEYED, list, PASSES, text, time, toggle, WRITING } from '../option-entry.js';

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

/** Whose sessions they are, and what reads the keys: that decides how they look and how long they live. */
export const READER = {
  app: text(
    'NAME|FILE',
    [...KEYED, 'generate', 'bench'],
    'whose sessions: see sess2redis apps, or a template of your own',
    {
      choices: [OWN_CODE.name, ...builtInNames()],
      default: 'auto',
    },
  ),
  ...ODOO_READER,
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
