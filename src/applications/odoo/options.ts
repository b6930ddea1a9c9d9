import { choice, DECIDING, KEYED, list, PASSES, text, time, toggle } from '../../option-entry.js';
import { VALUE_ENCODINGS } from './profile.js';
import { KNOWN_PROFILES } from './profiles.js';
import { MIXED, SERIES } from './series.js';

const ONLY = { application: 'odoo' } as const;
const SERIES_NAMES = SERIES.map(({ name }) => name);
const ALL_SERIES = `${SERIES_NAMES[0]} to ${SERIES_NAMES.at(-1)}`;
const LIFETIME = { least: 1000, form: 'a time of at least a second, as in 7d or 3h' };

/** The module that reads the keys, which decides how they look and how long they live. */
export const ODOO_READER = {
  odoo: text('SERIES', KEYED, 'the Odoo that will read, 8 to 20: it decides between the releases of the profile', {
    choices: SERIES_NAMES,
    ...ONLY,
  }),
  profile: text(
    'NAME',
    [...KEYED, 'bench'],
    'the module that will read the keys, or its release: see sess2redis profiles',
    { choices: KNOWN_PROFILES.map(({ name }) => name), default: 'camptocamp', ...ONLY },
  ),
  prefix: text('TEXT', [...KEYED, 'bench'], "the reader's key prefix (ODOO_SESSION_REDIS_PREFIX)"),
  'key-template': text('KEY', [...KEYED, 'bench'], "generic only: the key, as in 'session:{sid}'", ONLY),
  encoding: choice('WHAT', [...KEYED, 'bench'], `generic only: ${enumerated(VALUE_ENCODINGS)}`, {
    choices: VALUE_ENCODINGS,
    default: 'json',
    ...ONLY,
  }),
  'honour-expiration': toggle(DECIDING, "generic only: the reader prefers the session's own `expiration`", ONLY),
  sids: text(
    'LENGTHS',
    [...PASSES, 'explain', 'bench'],
    'lengths of the session ids that your reader accepts, as in 40,84',
    { choices: ['40', '84', '86', '40,84', '84,86', '40,84,86'], ...ONLY },
  ),
  lifetime: time(DECIDING, 'how long a login lives after its last save', {
    otherwise: 'the profile says',
    ...LIFETIME,
  }),
  'anonymous-lifetime': time(DECIDING, 'the same for sessions without a login', { ...LIFETIME, ...ONLY }),
};

export const ODOO_SESSIONS = {
  'odoo-db': list('NAME', KEYED, 'only sessions of this database (repeatable)', ONLY),
};

/** Names that mean something else to `bench` than to other commands. */
export const ODOO_BENCH = {
  odoo: text('SERIES', ['bench'], `series: ${ALL_SERIES}, or mixed`, {
    choices: SERIES_NAMES,
    default: '19',
    ...ONLY,
  }),
};

/** Names that mean something else to `generate` than to other commands. */
export const ODOO_GENERATE = {
  odoo: text('SERIES', ['generate'], `series: ${ALL_SERIES}, or mixed (${MIXED.join(', ')})`, {
    choices: SERIES_NAMES,
    default: 'mixed',
    ...ONLY,
  }),
  'odoo-db': list('NAME', ['generate'], 'database that the sessions are of (repeatable)', {
    default: 'shop',
    ...ONLY,
  }),
};

function enumerated(words: readonly string[]): string {
  return `${words.slice(0, -1).join(', ')} or ${words.at(-1)}`;
}
