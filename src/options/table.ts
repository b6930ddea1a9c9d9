import { ODOO_BENCH, ODOO_GENERATE, ODOO_SESSIONS } from '../applications/command-line.js';
import {
  COMMAND_NAMES,
  type CommandName,
  choice,
  count,
  DECIDING,
  directory,
  file,
  type OptionDetails,
  type OptionEntry,
  type OptionKind,
  PASSES,
  RUNS,
  size,
  text,
  time,
  toggle,
  WRITING,
} from '../option-entry.js';
import type { Group, Option } from './option.js';
import { FILES, READER, TARGET } from './target-table.js';

const SESSIONS = {
  anonymous: choice('WHAT', DECIDING, 'keep or skip sessions without a login', {
    choices: ['keep', 'skip'],
    default: 'keep',
  }),
  ...ODOO_SESSIONS,
  'max-age': time(DECIDING, 'only sessions saved within this time, as in 2d', {
    least: 1,
    form: 'a time, as in 2d or 12h',
  }),
  owner: text(
    'USER',
    [...PASSES, 'explain'],
    'only files of this user, by name or number, where several share a directory',
  ),
  grace: time(
    [...PASSES, 'explain'],
    'so long from now for sessions over their age that the application still accepts',
    {
      least: 1000,
      form: 'a time of at least a second, as in 1h',
    },
  ),
  'max-file-size': size(DECIDING, 'reject larger files', { default: '1MiB', least: 1, form: 'a size, as in 1MiB' }),
  sample: count(['verify'], 'verify only so many, drawn at random, and say how sure that is', {
    least: 1,
    form: 'a whole number of sessions, as in 3000',
    isOfOneRun: true,
  }),
  shard: text('i/n', [...RUNS, 'ledger'], 'only part i of n, as in 1/3, for several machines'),
  'pool-server': text(
    'i/WEIGHTS',
    [...RUNS, 'ledger'],
    'this server among several of session.save_path, as in 2/1,1,3: the second, with the weights of all',
  ),
  source: directory(['explain'], 'store in which to look for an id'),
  seed: count(['bench', 'generate'], 'number; the same seed makes the same sessions', {
    default: '1',
    form: 'a number, as in 7',
  }),
  files: directory(['bench'], 'directory on the disk to measure', { otherwise: 'the current one' }),
  'no-files': toggle(['bench'], 'only Redis: no files, no migrate'),
  junk: count(['generate'], 'further entries that are no sound sessions', {
    default: '0',
    form: 'a number, as in 200k',
    application: 'odoo',
  }),
};

/** Names that mean something else to `bench` than to other commands. */
const BENCH = {
  sessions: text('N', ['bench'], 'how many at each step, as in 100k,1M,8M', { default: '100k,200k,500k,1M' }),
  ...ODOO_BENCH,
};

/** Names that mean something else to `generate` than to other commands. */
const GENERATE = {
  sessions: count(['generate'], 'how many, as in 200k', { default: '10k', form: 'a number, as in 200k' }),
  ...ODOO_GENERATE,
};

const PACE = {
  rate: text(
    'N',
    RUNS,
    "sessions per second, as in 5k, or [days ]HH:MM,5k|off|pause;... as in 'Mon-Fri 08:00,2k;20:00,off'",
  ),
  throttle: choice('WHAT', [...WRITING, 'verify', 'export'], 'slow down when Redis is short of anything: auto or off', {
    choices: ['auto', 'off'],
    default: 'auto',
  }),
  'max-io-pressure': text('SHARE', RUNS, 'slow down when processes wait for the disks longer than, say, 40%'),
  'pause-file': file(RUNS, 'start nothing while this file exists; so does SIGUSR1, until SIGUSR2'),
  'give-up-after': time(
    [...WRITING, 'verify', 'export'],
    'end (5) when Redis is away (10s at a first start) or takes nothing for so long',
    { default: '10m', form: 'a time, as in 10m' },
  ),
  lanes: text('N', [...PASSES, 'bench'], 'threads: a number, or auto for as many as bring something', {
    choices: ['auto'],
    default: 'auto',
  }),
  'drop-caches': toggle(['bench'], 'migrate with cold caches too; slows the whole machine for a while', {
    lineOnly: ['bench'],
  }),
};

/** Stages and limits of one run. */
const LIMITS = {
  limit: count(RUNS, 'stop after this many directory entries', {
    least: 1,
    form: 'a whole number of entries, as in 1000',
  }),
  'max-rejects': count(RUNS, 'stop when more files than this are rejected', { form: 'a whole number, as in 100' }),
  'fail-if-empty': toggle([...WRITING, 'audit', 'export', 'detect'], 'exit 9 when there was nothing to do'),
  every: time(['sync'], 'pass again and again, so long after each pass, as in 5m', {
    least: 1000,
    form: 'a time of at least a second, as in 5m',
  }),
  final: toggle(['sync'], 'the pass in the freeze: look at every file'),
  repair: toggle(['sync'], 'ask Redis for every recorded key and bring back what is gone; --final does'),
  'cutover-done': toggle(['sync'], 'the application runs on Redis now: from here on only add what is absent'),
  'max-delete': text('N', WRITING, 'delete no more copies than this at once', {
    otherwise: '5%, at least 100, at most half of few',
  }),
};

