import { homedir } from 'node:os';

/**
 * Every option once: its help, its kind and its default in words. The command line, the environment
 * (`SESS2REDIS_<NAME>`) and the man page are made from this table; meaning and checks are in `options.ts`.
 */
export interface OptionEntry {
  type: 'string' | 'boolean' | 'array';
  describe: string;
  /** Heading under which `--help` lists it. */
  group: 'Target' | 'Files' | 'Reader' | 'Which sessions' | 'Pace and limits' | 'Output';
}

const option = (
  group: OptionEntry['group'],
  describe: string,
  rest: Partial<Pick<OptionEntry, 'type'>> = {},
): OptionEntry => ({ type: 'string', group, describe, ...rest });

/** The options that a command knows, by long name. */
export type Vocabulary = Readonly<Record<string, OptionEntry>>;

export const OPTIONS = {
  to: option('Target', 'redis(s)://host:6379/0, unix:///path?db=0, sentinel(s)://h1,h2/<master> or cluster(s)://h1,h2'),
  from: option('Target', 'where the keys are read from; written as --to is'),
  user: option('Target', 'ACL user to log in as'),
  'password-file': option('Target', 'file whose first line is the password (or set SESS2REDIS_PASSWORD)'),
  'sentinel-user': option('Target', 'ACL user to log in as at the sentinels'),
  'sentinel-password-file': option(
    'Target',
    'file whose first line is the password of the sentinels (or set SESS2REDIS_SENTINEL_PASSWORD)',
  ),
  'tls-ca': option('Target', 'PEM file of the authority that signed the server certificate'),
  'tls-cert': option('Target', 'PEM file of the client certificate'),
  'tls-key': option('Target', 'PEM file of its key'),
  'tls-insecure': option('Target', 'do not check the server certificate', { type: 'boolean' }),
  'address-map': option('Target', 'way to an announced server, as in 10.0.0.4:6379=localhost:7001 (repeatable)', {
    type: 'array',
  }),
  conflict: option('Target', 'a key that exists: keep it, or overwrite it with the file  [default: keep]'),
  'accept-eviction': option('Target', 'write although the server may drop keys when memory runs out', {
    type: 'boolean',
  }),
  'skip-capacity-check': option('Target', 'write without asking first whether it fits', { type: 'boolean' }),
  'dry-run': option('Target', 'do everything but write', { type: 'boolean' }),

  odoo: option('Reader', 'the Odoo that will read, 8 to 20: it decides between the releases of the profile'),
  owner: option('Files', "user:group of the files, for root  [default: the directory's]"),
  force: option('Files', 'write into a directory that holds other things than sessions', { type: 'boolean' }),

  profile: option(
    'Reader',
    'the module that will read the keys, or its release: see sess2redis profiles  [default: camptocamp]',
  ),
  prefix: option('Reader', "the reader's key prefix (ODOO_SESSION_REDIS_PREFIX)"),
  'key-template': option('Reader', "generic only: the key, as in 'session:{sid}'"),
  encoding: option('Reader', 'generic only: json, c2c-json, pickle or verbatim  [default: json]'),
  'honour-expiration': option('Reader', "generic only: the reader prefers the session's own `expiration`", {
    type: 'boolean',
  }),
  sids: option('Reader', 'lengths of the session ids that your reader accepts, as in 40,84'),
  lifetime: option('Reader', 'how long a login lives after its last save  [default: the profile says]'),
  'anonymous-lifetime': option('Reader', 'the same for sessions without a login'),

  'expiry-tolerance': option('Reader', 'expiries this close together count as the same  [default: 1s]'),

  anonymous: option('Which sessions', 'keep or skip sessions without a login  [default: keep]'),
  'odoo-db': option('Which sessions', 'only sessions of this database (repeatable)', { type: 'array' }),
  'max-age': option('Which sessions', 'only sessions saved within this time, as in 2d'),
  'max-file-size': option('Which sessions', 'reject larger files  [default: 1MiB]'),
  sample: option('Which sessions', 'verify only so many, drawn at random, and say how sure that is'),
  shard: option('Which sessions', 'only part i of n, as in 1/3, for several machines'),

  rate: option(
    'Pace and limits',
    "sessions per second, as in 5k, or [days ]HH:MM,5k|off|pause;... as in 'Mon-Fri 08:00,2k;20:00,off'",
  ),
  throttle: option('Pace and limits', 'slow down when Redis is short of anything: auto or off  [default: auto]'),
  'max-io-pressure': option('Pace and limits', 'slow down when processes wait for the disks longer than, say, 40%'),
  'pause-file': option('Pace and limits', 'start nothing while this file exists; so does SIGUSR1, until SIGUSR2'),
  'give-up-after': option(
    'Pace and limits',
    'end (5) when Redis is away (10s at a first start) or takes nothing for so long  [default: 10m]',
  ),
  lanes: option('Pace and limits', 'threads: a number, or auto for as many as bring something  [default: auto]'),
  limit: option('Pace and limits', 'stop after this many directory entries'),
  'max-rejects': option('Pace and limits', 'stop when more files than this are rejected'),
  'fail-if-empty': option('Pace and limits', 'exit 9 when there was nothing to do', { type: 'boolean' }),

  every: option('Pace and limits', 'pass again and again, so long after each pass, as in 5m'),
  final: option('Pace and limits', 'the pass in the freeze: look at every file', { type: 'boolean' }),
  repair: option('Pace and limits', 'ask Redis for every recorded key and bring back what is gone; --final does', {
    type: 'boolean',
  }),
  'cutover-done': option('Pace and limits', 'Odoo runs on Redis now: from here on only add what is absent', {
    type: 'boolean',
  }),
  'max-delete': option(
    'Pace and limits',
    'delete no more copies than this at once  [default: 5%, at least 100, at most half of few]',
  ),

  json: option('Output', 'one JSON object per line on stdout', { type: 'boolean' }),
  report: option('Output', 'write a report with pictures to this HTML file, which needs no network to be read'),
  quiet: option('Output', 'no heading, progress or advice; warnings, errors and the result stay', { type: 'boolean' }),
  'no-color': option('Output', 'plain text on a terminal too (or set NO_COLOR)', { type: 'boolean' }),
  'state-dir': option('Output', 'where ledger and list of rejects are kept  [default: $XDG_STATE_HOME/sess2redis/...]'),
  'log-level': option('Output', 'log on stderr or to --log-file: error, warn, info, debug'),
  'log-file': option('Output', 'write the log there, as JSON lines'),
  'metrics-file': option('Output', 'write Prometheus text there, for the textfile collector of node_exporter'),
  'metrics-listen': option('Output', 'answer GET /metrics there while the run lasts, as in 127.0.0.1:9188'),
} as const satisfies Record<string, OptionEntry>;

