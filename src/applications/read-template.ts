import { nearest } from '../nearest.js';
import { FORMAT_NAMES, isFormatName } from './formats/formats.js';
import { parseKey } from './keys.js';
import { parsePieces } from './placeholders.js';
import { isCount, readParameters } from './read-parameters.js';
import { readExpiresPart, readReaderPart, readSettings, readValuePart } from './read-reader-parts.js';
import { readFilePart, readRefusals } from './read-store-parts.js';
import { POOL_ORDERS } from './server-pool.js';
import { type Fact, type Parameter, type Signs, type Template, TemplateFault } from './template.js';
import { type Entry, YamlSource } from './yaml-source.js';

const PARTS = [
  ...['name', 'title', 'source', 'note', 'parameters', 'file', 'key', 'database', 'pool', 'value', 'expires', 'check'],
  ...['ignore', 'refuse', 'facts', 'signs', 'reader', 'settings'],
];
const NEEDED = ['name', 'file', 'key', 'expires', 'check'];

const NAME = /^[a-z][a-z0-9]*(?:-[a-z0-9]+)*$/;

/** Facts are kept as bits of one number. */
const MOST_FACTS = 16;

/** A template that was read, or null and every fault that was found: a sentence each, with file, line and column. */
export interface ReadTemplate {
  template: Template | null;
  complaints: readonly string[];
}

/**
 * Reads a template in YAML.
 * @param path for complaints, as the operator wrote it
 */
export function readTemplate(path: string, text: string): ReadTemplate {
  const source = new YamlSource(path, text);
  const { complaints } = source;
  if (source.root === null) return { template: null, complaints };
  const entries = new Map(source.entries(source.root, 'the template', PARTS).map((entry) => [entry.name, entry]));
  for (const part of NEEDED) {
    if (!entries.has(part) && !nearlyHas(source, part)) source.complain(source.root, `the template has no ${part}`);
  }
  const template = templateOf(entries, source);
  if (complaints.length === 0) checkUse(template, entries, source);
  return { template: complaints.length > 0 ? null : template, complaints };
}

/** Whether a complaint guesses already that this part was meant. */
function nearlyHas({ complaints }: YamlSource, part: string): boolean {
  return complaints.some((complaint) => complaint.endsWith(`did you mean ${part}?`));
}

function templateOf(entries: ReadonlyMap<string, Entry>, source: YamlSource): Template {
  const on = <Result>(name: string, otherwise: Result, read: (entry: Entry) => Result): Result => {
    const entry = entries.get(name);
    return entry === undefined ? otherwise : read(entry);
  };
  const textOf = (name: string, otherwise: string) =>
    on(name, otherwise, ({ value, key }) => source.text(value, name, key) ?? otherwise);
  const parameters = on<Parameter[]>('parameters', [], (entry) => readParameters(entry, source));
  const names = parameters.map(({ name }) => name);
  const filled = (name: string, otherwise: string, parse: (text: string) => unknown) => {
    const text = textOf(name, otherwise);
    const entry = entries.get(name);
    if (entry?.value != null) source.checked(entry.value, () => parse(text));
    return text;
  };
  return {
    name: filled('name', '', checkName),
    title: textOf('title', textOf('name', '')),
    source: on('source', [''], ({ value, key }) => source.texts(value, 'source', key)).join(', '),
    note: textOf('note', ''),
    parameters,
    file: on('file', null, (entry) => readFilePart(entry, parameters, source)) as Template['file'],
    key: filled('key', '', (text) => parseKey(text, names)),
    database: filled('database', '0', (text) => checkDatabase(text, parameters)),
    pool: on('pool', null as Template['pool'], ({ value, key }) => source.choice(value, 'pool', POOL_ORDERS, key)),
    value: on('value', { kind: 'bytes', from: 0 }, (entry) => readValuePart(entry, names, source)),
    expires: on('expires', { rules: [], min: null, max: null }, (entry) => readExpiresPart(entry, parameters, source)),
    check: on('check', [], (entry) => readCheck(entry, parameters, source)),
    ignore: on('ignore', [], (entry) => readIgnore(entry, names, source)),
    refuse: on('refuse', [], (entry) => readRefusals(entry, names, source)),
    facts: on('facts', [], (entry) => readFacts(entry, source)),
    signs: on('signs', { members: [], starts: [], names: [] }, (entry) => readSigns(entry, source)),
    reader: on(
      'reader',
      { lifetime: null, renewal: null, renewsOnRead: false, undecodable: '', requires: '' },
      (entry) => readReaderPart(entry, parameters, source),
    ),
    settings: on('settings', [], (entry) => readSettings(entry, names, source)),
  };
}

