import { kindOfSid } from '../applications/command-line.js';
import { EXIT, type ExitCode, OperatorError } from '../errors.js';
import { nearest } from '../nearest.js';
import type { CommandName } from '../option-entry.js';
import type { Option, RawValue } from '../options/option.js';
import type { SettledOptions, TypedOptions } from '../options/settle.js';
import { optionsOf, ROWS } from '../options/table.js';

/**
 * Runs a command and resolves to the exit code.
 * @param words the arguments of the command, as they were typed
 */
export type RunCommand = (settled: SettledOptions, words: readonly string[]) => Promise<ExitCode>;

/** What a command takes besides options. */
export interface Argument {
  name: string;
  /** One; one or none; one or more; any number. */
  times: '1' | '0..1' | '1..n' | '0..n';
  help: string;
  kind: 'file' | 'directory' | 'choice';
  choices?: readonly string[];
}

/** A command as the help shows it, and how to load the code that runs it. Its options are in `options/table.ts`. */
export interface Command {
  name: CommandName;
  argument?: Argument;
  help: string;
  /** Command lines with what they are good for. */
  examples: readonly (readonly [line: string, meaning: string])[];
  /** Loading takes far longer than reading a command line: nobody waits for commands that are not called. */
  load: () => Promise<RunCommand>;
}

/** The command with its argument, as in `migrate <source...>`. */
export function usageOf({ name, argument }: Command): string {
  if (argument === undefined) return name;
  const word = argument.times.endsWith('n') ? `${argument.name}...` : argument.name;
  return argument.times.startsWith('1') ? `${name} <${word}>` : `${name} [${word}]`;
}

/** A command line, taken apart. */
export interface ArrangedLine {
  /** Null where none is named. */
  command: Command | null;
  /** The arguments of the command. */
  words: readonly string[];
  /** Options, each with its value behind it. */
  options: readonly string[];
  wantsHelp: boolean;
  wantsVersion: boolean;
}

/**
 * Finds the command wherever it stands, and names what is mistyped together with the nearest word that exists: yargs
 * would take the word behind an unknown option for its value, and then complain that a word is missing.
 * @throws {OperatorError} for an unknown command or option, and for an option without a value
 */
export function arrangeWords(words: readonly string[], commands: readonly Command[]): ArrangedLine {
  const { plain, options } = partition(words);
  const wantsHelp = plain[0] === 'help' || options.some((word) => word === '--help' || word === '-h');
  const wantsVersion = options.includes('--version');
  if (plain[0] === 'help') plain.shift();
  const [name, ...rest] = plain;
  const command = name === undefined ? null : commandNamed(name, commands);
  if (command !== null && !wantsHelp) checkOptions(options, command.name);
  return { command, words: rest, options, wantsHelp, wantsVersion };
}

/** The words of a line that are no options, and not values of options that every application has. */
export function plainWords(words: readonly string[]): string[] {
  return partition(words).plain;
}

/** Parts the command and its arguments from options and their values. What follows `--` is no option. */
function partition(words: readonly string[]): { plain: string[]; options: string[] } {
  const separator = words.indexOf('--');
  const head = separator < 0 ? words : words.slice(0, separator);
  const plain: string[] = [];
  const options: string[] = [];
  for (let i = 0; i < head.length; i++) {
    const word = head[i] as string;
    // One id in 64 begins with a hyphen.
    if (!/^-./.test(word) || kindOfSid(word) !== null) plain.push(word);
    else {
      options.push(word);
      if (isValueOf(word, head[i + 1])) options.push(head[++i] as string);
    }
  }
  for (const word of words.slice(head.length + 1)) {
    // A path that stays one where it is shown as part of a command line.
    plain.push(word.startsWith('-') && kindOfSid(word) === null ? `./${word}` : word);
  }
  return { plain, options };
}