/** How one run tells what it does. */
const OUTPUT = {
  json: toggle(
    COMMAND_NAMES.filter((name) => name !== 'completion'),
    'one JSON object per line on stdout',
  ),
  report: file(
    [...PASSES, 'bench'],
    'write a report with pictures to this HTML file, which needs no network to be read',
  ),
  quiet: toggle([...RUNS, 'bench'], 'no heading, progress or advice; warnings, errors and the result stay'),
  verbose: toggle(RUNS, 'examples of every outcome, and every outcome on a row of its own, however long that gets'),
  'no-color': toggle([...RUNS, 'bench'], 'plain text on a terminal too (or set NO_COLOR)'),
  'log-level': choice('LEVEL', RUNS, 'log on stderr or to --log-file: error, warn, info, debug', {
    choices: ['error', 'warn', 'info', 'debug'],
  }),
  'log-file': file(RUNS, 'write the log there, as JSON lines'),
  'metrics-file': file(RUNS, 'write Prometheus text there, for the textfile collector of node_exporter'),
  'metrics-listen': text('ADDRESS', RUNS, 'answer GET /metrics there while the run lasts, as in 127.0.0.1:9188'),
};

/** Where runs of the same purpose keep what they share. */
const PLACES = {
  'state-dir': directory([...WRITING, 'verify', 'export', 'ledger'], 'where ledger and list of rejects are kept', {
    otherwise: '$XDG_STATE_HOME/sess2redis/...',
  }),
  config: file(COMMAND_NAMES, 'YAML or JSON file with options', {
    otherwise: '$XDG_CONFIG_HOME/sess2redis/config.yaml',
    isOutsideFiles: true,
  }),
  'print-config': toggle(COMMAND_NAMES, 'show every option with where its value comes from, and leave', {
    isOutsideFiles: true,
    isOfOneRun: true,
  }),
};

type Section =
  | typeof TARGET
  | typeof READER
  | typeof FILES
  | typeof SESSIONS
  | typeof BENCH
  | typeof GENERATE
  | typeof PACE
  | typeof LIMITS
  | typeof PLACES
  | typeof OUTPUT;
type NamesIn<S> = S extends unknown ? keyof S & string : never;
type EntryIn<S, N> = S extends unknown ? (N extends keyof S ? S[N] : never) : never;

export type OptionName = NamesIn<Section>;
/** The entries of a name, with the literal types of their details. */
type EntryOf<N extends OptionName> = EntryIn<Section, N>;

/** The names of options of some kinds. */
export type NameOf<K extends OptionKind> = {
  [N in OptionName]: K & EntryOf<N>['kind'] extends never ? never : N;
}[OptionName];

/** `T`, or undefined as well for an option that has no default. */
export type Valued<N extends OptionName, T> = EntryOf<N> extends { default: string } ? T : T | undefined;

/** The values that a choice may have. */
export type ChoiceOf<N extends NameOf<'choice'>> =
  EntryOf<N> extends { choices: readonly (infer C extends string)[] } ? C : never;

/** A row of the table. */
export interface Row extends Option {
  name: OptionName;
}

/** @param details what all of these options have in common */
const inGroup = (group: Group, entries: Readonly<Record<string, OptionEntry>>, details: OptionDetails = {}): Option[] =>
  Object.entries(entries).map(([name, entry]) => ({ name, group, ...entry, ...details }));

/** Every option. A name has several rows where it means different things to different commands. */
export const ROWS: readonly Row[] = [
  ...inGroup('Target', TARGET),
  ...inGroup('Reader', READER),
  ...inGroup('Files', FILES),
  ...inGroup('Which sessions', BENCH),
  ...inGroup('Which sessions', GENERATE),
  ...inGroup('Which sessions', SESSIONS),
  ...inGroup('Pace and limits', PACE),
  ...inGroup('Pace and limits', LIMITS, { isOfOneRun: true }),
  ...inGroup('Output', OUTPUT, { isOfOneRun: true }),
  ...inGroup('Output', PLACES),
] as Row[];

/** Adds the options that the template of an application declares. */
export function addRows(rows: readonly Option[]): void {
  (ROWS as Row[]).push(...(rows as readonly Row[]));
}

/** The rows of a command, in the order of the table. */
export function optionsOf(command: CommandName): readonly Row[] {
  return ROWS.filter(({ commands }) => commands.includes(command));
}

/** The row of a name: that of the command, or else that of others. */
export function rowOf(name: OptionName, command?: CommandName): Row {
  const rows = ROWS.filter((row) => row.name === name);
  return (rows.find(({ commands }) => command !== undefined && commands.includes(command)) ?? rows[0]) as Row;
}