export type OptionName = keyof typeof OPTIONS;

/** Options that mean something to `verify` alone. */
export const OF_VERIFY: readonly OptionName[] = ['sample', 'expiry-tolerance'];

/** Options that mean something to `export` alone: the way back, from Redis to files. */
export const OF_EXPORT: readonly OptionName[] = ['from', 'owner', 'force'];

/** Names the file in which options may stand. */
export const CONFIG: OptionEntry = option(
  'Output',
  'YAML or JSON file with options  [default: $XDG_CONFIG_HOME/sess2redis/config.yaml]',
);

/** Options that every command has: they say where all others may come from, and are no settings themselves. */
export const CONFIGURATION: Vocabulary = {
  config: CONFIG,
  'print-config': option('Output', 'show every option with where its value comes from, and leave', { type: 'boolean' }),
};

/** One value as it came from the command line, the environment or a file; nothing in here is checked. */
export type RawValue = string | boolean | readonly string[];
export type RawOptions = Partial<Record<OptionName, RawValue>>;

/** The variable that speaks for an option. */
export function variableOf(name: string): string {
  return `SESS2REDIS_${name.toUpperCase().replaceAll('-', '_')}`;
}

/** What the environment says for an option; undefined where the variable is missing or empty. */
export function environmentValue(
  name: string,
  { type }: OptionEntry,
  environment: NodeJS.ProcessEnv,
): RawValue | undefined {
  const value = environment[variableOf(name)];
  if (value === undefined || value === '') return undefined;
  if (type === 'boolean') return !/^(0|false|no|off)$/i.test(value);
  return type === 'array' ? value.split(',') : withHome(name, value);
}

/** Options whose value is a path. */
const PATHS: readonly string[] = [
  'config',
  'log-file',
  'metrics-file',
  'password-file',
  'pause-file',
  'report',
  'sentinel-password-file',
  'state-dir',
  'tls-ca',
  'tls-cert',
  'tls-key',
];

/** What a shell makes of `~` on a line, for values that no shell has seen; without a home it stays. */
export function withHome<T extends RawValue>(name: string, value: T): T | string {
  if (typeof value !== 'string' || !PATHS.includes(name) || !/^~(?=\/|$)/.test(value)) return value;
  try {
    return `${homedir()}${value.slice(1)}`;
  } catch {
    return value;
  }
}

/** What the environment says for options that the command line leaves open. */
export function withEnvironment(raw: RawOptions, environment: NodeJS.ProcessEnv): RawOptions {
  const merged: RawOptions = { ...raw };
  for (const name of Object.keys(OPTIONS) as OptionName[]) {
    const value = merged[name] ?? environmentValue(name, OPTIONS[name], environment);
    if (value !== undefined) merged[name] = value;
  }
  return merged;
}
