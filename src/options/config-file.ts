import { type Document, isAlias, isMap, isScalar, isSeq, LineCounter, type Node, type Pair, parseDocument } from 'yaml';
import { type Faults, quote } from '../errors.js';
import { nearest } from '../nearest.js';
import { COMMAND_NAMES, type CommandName } from '../option-entry.js';
import { type Option, type RawValue, withHome } from './option.js';
import { optionsOf, ROWS } from './table.js';

/** A value of a configuration file, and the line on which it stands, counted from 1. */
export interface ConfigValue {
  value: RawValue;
  line: number;
}

/**
 * Reads a configuration in YAML or JSON for one command. Keys are long option names. A key that names a command holds
 * options of that command alone, which go before those at the top. Options that only other commands take are checked
 * as well, and have no effect. All that is wrong goes to `faults`, with file and line.
 */
export function readConfig(path: string, text: string, command: CommandName, faults: Faults): Map<string, ConfigValue> {
  const reader = new ConfigReader(path, text, faults);
  const own = allowedIn(command);
  const everyones = [...own, ...COMMAND_NAMES.flatMap(allowedIn)];
  const top = new Map<string, ConfigValue>();
  let section = new Map<string, ConfigValue>();
  for (const pair of reader.pairs(reader.contents, 'the file')) {
    const name = reader.nameOf(pair);
    const named = COMMAND_NAMES.find((each) => each === name);
    if (named === undefined) {
      const found = reader.option(pair, everyones, COMMAND_NAMES);
      if (found !== null && own.some((option) => option.name === name)) top.set(name, found);
      continue;
    }
    const options = reader.pairs(pair.value, name).map((inner) => {
      return [reader.nameOf(inner), reader.option(inner, allowedIn(named), [])] as const;
    });
    if (named === command)
      section = new Map(options.filter((entry): entry is [string, ConfigValue] => entry[1] !== null));
  }
  return new Map([...top, ...section]);
}

/** The options that a file may set for a command. */
function allowedIn(command: CommandName): Option[] {
  return optionsOf(command).filter(({ isOutsideFiles, lineOnly }) => !isOutsideFiles && !lineOnly?.includes(command));
}

type Entry = Pair<Node, Node | null>;

/** A file, and the faults found in it. Values stay as they are written: `007` is a text, not the number 7. */
class ConfigReader {
  readonly #lines = new LineCounter();
  readonly #document: Document;

  constructor(
    readonly path: string,
    text: string,
    readonly faults: Faults,
  ) {
    this.#document = parseDocument(text, { lineCounter: this.#lines, prettyErrors: false });
    for (const { pos, message } of this.#document.errors) this.#fault(pos[0], message.split('\n', 1)[0] as string);
  }

  /** Null for an empty file, and for one that is neither YAML nor JSON: the faults say so. */
  get contents(): Node | null {
    return this.#document.errors.length > 0 ? null : this.#document.contents;
  }

  pairs(node: Node | null, owner: string): Entry[] {
    const resolved = this.#resolve(node);
    if (isMap(resolved)) return resolved.items as Entry[];
    if (node !== null) this.#fault(node.range?.[0], `${owner} holds no options: write them as name: value`);
    return [];
  }

  nameOf({ key }: Entry): string {
    return textOf(key) ?? '';
  }

  option(pair: Entry, allowed: readonly Option[], sections: readonly string[]): ConfigValue | null {
    const name = this.nameOf(pair);
    const offset = pair.key.range?.[0];
    const option = allowed.find((each) => each.name === name);
    if (option === undefined)
      return this.#fault(offset, unknownKey(name, [...allowed.map((each) => each.name), ...sections]));
    const value = readValue(this.#resolve(pair.value), option);
    if (typeof value === 'object' && 'advice' in value) return this.#fault(offset, `${name} ${value.advice}`);
    return { value: withHome(option, value), line: this.#lineOf(offset) };
  }

  #resolve(node: Node | null): unknown {
    return isAlias(node) ? node.resolve(this.#document) : node;
  }

  #lineOf(offset: number | undefined): number {
    return this.#lines.linePos(offset ?? 0).line;
  }

  #fault(offset: number | undefined, message: string): null {
    this.faults.add(`${this.path}:${this.#lineOf(offset)}: ${message}`);
    return null;
  }
}

function unknownKey(name: string, allowed: readonly string[]): string {
  if (name === 'password') return 'a password has no place here: put it into a file and name that by password-file';
  if (ROWS.some((row) => row.name === name && row.isOutsideFiles)) return `${name} goes on the command line`;
  const guess = nearest(name, allowed);
  return `${quote(name)} is no option: ${guess === null ? 'see sess2redis --help' : `did you mean ${guess}?`}`;
}

/** The value of an option, or what to write instead. */
function readValue(node: unknown, { kind }: Option): RawValue | { advice: string } {
  if (kind === 'switch') {
    const value = isScalar(node) ? node.value : null;
    return typeof value === 'boolean' ? value : { advice: 'is on or off: write true or false' };
  }
  if (isSeq(node)) {
    const texts = node.items.map(textOf);
    if (kind !== 'list') return { advice: 'takes one value: write it without a list' };
    return texts.every((text) => text !== null) ? texts : { advice: 'lists something that is no text' };
  }
  const text = textOf(node);
  if (text === null) return { advice: 'has no value: write one, or leave the line out' };
  return kind === 'list' ? [text] : text;
}

/** A scalar as it was written, without its quotes; null for anything else, and for a value that is missing. */
function textOf(node: unknown): string | null {
  if (!isScalar(node) || node.value === null) return null;
  return typeof node.value === 'string' ? node.value : (node.source ?? String(node.value));
}
