import { KNOWN_PROFILES } from '../profiles/known.js';
import { SERIES } from '../source/odoo-series.js';

/** What the value of an option is: a word for it in help, and what a shell can complete. */
export interface ValueHint {
  word: string;
  choices?: readonly string[];
  kind?: 'file' | 'directory';
}

const FILE: ValueHint = { word: 'FILE', kind: 'file' };
const TIME: ValueHint = { word: 'TIME' };
const COUNT: ValueHint = { word: 'N' };
const oneOf = (word: string, ...choices: string[]): ValueHint => ({ word, choices });

const HINTS: Readonly<Record<string, ValueHint>> = {
  to: oneOf('URL', 'redis://', 'rediss://', 'unix://'),
  from: oneOf('URL', 'redis://', 'rediss://', 'unix://'),
  user: { word: 'NAME' },
  'password-file': FILE,
  'tls-ca': FILE,
  'tls-cert': FILE,
  'tls-key': FILE,
  'sentinel-user': { word: 'NAME' },
  'sentinel-password-file': FILE,
  'address-map': { word: 'FROM=TO' },
  conflict: oneOf('WHAT', 'keep', 'overwrite'),
  profile: oneOf('NAME', ...KNOWN_PROFILES.map(({ name }) => name)),
  prefix: { word: 'TEXT' },
  'key-template': { word: 'KEY' },
  encoding: oneOf('WHAT', 'json', 'c2c-json', 'pickle', 'verbatim'),
  sids: oneOf('LENGTHS', '40', '84', '86', '40,84', '84,86', '40,84,86'),
  lifetime: TIME,
  'anonymous-lifetime': TIME,
  anonymous: oneOf('WHAT', 'keep', 'skip'),
  'expiry-tolerance': TIME,
  'odoo-db': { word: 'NAME' },
  sample: COUNT,
  'max-age': TIME,
  'max-file-size': { word: 'SIZE' },
  shard: { word: 'i/n' },
  rate: COUNT,
  lanes: oneOf('N', 'auto'),
  throttle: oneOf('WHAT', 'auto', 'off'),
  'max-io-pressure': { word: 'SHARE' },
  'pause-file': FILE,
  'give-up-after': TIME,
  limit: COUNT,
  'max-rejects': COUNT,
  every: TIME,
  'max-delete': COUNT,
  'state-dir': { word: 'DIR', kind: 'directory' },
  'log-level': oneOf('LEVEL', 'error', 'warn', 'info', 'debug'),
  'log-file': FILE,
  report: FILE,
  'metrics-file': FILE,
  'metrics-listen': { word: 'ADDRESS' },
  config: FILE,
  source: { word: 'DIR', kind: 'directory' },
  session: { word: 'SESSION', kind: 'file' },
  directory: { word: 'DIR', kind: 'directory' },
  shell: oneOf('SHELL', 'bash', 'zsh', 'fish'),
  sessions: COUNT,
  odoo: oneOf('SERIES', ...SERIES.map(({ name }) => name)),
  files: { word: 'DIR', kind: 'directory' },
  owner: { word: 'USER:GROUP' },
  junk: COUNT,
  seed: COUNT,
};

/** What is known of an option's or an argument's value. */
export function valueHint(name: string): ValueHint {
  return HINTS[name] ?? { word: 'VALUE' };
}
