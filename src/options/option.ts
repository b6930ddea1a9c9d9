/**
 * READ FIRST. An option on its way from the operator's words to a value that the program can trust.
 *
 * 1. `option.ts` (here): what a row of the table says about an option.
 * 2. `table.ts`: one row for each option, and which commands take it. Parsing, help, man page, shell completion,
 *    configuration file, environment, `--print-config` and defaults are loops over these rows.
 * 3. `settle.ts`: decides once, in `cli/main.ts`, which value counts (command line, environment, file or default) and
 *    remembers where it came from. `config-file.ts` reads the file.
 * 4. `read.ts`: typed values of settled options, and all that is wrong with them in one message.
 * 5. `run-options.ts`: the checked options of a run, from `selection.ts` (the reader of the keys), `target.ts` (the
 *    Redis servers), `pace.ts` and `output.ts`. `export.ts` and `bench.ts` add what these commands alone take.
 *
 * To add an option: a row in `table.ts`, a line in `run-options.ts` that reads it, and the code that acts on it.
 */

import { homedir } from 'node:os';
import { isAbsolute, join } from 'node:path';

/** Every command by its name, in the order of the help. */
export const COMMAND_NAMES = [
  ...(['migrate', 'sync', 'audit', 'verify', 'export', 'explain'] as const),
  ...(['ledger', 'detect', 'bench', 'generate', 'profiles', 'apps', 'completion'] as const),
] as const;

export type CommandName = (typeof COMMAND_NAMES)[number];

/** Commands that write to Redis. */
export const WRITING = ['migrate', 'sync'] as const;
/** Commands that pass over the files of a session directory. */
export const PASSES = [...WRITING, 'audit', 'verify'] as const;
/** Commands that work for long: they have a pace, limits and a log. */
export const RUNS = [...PASSES, 'export'] as const;
/** Commands that decide about a session as a migrate does. */
export const DECIDING = [...RUNS, 'explain'] as const;
/** Commands that know the keys of sessions. */
export const KEYED = [...DECIDING, 'ledger'] as const;
/** Commands that ask a Redis server. */
export const CONNECTING = [...DECIDING, 'detect', 'bench'] as const;

/** Heading under which the help lists an option. */
export type Group = 'Target' | 'Reader' | 'Files' | 'Which sessions' | 'Pace and limits' | 'Output';

/**
 * What the value of an option is. A `switch` is on or off; a `list` may be given several times; a `choice` takes
 * nothing but its `choices`; a `file` and a `directory` are paths, in which `~/` is the home directory; a `time` (7d),
 * a `count` (5k) and a `size` (1MiB) are numbers with a unit; any other value is a `text`.
 */
export type OptionKind = 'switch' | 'text' | 'list' | 'choice' | 'file' | 'directory' | 'time' | 'count' | 'size';

/** What only some options need. */
export interface OptionDetails {
  /** The only values of a `choice`; for other kinds, values that a shell offers to complete. */
  choices?: readonly string[];
  /** The value that holds where nobody gives one, as an operator would write it. */
  default?: string;
  /** What happens without a value, in words, where no fixed value stands for it. */
  otherwise?: string;
  /** The least number that a `time` (milliseconds), a `count` or a `size` (bytes) may be. */
  least?: number;
  /** What to write, as a fault tells it: `a time, as in 10m`. */
  form?: string;
  /** Commands that can't do without it. */
  required?: readonly CommandName[];
  /** Commands that take it from the command line alone: a setting that was made for others must not reach them. */
  lineOnly?: readonly CommandName[];
  /** Says where the configuration file is, or shows the configuration: it can't stand in the file itself. */
  isOutsideFiles?: true;
  /** Matters to one run only. The command lines that the program proposes as the next step leave it out. */
  isOfOneRun?: true;
  /** The application whose sessions it is about; an option of every application has none. */
  application?: 'odoo';
}

/** What the table says about an option, besides its name and group. */
export interface OptionEntry extends OptionDetails {
  kind: OptionKind;
  /** Stands for the value in help, as TIME in `--give-up-after TIME`; empty for a switch. */
  word: string;
  help: string;
  commands: readonly CommandName[];
}

/** A row of the table. */
export interface Option extends OptionEntry {
  name: string;
  group: Group;
}