/** @throws {TemplateFault} */
function checkName(text: string): void {
  if (!NAME.test(text)) throw new TemplateFault(`name is "${text}": write lower-case words with dashes, as in my-shop`);
}

/** @throws {TemplateFault} */
function checkDatabase(text: string, parameters: readonly Parameter[]): void {
  if (/^\d{1,4}$/.test(text) || isCount(text, parameters)) return;
  throw new TemplateFault(`database is "${text}", which is neither a number nor a {parameter} of type count`);
}

function readCheck({ value, key }: Entry, parameters: readonly Parameter[], source: YamlSource): string[] {
  const names = source.texts(value, 'check', key);
  const parameter = parameters.find(({ name }) => names.length === 1 && names[0] === `{${name}}`);
  if (parameter !== undefined) {
    const others = parameter.choices.filter((choice) => !isFormatName(choice) && choice !== 'auto');
    if (parameter.type !== 'choice')
      source.complain(value, `check takes its format from ${parameter.name}, which is no choice`);
    for (const other of others) source.complain(value, unknownFormat(other));
    return names;
  }
  for (const name of names) if (!isFormatName(name)) source.complain(value, unknownFormat(name));
  return names;
}

function unknownFormat(name: string): string {
  const guess = nearest(name, FORMAT_NAMES);
  return `check knows no "${name}": ${guess === null ? `it knows ${FORMAT_NAMES.join(', ')}` : `did you mean ${guess}?`}`;
}

function readIgnore({ value, key }: Entry, parameters: readonly string[], source: YamlSource): string[] {
  const locks = source.texts(value, 'ignore', key);
  for (const lock of locks) {
    source.checked(value, () => parsePieces(lock, [], parameters));
    if (lock.replaceAll('*', '') === '')
      source.complain(value, 'ignore would match every key: write the end of a lock key, as in _LOCK');
  }
  return locks;
}

function readFacts({ value, key }: Entry, source: YamlSource): Fact[] {
  const facts = source.entries(value, 'facts', null, key).map((entry) => {
    const members = source.texts(entry.value, `facts.${entry.name}`, entry.key);
    for (const member of members) {
      if (member === '' || member.split('.').includes(''))
        source.complain(entry.value, `"${member}" is no path of members: write names with dots between`);
      else if (/\*./.test(member.replaceAll('*.', '')))
        source.complain(entry.value, `"${member}" has a * that is not at the end of a name`);
    }
    return { name: entry.name, members };
  });
  if (facts.length > MOST_FACTS) source.complain(value, `facts has more than ${MOST_FACTS} names`);
  return facts;
}

function readSigns({ value, key }: Entry, source: YamlSource): Signs {
  const signs: Signs = { members: [], starts: [], names: [] };
  for (const entry of source.entries(value, 'signs', ['members', 'starts', 'names'], key)) {
    signs[entry.name as keyof Signs] = source.texts(entry.value, `signs.${entry.name}`, entry.key);
  }
  return signs;
}

/** A parameter that nothing asks for is a slip: the operator would set it for nothing. */
function checkUse(template: Template, entries: ReadonlyMap<string, Entry>, source: YamlSource): void {
  const { parameters, ...rest } = template;
  const used = JSON.stringify(rest);
  for (const { name } of parameters) {
    if (used.includes(`{${name}}`) || used.includes(`{${name}:`)) continue;
    source.complain(
      entries.get('parameters')?.key,
      `parameter ${name} is used nowhere: write {${name}} where it belongs, or take it out`,
    );
  }
}
