import type { CommandModule, Options } from 'yargs';
import type { ExitCode } from '../exit-codes.js';
import {
  CONFIGURATION,
  OPTIONS,
  type OptionEntry,
  type OptionName,
  type RawOptions,
  type RawValue,
  type Vocabulary,
} from '../options-table.js';

/** What stood on the command line, by option; what environment and configuration file say needs no repeating. */
export type TypedOptions = Readonly<Record<string, RawValue>>;

/** What a line says: the arguments by name, and the options as they were typed, set or left out. */
export type ParsedLine = Readonly<Record<string, unknown>>;

/**
 * Does a command and resolves to the exit code.
 * @param raw the options of the table that the command has, as `parseOptions` takes them
 * @param typed the options that stood on the line itself
 */
export type RunCommand = (line: ParsedLine, raw: RawOptions, typed: TypedOptions) => Promise<ExitCode>;

/** A command: its words, help and options, and how to load what does it. */
export interface Command {
  /** As yargs reads it: `migrate <source...>`. */
  usage: string;
  describe: string;
  /** `$0` stands for the program. */
  examples: readonly (readonly [string, string])[];
  /** What the words between the brackets of `usage` are. */
  arguments?: Readonly<Record<string, string>>;
  options: readonly OptionName[];
  /** Options of its own, and shared ones that mean something else here. */
  ownOptions?: Vocabulary;
  /** Options that count on the command line alone: what was set for other commands must not be taken for this one. */
  flagOnly?: readonly string[];
  /** Loads what does it, which takes far longer than to read a line: nobody waits for the commands that are not called. */
  load: () => Promise<RunCommand>;
}

/** The arguments of every command that passes over sources. */
export const SOURCES = {
  source: "session directory, or a quoted pattern as in '/srv/*/sessions'; several are one run",
};

/** The word by which a command is called. */
export function nameOf({ usage }: Command): string {
  return usage.split(' ', 1)[0] as string;
}

/** Every option of a command, in the order of the table; the two that every command has come last. */
export function optionsOf({ options, ownOptions }: Command): Vocabulary {
  return { ...Object.fromEntries(options.map((name) => [name, OPTIONS[name]])), ...ownOptions, ...CONFIGURATION };
}

/** The options that environment and configuration file may set. */
export function configurableOf(command: Command): Vocabulary {
  const isOpen = ([name]: [string, OptionEntry]) => !command.flagOnly?.some((closed) => closed === name);
  return Object.fromEntries(Object.entries(optionsOf(command)).filter(isOpen));
}

/** The yargs face of a command: what it reads, not what it does. */
export function toModule(command: Command): CommandModule {
  const positionals = Object.entries(command.arguments ?? {});
  return {
    command: command.usage,
    describe: command.describe,
    builder: (parser) => {
      for (const [name, describe] of positionals) parser.positional(name, { describe, type: 'string' });
      for (const [name, entry] of Object.entries(optionsOf(command))) parser.option(name, yargsOption(entry));
      return parser;
    },
    handler: () => {},
  };
}

function yargsOption({ type, describe }: OptionEntry): Options {
  const isBoolean = type === 'boolean';
  // Numbers stay text until options.ts reads them; an array option takes one value at a time.
  return { describe, requiresArg: !isBoolean, type: isBoolean ? type : 'string' };
}

/** The options of a parsed line, as `parseOptions` takes them. */
export function rawOptionsOf(line: ParsedLine, names: readonly OptionName[]): RawOptions {
  const raw: RawOptions = {};
  for (const name of names) {
    const value = line[name];
    if (value !== undefined) raw[name] = value as string | boolean | string[];
  }
  return raw;
}
