/**
 * READ FIRST. An option on its way from the operator's words to a value that the program can trust.
 *
 * 1. `../option-entry.ts`: what a row of the table says about an option; here, what is made of a row.
 * 2. `table.ts`: one row for each option, and which commands take it; `applications/` declares those that only its
 *    applications have. Parsing, help, man page, shell completion, configuration file, environment, `--print-config`
 *    and defaults are loops over these rows.
 * 3. `settle.ts`: decides once, in `cli/main.ts`, which value counts (command line, environment, file or default) and
 *    remembers where it came from. `config-file.ts` reads the file.
 * 4. `read.ts`: typed values of settled options, and all that is wrong with them in one message.
 * 5. `run-options.ts`: the checked options of a run, from `application.ts` (whose sessions, for which reader),
 *    `target.ts` (the Redis servers), `pace.ts` and `output.ts`. `command-options.ts` adds what `export` and `bench`
 *    alone take.
 *
 * To add an option: a row in `table.ts`, a line in `run-options.ts` that reads it, and the code that acts on it.
 */

import { homedir } from 'node:os';
import { isAbsolute, join } from 'node:path';
import type { OptionEntry } from '../option-entry.js';

/** Heading under which the help lists an option. */
export type Group = 'Target' | 'Reader' | 'Files' | 'Which sessions' | 'Pace and limits' | 'Output';

/** A row of the table. */
export interface Option extends OptionEntry {
  name: string;
  group: Group;
}

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
