import { OWN_CODE } from '../applications/application-of.js';
import { bindTemplate, placeholdersFor } from '../applications/bind-template.js';
import type { ConfiguredReader } from '../applications/configured-reader.js';
import { readReader } from '../applications/reader-of.js';
import type { PoolOrder } from '../applications/server-pool.js';
import type { Template } from '../applications/template.js';
import { type TemplatedApplication, templatedApplication } from '../applications/templated.js';
import { strangersOf } from '../applications/templated-facts.js';
import { givenOf } from '../applications/templated-reader.js';
import { EXIT, OperatorError, quote } from '../errors.js';
import type { PoolServer } from '../intake/settings.js';
import { KEYED } from '../option-entry.js';
import { readNamedFile } from '../system/process.js';
import { environmentValue, type Option, variableOf } from './option.js';
import type { OptionReader } from './read.js';
import { peekAtConfigFile } from './settle.js';
import { addRows, type OptionName, optionsOf, ROWS, rowOf } from './table.js';

/** What `--app` says of the application that is code of its own; every other word names a template. */
const NO_TEMPLATE = ['auto', OWN_CODE.name];

/**
 * The template that `--app` names on the command line, in the environment or in the configuration file, with its
 * parameters declared as options; null where it names none.
 * @throws {OperatorError} for a name that there is not, and for a template with mistakes
 */
export async function namedTemplate(
  words: readonly string[],
  environment: NodeJS.ProcessEnv,
): Promise<Template | null> {
  const word = await applicationWord(words, environment);
  if (word === undefined || word === '' || NO_TEMPLATE.includes(word)) return null;
  const template = await readTemplateNamed(word);
  addRows(rowsOf(template));
  return template;
}

/** What `--app` says, wherever it stands; undefined where nothing does. */
export async function applicationWord(
  words: readonly string[],
  environment: NodeJS.ProcessEnv,
): Promise<string | undefined> {
  const word = typedValue(words, 'app') ?? environment[variableOf('app')];
  return word || (await configuredApplication(words, environment));
}

/** {@link strangersOf} a template among those of ours. */
export async function strangersFor(template: Template | null): Promise<string[]> {
  if (template === null || template.signs.members.length + template.signs.starts.length === 0) return [];
  const { builtInTemplatesWith } = await import('../applications/built-in.js');
  return strangersOf(template, builtInTemplatesWith(template.file.name));
}

/**
 * The value of an option on the command line, before its words are taken apart: empty where none stands behind it,
 * undefined where the option is not there.
 */
export function typedValue(words: readonly string[], name: string): string | undefined {
  const at = placeOf(words, name);
  if (at < 0) return undefined;
  return words[at] === `--${name}` ? (words[at + 1] ?? '') : (words[at] as string).slice(name.length + 3);
}

/** Whether a switch is on, as far as command line and environment tell before the words are taken apart. */
export function isSwitchedOn(words: readonly string[], name: OptionName, environment: NodeJS.ProcessEnv): boolean {
  const at = placeOf(words, name);
  if (at < 0) return environmentValue(rowOf(name), environment) === true;
  return words[at] === `--${name}` ? words[at + 1] !== 'false' : words[at] === `--${name}=true`;
}

/** Where an option stands for the last time; -1 for nowhere. What follows `--` is none. */
function placeOf(words: readonly string[], name: string): number {
  const end = words.indexOf('--');
  const line = end < 0 ? words : words.slice(0, end);
  return line.findLastIndex((word) => word === `--${name}` || word.startsWith(`--${name}=`));
}

/** What the configuration file says of `app`, for the command or for all; undefined where it says nothing. */
async function configuredApplication(
  words: readonly string[],
  environment: NodeJS.ProcessEnv,
): Promise<string | undefined> {
  // Help is there whatever is wrong with a file.
  if (words[0] === 'help' || words.some((word) => ['--help', '-h', '--version'].includes(word))) return undefined;
  const file = peekAtConfigFile(typedValue(words, 'config') || undefined, environment);
  if (file === null) return undefined;
  const { isMap, parseDocument } = await import('yaml');
  const { contents } = parseDocument(file.text);
  // What is wrong with the file is told when it is read as a whole.
  if (!isMap(contents)) return undefined;
  const command = words.find((word) => !word.startsWith('-') && isMap(contents.get(word)));
  const own = command === undefined ? undefined : contents.getIn([command, 'app']);
  const app = own ?? contents.get('app');
  return typeof app === 'string' ? app : undefined;
}