/** Whether `next` is the value of the option before it. */
function isValueOf(option: string, next: string | undefined): boolean {
  const row = ROWS.find(({ name }) => option === `--${name}`);
  if (row === undefined || next === undefined) return false;
  return row.kind === 'switch' ? /^(true|false)$/.test(next) : !/^-\D/.test(next);
}

function commandNamed(word: string, commands: readonly Command[]): Command {
  const found = commands.find(({ name }) => name === word);
  if (found !== undefined) return found;
  const names = commands.map(({ name }) => name);
  const guess = nearest(word, names);
  const advice = guess === null ? 'see sess2redis --help' : `did you mean ${guess}?`;
  throw new OperatorError(EXIT.usage, `unknown command ${word}: ${advice}`);
}

function checkOptions(options: readonly string[], command: CommandName): void {
  const known = optionsOf(command);
  const help = `see sess2redis ${command} --help`;
  const faults: string[] = [];
  for (let i = 0; i < options.length; i++) {
    const word = options[i] as string;
    const hasValue = isValueOf(word, options[i + 1]);
    const fault = faultOf(word, hasValue);
    if (fault !== null) faults.push(fault);
    if (hasValue) i++;
  }
  if (faults.length > 0) throw new OperatorError(EXIT.usage, faults.join('; '));

  function faultOf(option: string, hasValue: boolean): string | null {
    const [word = '', ...value] = option.split('=');
    const name = word.replace(/^-+/, '');
    const row = word.startsWith('--') ? known.find((each) => each.name === name) : undefined;
    if (row !== undefined) {
      const isComplete = hasValue || value.length > 0 || row.kind === 'switch';
      return isComplete ? null : `${word} has no value: write one behind it: ${help}`;
    }
    if (ROWS.some((each) => word === `--${each.name}`)) return `${word} is no option of ${command}: ${help}`;
    const guess = nearest(
      name,
      known.map((each) => each.name),
    );
    return `unknown option ${word}: ${guess === null ? help : `did you mean --${guess}?`}`;
  }
}

/**
 * Compares the words of a line with what the command takes.
 * @param mayBeMissing whether an argument that the command needs may be left out
 * @throws {OperatorError} with exit code 2
 */
export function checkArguments({ name, argument }: Command, words: readonly string[], mayBeMissing: boolean): void {
  const most = argument === undefined ? 0 : argument.times.endsWith('n') ? words.length : 1;
  let fault: string | null = null;
  if (words.length > most) {
    const taken = argument === undefined ? 'takes no words beside its options' : `takes one ${argument.name}`;
    fault = `${name} ${taken}, so leave out ${words.slice(most).join(', ')}`;
  } else if (words.length === 0 && argument?.times.startsWith('1') && !mayBeMissing) {
    fault = `name the ${argument.name} of ${name}`;
  }
  if (fault !== null) throw new OperatorError(EXIT.usage, `${fault}: see sess2redis ${name} --help`);
}

/**
 * The values of options, as they were typed; an option that is given several times has a list of them.
 * @param words options that `arrangeWords` has checked
 */
export async function parseWords(command: CommandName, words: readonly string[]): Promise<TypedOptions> {
  const options = optionsOf(command);
  const named = (isSwitch: boolean) =>
    options.filter(({ kind }) => (kind === 'switch') === isSwitch).map(({ name }) => name);
  const { default: yargs } = await import('yargs');
  const parsed: Readonly<Record<string, unknown>> = await yargs(words)
    // A value stays the text that was typed: `--limit 1k` and `--prefix 007` are read later.
    .parserConfiguration({ 'parse-numbers': false, 'camel-case-expansion': false, 'boolean-negation': false })
    .boolean(named(true))
    .string(named(false))
    .help(false)
    .version(false)
    .exitProcess(false)
    .fail(false)
    .parseAsync();
  const isTyped = ({ name }: Option) => parsed[name] !== undefined;
  return Object.fromEntries(options.filter(isTyped).map(({ name }) => [name, parsed[name] as RawValue]));
}
