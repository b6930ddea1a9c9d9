import { OWN_CODE } from '../applications/built-in-names.js';
import type { Template } from '../applications/template.js';
import { strangersOf } from '../applications/templated-facts.js';
import { EXIT, OperatorError } from '../errors.js';
import { KEYED } from '../option-entry.js';
import { readNamedFile } from '../system/process.js';
import { environmentValue, type Option, variableOf } from './option.js';
import { peekAtConfigFile } from './settle.js';
import { addRows, type OptionName, ROWS, rowOf } from './table.js';

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
