import { OperatorError } from '../errors.js';
import { EXIT } from '../exit-codes.js';
import { nearest } from '../nearest.js';
import type { Vocabulary } from '../options-table.js';
import { kindOfSid } from '../source/layout.js';
import { type Command, nameOf, optionsOf } from './command-line.js';

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
