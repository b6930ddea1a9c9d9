/**
 * Every option once: its help, its kind and its default in words. The command line, the environment
 * (`SESS2REDIS_<NAME>`) and the man page are made from this table; meaning and checks are in `options.ts`.
 */
export interface OptionEntry {
  type: 'string' | 'boolean' | 'array';
  describe: string;
  /** Heading under which `--help` lists it. */
  group: 'Target' | 'Reader' | 'Which sessions' | 'Pace and limits' | 'Output';
}

const option = (
  group: OptionEntry['group'],
  describe: string,
  rest: Partial<Pick<OptionEntry, 'type'>> = {},
): OptionEntry => ({ type: 'string', group, describe, ...rest });

export const OPTIONS = {
  to: option('Target', 'redis://host:6379/0, rediss://host:6380/0 or unix:///run/redis/redis.sock?db=0'),
  from: option('Target', 'where the keys are read from; written as --to is'),
  user: option('Target', 'ACL user to log in as'),
  'password-file': option('Target', 'file whose first line is the password (or set SESS2REDIS_PASSWORD)'),
  'tls-ca': option('Target', 'PEM file of the authority that signed the server certificate'),
  'tls-cert': option('Target', 'PEM file of the client certificate'),
  'tls-key': option('Target', 'PEM file of its key'),
  'tls-insecure': option('Target', 'do not check the server certificate', { type: 'boolean' }),
  conflict: option('Target', 'a key that exists: keep it, or overwrite it with the file  [default: keep]'),
  'dry-run': option('Target', 'do everything but write', { type: 'boolean' }),

  profile: option('Reader', 'the module that will read the keys, see: sess2redis profiles  [default: camptocamp]'),
  prefix: option('Reader', "the reader's key prefix (ODOO_SESSION_REDIS_PREFIX)"),
  'key-template': option('Reader', "generic only: the key, as in 'session:{sid}'"),
  encoding: option('Reader', 'generic only: json, pickle or verbatim  [default: json]'),
  sids: option('Reader', 'lengths of the session ids that your reader accepts, as in 40,84'),
  lifetime: option('Reader', 'how long a login lives after its last save  [default: the profile says]'),
  'anonymous-lifetime': option('Reader', 'the same for sessions without a login'),

  anonymous: option('Which sessions', 'keep or skip sessions without a login  [default: keep]'),
  'odoo-db': option('Which sessions', 'only sessions of this database (repeatable)', { type: 'array' }),
  'max-age': option('Which sessions', 'only sessions saved within this time, as in 2d'),
  'max-file-size': option('Which sessions', 'reject larger files  [default: 1MiB]'),
  shard: option('Which sessions', 'only part i of n, as in 1/3, for several machines'),

  rate: option('Pace and limits', 'sessions per second at most, as in 5k'),
  lanes: option('Pace and limits', 'threads: auto or a number  [default: auto]'),
  limit: option('Pace and limits', 'stop after this many directory entries'),
  'max-rejects': option('Pace and limits', 'stop when more files than this are rejected'),
  'fail-if-empty': option('Pace and limits', 'exit 9 when there was nothing to do', { type: 'boolean' }),

  json: option('Output', 'one JSON object per line on stdout', { type: 'boolean' }),
  'state-dir': option('Output', 'where the list of rejects is kept  [default: $XDG_STATE_HOME/sess2redis/...]'),
  'log-level': option('Output', 'log on stderr or to --log-file: error, warn, info, debug'),
  'log-file': option('Output', 'write the log there, as JSON lines'),
} as const satisfies Record<string, OptionEntry>;

export type OptionName = keyof typeof OPTIONS;

/** Values as they came from the command line or the environment; nothing in here is checked. */
export type RawOptions = Partial<Record<OptionName, string | boolean | readonly string[]>>;

/** What the environment says for options that the command line leaves open. */
export function withEnvironment(raw: RawOptions, environment: NodeJS.ProcessEnv): RawOptions {
  const merged: RawOptions = { ...raw };
  for (const name of Object.keys(OPTIONS) as OptionName[]) {
    if (merged[name] !== undefined) continue;
    const value = environment[`SESS2REDIS_${name.toUpperCase().replaceAll('-', '_')}`];
    if (value === undefined || value === '') continue;
    const { type } = OPTIONS[name];
    if (type === 'boolean') merged[name] = !/^(0|false|no|off)$/i.test(value);
    else merged[name] = type === 'array' ? value.split(',') : value;
  }
  return merged;
}
