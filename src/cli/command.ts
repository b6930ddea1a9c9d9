import type { CommandModule, Options } from 'yargs';
import { kindOfSid } from '../applications/odoo/layout.js';
import { EXIT, type ExitCode, OperatorError } from '../errors.js';
import { nearest } from '../nearest.js';
import {
  CONFIGURATION,
  OPTIONS,
  type OptionEntry,
  type OptionName,
  type RawOptions,
  type RawValue,
  type Vocabulary,
} from '../options/table.js';

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
  /**
   * Loads what does it, which takes far longer than to read a line: nobody waits for the commands that are not called.
   */
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

/** Put before an id that would look like an option. */
export const SID_MARK = 'sid:';

/** A command line in an order that yargs reads, and what it asks for. */
export interface ArrangedLine {
  /** Null where none is named. */
  command: Command | null;
  /** The command, its arguments, then the options. */
  words: readonly string[];
  wantsHelp: boolean;
  wantsVersion: boolean;
}

/**
 * Finds the command wherever it stands, and names what is mistyped with the nearest word that exists: yargs would take
 * the word behind an option that it doesn't know for its value, and miss that one instead.
 * @throws {OperatorError} for an unknown command or option
 */
export function arrangeWords(words: readonly string[], commands: readonly Command[]): ArrangedLine {
  const everyones: Vocabulary = Object.assign({}, ...commands.map(optionsOf));
  const { plain, options } = partition(words, everyones);
  const wantsHelp = plain[0] === 'help' || options.some((word) => word === '--help' || word === '-h');
  const wantsVersion = options.includes('--version');
  if (plain[0] === 'help') plain.shift();
  const command = plain[0] === undefined ? null : commandNamed(plain[0], commands);
  if (command !== null && !wantsHelp) refuseUnknown(options, command, everyones);
  return { command, words: [...plain, ...options], wantsHelp, wantsVersion };
}

/** Parts the command and its arguments from options and their values. What follows `--` can be no option. */
function partition(words: readonly string[], everyones: Vocabulary): { plain: string[]; options: string[] } {
  const separator = words.indexOf('--');
  const head = separator < 0 ? words : words.slice(0, separator);
  const plain: string[] = [];
  const options: string[] = [];
  for (let i = 0; i < head.length; i++) {
    const word = head[i] as string;
    if (!/^-./.test(word)) plain.push(word);
    // One id in 64 begins with a hyphen (Odoo 18).
    else if (kindOfSid(word) !== null) plain.push(SID_MARK + word);
    else {
      options.push(word);
      if (isValueOf(word, head[i + 1], everyones)) options.push(head[++i] as string);
    }
  }
  for (const word of words.slice(head.length + 1)) {
    const mark = kindOfSid(word) === null ? './' : SID_MARK;
    plain.push(word.startsWith('-') ? mark + word : word);
  }
  return { plain, options };
}

/** Whether yargs will take `next` for the value of the option before it. */
function isValueOf(option: string, next: string | undefined, everyones: Vocabulary): boolean {
  const name = option.replace(/^--/, '');
  const entry = Object.hasOwn(everyones, name) ? everyones[name] : undefined;
  if (entry === undefined || next === undefined) return false;
  return entry.type === 'boolean' ? /^(true|false)$/.test(next) : !/^-\D/.test(next);
}

function commandNamed(word: string, commands: readonly Command[]): Command {
  const found = commands.find((command) => nameOf(command) === word);
  if (found !== undefined) return found;
  const guess = nearest(word, commands.map(nameOf));
  const advice = guess === null ? 'see sess2redis --help' : `did you mean ${guess}?`;
  throw new OperatorError(EXIT.usage, `unknown command ${word}: ${advice}`);
}

function refuseUnknown(options: readonly string[], command: Command, everyones: Vocabulary): void {
  const known = optionsOf(command);
  const faults: string[] = [];
  for (let i = 0; i < options.length; i++) {
    const word = (options[i] as string).split('=', 1)[0] as string;
    const name = word.replace(/^-+/, '');
    if (!word.startsWith('--') || !Object.hasOwn(known, name)) faults.push(faultOf(word, name));
    if (isValueOf(options[i] as string, options[i + 1], everyones)) i++;
  }
  if (faults.length > 0) throw new OperatorError(EXIT.usage, faults.join('; '));

  function faultOf(word: string, name: string): string {
    const help = `see sess2redis ${nameOf(command)} --help`;
    if (word.startsWith('--') && Object.hasOwn(everyones, name)) {
      return `${word} is no option of ${nameOf(command)}: ${help}`;
    }
    const guess = nearest(name, Object.keys(known));
    return `unknown option ${word}: ${guess === null ? help : `did you mean --${guess}?`}`;
  }
}
