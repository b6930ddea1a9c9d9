import { bindTemplate, placeholdersFor } from '../applications/bind-template.js';
import { generic, type Profile } from '../applications/odoo/profile.js';
import type { Template, TemplateSettings } from '../applications/template.js';
import { type TemplatedApplication, templatedApplication } from '../applications/templated.js';
import { EXIT, OperatorError } from '../errors.js';
import { readNamedFile } from '../system/process.js';
import { KEYED, type Option, variableOf } from './option.js';
import type { OptionReader } from './read.js';
import type { NamedReader } from './selection.js';
import { peekAtConfigFile } from './settle.js';
import { addRows, type OptionName, ROWS } from './table.js';

/** What `--app` says of Odoo; every other word names a template. */
const ODOO = ['auto', 'odoo'];
/** Options that say something of Odoo, or of the modules that read its sessions. */
const OF_ODOO = [
  ...(['odoo', 'profile', 'key-template', 'encoding', 'honour-expiration', 'sids'] as const),
  ...(['anonymous-lifetime', 'odoo-db'] as const),
];

/**
 * The template that `--app` names on the command line, in the environment or in the configuration file, with its
 * parameters declared as options; null for Odoo.
 * @throws {OperatorError} for a name that there is not, and for a template with mistakes
 */
export async function namedTemplate(
  words: readonly string[],
  environment: NodeJS.ProcessEnv,
): Promise<Template | null> {
  const word =
    typed(words, 'app') ?? (environment[variableOf('app')] || (await configuredApplication(words, environment)));
  if (word === undefined || word === '' || ODOO.includes(word)) return null;
  const template = await readTemplateNamed(word);
  addRows(rowsOf(template));
  return template;
}

/** The value of an option on the command line, before its words are taken apart. */
function typed(words: readonly string[], name: string): string | undefined {
  const at = words.findIndex((word) => word === `--${name}` || word.startsWith(`--${name}=`));
  return at < 0 ? undefined : (words[at] as string).slice(name.length + 3) || words[at + 1];
}

/** What the configuration file says of `app`, for the command or for all; undefined where it says nothing. */
async function configuredApplication(
  words: readonly string[],
  environment: NodeJS.ProcessEnv,
): Promise<string | undefined> {
  // Help is there whatever is wrong with a file.
  if (words[0] === 'help' || words.some((word) => ['--help', '-h', '--version'].includes(word))) return undefined;
  const file = peekAtConfigFile(typed(words, 'config'), environment);
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
    const guess = nearest(word, [...names, 'odoo']);
    const advice = guess === null ? `choose odoo, ${names.join(', ')} or a file` : `did you mean ${guess}?`;
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
      commands: [...KEYED, 'generate'],
      ...(choices.length > 0 && { choices }),
      ...(usual !== null && usual !== '' && { otherwise: usual }),
    }));
}

/** An application that a template describes, with the operator's values. */
export interface NamedApplication {
  settings: TemplateSettings;
  application: TemplatedApplication;
  /** What is told of its reader where a profile of Odoo is told of. */
  profile: Profile;
}

/** Null for Odoo, and where something is wrong, which is a fault. */
export function readApplication(read: OptionReader): NamedApplication | null {
  const { template } = read.settled;
  if (template === null) return null;
  for (const name of OF_ODOO) {
    if (read.isGiven(name)) read.faults.add(`--${name} goes with Odoo, not with ${template.name}: leave it out`);
  }
  const { settings, faults } = bindTemplate(template, givenOf(read, template));
  for (const fault of faults) read.faults.add(fault);
  if (settings === null) return null;
  const selection = {
    anonymous: read.choice('anonymous'),
    maxAgeMs: read.quantity('max-age') ?? Number.POSITIVE_INFINITY,
  };
  const whole = { ...settings, selection };
  const application = templatedApplication(whole);
  const { fields, hash } = application.reader;
  if (fields !== null && hash === null) {
    read.faults.add(`of the hashes of ${template.name} a field beside ${template.name}'s own depends on the session`);
  }
  if (hash !== null && read.text('conflict') === 'overwrite') {
    read.faults.add(`--conflict overwrite is not for hashes, as ${template.name} has them: leave it out`);
  }
  if (application.keyTemplate === null) {
    read.faults.add(`the keys of ${template.name} hold a digest of the id, which this program can not look up yet`);
  }
  return { settings: whole, application, profile: profileOf(application, template.note) };
}

function profileOf({ name, title, reader }: TemplatedApplication, note: string): Profile {
  return {
    ...generic.plain,
    name,
    title,
    databaseIndex: reader.database,
    renewsOnRead: reader.renewsOnRead,
    ...(note !== '' && { note }),
  };
}

/**
 * The application for which files are to be made up, which depend on few of its parameters: the others need not be
 * given. Null for Odoo.
 */
export function readMadeApplication(read: OptionReader): TemplatedApplication | null {
  const { template } = read.settled;
  if (template === null) return null;
  const { settings, faults } = bindTemplate(template, { ...placeholdersFor(template), ...givenOf(read, template) });
  for (const fault of faults) read.faults.add(fault);
  return settings === null ? null : templatedApplication(settings);
}

function givenOf(read: OptionReader, { parameters }: Template): Record<string, string> {
  const given: Record<string, string> = {};
  for (const { name } of parameters) {
    const value = read.settled.value(name as OptionName);
    if (read.settled.isGiven(name as OptionName) && typeof value === 'string') given[name] = value;
  }
  return given;
}

/** How its reader stands among the options: it has no releases, and nothing that an option fixes. */
export function readerOf({ profile }: NamedApplication): NamedReader {
  const fixed = { sids: undefined, authenticatedLifetimeMs: undefined, anonymousLifetimeMs: undefined };
  return { profile, open: null, fixed };
}

/** For at most how long its reader renews a key when it reads it, milliseconds; 0 for one that renews nothing. */
export function renewalOf({ application: { reader, lifetimesMs } }: NamedApplication): number {
  return Number.isNaN(reader.renewalMs) ? (lifetimesMs[0] ?? 0) : reader.renewalMs;
}