/**
 * A template that comes with the program, by its name, or one in a file.
 * @throws {OperatorError} with exit code 2
 */
export async function readTemplateNamed(word: string): Promise<Template> {
  // Imported when a template is named: nobody else needs the parser.
  const { builtInNames, builtInTemplate, readTemplate } = await import('../applications/built-in.js');
  const names = builtInNames();
  if (names.includes(word)) return builtInTemplate(word);
  if (!/[./]/.test(word)) {
    const { nearest } = await import('../nearest.js');
    const guess = nearest(word, [...names, OWN_CODE.name]);
    const advice = guess === null ? `choose ${OWN_CODE.name}, ${names.join(', ')} or a file` : `did you mean ${guess}?`;
    throw new OperatorError(EXIT.usage, `--app is ${JSON.stringify(word.slice(0, 60))}: ${advice}`);
  }
  let text: string;
  try {
    text = readNamedFile(word).toString();
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new OperatorError(EXIT.usage, `--app: ${word} cannot be read (${code}): check the path and who may read it`);
  }
  const { template, complaints } = readTemplate(word, text);
  if (template === null) throw new OperatorError(EXIT.usage, complaints.join('; '));
  return template;
}

/** The parameters of a template as options, but for those that other applications have as well. */
function rowsOf({ parameters }: Template): Option[] {
  return parameters
    .filter(({ name }) => !ROWS.some((row) => row.name === name))
    .map(({ name, type, choices, default: usual, help }) => ({
      ...{ name, group: 'Reader', kind: 'text', word: type === 'choice' ? 'WHAT' : type.toUpperCase(), help },
      commands: [...KEYED, 'generate', 'bench'],
      ...(choices.length > 0 && { choices }),
      ...(usual !== null && usual !== '' && { otherwise: usual }),
    }));
}

/** The reader that the options name; null where something is wrong, which is a fault. */
export function readConfiguredReader(read: OptionReader): ConfiguredReader | null {
  refuseOthersOptions(read);
  return readReader(read, read.settled.template, read.settled.strangers);
}

/** Options of the application without a template whose names templates may give to parameters. */
const SHARED_NAMES = ['prefix', 'lifetime'];

/** Options of this command that only the application without a template has are faults beside one. */
function refuseOthersOptions(read: OptionReader): void {
  const { command, template } = read.settled;
  // Its value is known by now: read here, it is refused where it is given more than once.
  read.text('app');
  if (template === null) return;
  for (const { name, application } of optionsOf(command)) {
    // Of those that may be parameters: where one is none, keys would not be as the operator said.
    const isOthers = SHARED_NAMES.includes(name) && !template.parameters.some((parameter) => parameter.name === name);
    if ((application === undefined && !isOthers) || !read.isGiven(name)) continue;
    const who = isOthers ? 'is no option of' : `goes with ${OWN_CODE.spoken}, not with`;
    read.faults.add(`--${name} ${who} ${template.name}: leave it out`);
  }
}

/**
 * The application for which files are to be made up, which depend on few of its parameters: the others need not be
 * given. Null where no template is named.
 */
export function readMadeApplication(read: OptionReader): TemplatedApplication | null {
  const { template } = read.settled;
  if (template === null) return null;
  refuseOthersOptions(read);
  const { settings, faults } = bindTemplate(template, { ...placeholdersFor(template), ...givenOf(read, template) });
  for (const fault of faults) read.faults.add(fault);
  return settings === null ? null : templatedApplication(settings);
}

/** `i/weights`, counted from 1 in the order in which the reader names its servers; null for a reader of one server. */
export function readPoolServer(read: OptionReader, order: PoolOrder | null): PoolServer | null {
  const text = read.text('pool-server');
  if (text === undefined) return null;
  const [, number = '', list = ''] = /^(\d{1,3})\/(\d{1,6}(?:,\d{1,6})*)$/.exec(text) ?? [];
  const weights = list.split(',').map(Number);
  const index = Number(number) - 1;
  // One weight is no pool: `1/2` is meant as the first of two, and would move all sessions.
  if (weights.length < 2 || index < 0 || index >= weights.length || weights.every((weight) => weight === 0)) {
    read.faults.add(`--pool-server is ${quote(text)}: write which server it is and all weights, as in 2/1,1,3`);
  } else if (order === null) {
    read.faults.add("--pool-server goes with readers that share sessions among servers, as php's: leave it out");
  } else return { index, weights, order };
  return null;
}