/** Makes entries of one kind; details keep their literal types, from which types of values are derived. */
function entriesOf<K extends OptionKind>(kind: K) {
  return <const D extends OptionDetails = object>(
    word: string,
    commands: readonly CommandName[],
    help: string,
    details = {} as D,
  ) => ({ kind, word, commands, help, ...details });
}

/** The same, where all options of the kind share the word for their value. */
function entriesWith<K extends OptionKind>(kind: K, word: string) {
  const entry = entriesOf(kind);
  return <const D extends OptionDetails = object>(commands: readonly CommandName[], help: string, details = {} as D) =>
    entry(word, commands, help, details);
}

export const text = entriesOf('text');
export const list = entriesOf('list');
export const choice = entriesOf('choice');
export const toggle = entriesWith('switch', '');
export const file = entriesWith('file', 'FILE');
export const directory = entriesWith('directory', 'DIR');
export const time = entriesWith('time', 'TIME');
export const count = entriesWith('count', 'N');
export const size = entriesWith('size', 'SIZE');

/** The default of an option in words; undefined where it has none. */
export function defaultWords({ default: value, otherwise = value }: OptionEntry): string | undefined {
  return otherwise;
}

/** The help of an option with its default, as in `keep or overwrite  [default: keep]`. */
export function helpOf(option: OptionEntry): string {
  const words = defaultWords(option);
  return words === undefined ? option.help : `${option.help}  [default: ${words}]`;
}

/** A value as it came from the command line, the environment or a file, before any check. */
export type RawValue = string | boolean | readonly string[];

/** The variable that sets an option. */
export function variableOf(name: string): string {
  return `SESS2REDIS_${name.toUpperCase().replaceAll('-', '_')}`;
}

/** What the environment says for an option; undefined where the variable is missing or empty. */
export function environmentValue(option: Option, environment: NodeJS.ProcessEnv): RawValue | undefined {
  const value = environment[variableOf(option.name)];
  if (value === undefined || value === '') return undefined;
  if (option.kind === 'switch') return !/^(0|false|no|off)$/i.test(value);
  return option.kind === 'list' ? value.split(',') : withHome(option, value);
}

/** Replaces `~` at the start of a path by the home directory, as a shell does on a command line. */
export function withHome<T extends RawValue>({ kind }: Option, value: T): T | string {
  const isPath = kind === 'file' || kind === 'directory';
  if (typeof value !== 'string' || !isPath || !/^~(?=\/|$)/.test(value)) return value;
  return `${homeDirectory() ?? '~'}${value.slice(1)}`;
}

/**
 * The home directory; null for an account that /etc/passwd does not know, as in a container with an arbitrary user id.
 */
function homeDirectory(): string | null {
  try {
    return homedir();
  } catch {
    return null;
  }
}

/** What the environment says besides options. */
export interface Surroundings {
  password: string | undefined;
  sentinelPassword: string | undefined;
  /** Whether `NO_COLOR` is set, to whatever value but an empty one (https://no-color.org). */
  wantsNoColour: boolean;
  /** A dumb terminal has neither colours nor a cursor that moves. */
  isTerminalDumb: boolean;
  /** Directory for state that outlives a run; null for a user without a home. */
  stateHome: string | null;
}

/** What of it the environment says. */
export function surroundingsIn(environment: NodeJS.ProcessEnv): Surroundings {
  const { SESS2REDIS_PASSWORD, SESS2REDIS_SENTINEL_PASSWORD, NO_COLOR, TERM } = environment;
  return {
    password: SESS2REDIS_PASSWORD,
    sentinelPassword: SESS2REDIS_SENTINEL_PASSWORD,
    wantsNoColour: (NO_COLOR ?? '') !== '',
    isTerminalDumb: TERM === 'dumb',
    stateHome: stateHomeIn(environment),
  };
}

function stateHomeIn({ XDG_STATE_HOME }: NodeJS.ProcessEnv): string | null {
  // A relative one is to be ignored (XDG Base Directory Specification).
  if (XDG_STATE_HOME !== undefined && isAbsolute(XDG_STATE_HOME)) return XDG_STATE_HOME;
  const home = homeDirectory();
  return home !== null && isAbsolute(home) ? join(home, '.local', 'state') : null;
}
