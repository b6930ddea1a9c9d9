import { type Faults, quote } from '../errors.js';
import type { CommandName } from '../option-entry.js';
import { readNamedFile } from '../system/process.js';
import { parseBytes, parseDurationMs, parseWholeCount } from '../units.js';
import type { SettledOptions } from './settle.js';
import { type ChoiceOf, type NameOf, type OptionName, type Row, rowOf, type Valued } from './table.js';

type NumberName = NameOf<'time' | 'count' | 'size'>;

const PARSERS = { time: parseDurationMs, count: parseWholeCount, size: parseBytes };

/**
 * Reads settled options as typed values. A value that can't be read becomes a fault; what is returned for it then has
 * the right type and no meaning.
 */
export class OptionReader {
  constructor(
    readonly settled: SettledOptions,
    readonly faults: Faults,
  ) {}

  get command(): CommandName {
    return this.settled.command;
  }

  get recognition(): string {
    return this.settled.recognition;
  }

  /** Whether the operator gave a value: then it is not the default. */
  isGiven(name: OptionName): boolean {
    return this.settled.isGiven(name);
  }

  /** Whether the command can't do without the option. */
  isRequired(name: OptionName): boolean {
    return this.#row(name).required?.includes(this.settled.command) === true;
  }

  text<N extends OptionName>(name: N): Valued<N, string> {
    const value = this.settled.value(name);
    if (Array.isArray(value)) this.faults.add(`--${name} is given more than once: give it once`);
    return (Array.isArray(value) ? value.at(-1) : value) as Valued<N, string>;
  }

  flag(name: NameOf<'switch'>): boolean {
    return this.settled.value(name) === true;
  }

  list(name: NameOf<'list'>): readonly string[] {
    const value = this.settled.value(name);
    if (Array.isArray(value)) return value;
    return typeof value === 'string' ? [value] : [];
  }

  choice<N extends NameOf<'choice'>>(name: N): Valued<N, ChoiceOf<N>> {
    const text: string | undefined = this.text(name);
    const { choices = [] } = this.#row(name);
    if (text !== undefined && !choices.includes(text)) {
      this.faults.add(`--${name} is ${quote(text)}: choose ${choices.join(' or ')}`);
    }
    return text as Valued<N, ChoiceOf<N>>;
  }

  /** A time in milliseconds, a size in bytes, or a whole number. */
  quantity<N extends NumberName>(name: N): Valued<N, number> {
    const text: string | undefined = this.text(name);
    if (text === undefined) return undefined as Valued<N, number>;
    const { kind, least = 0, form = 'a number' } = this.#row(name);
    const value = PARSERS[kind as keyof typeof PARSERS](text);
    if (!(value >= least && value <= Number.MAX_SAFE_INTEGER)) {
      this.faults.add(`--${name} is ${quote(text)}: write ${form}`);
    }
    return value as Valued<N, number>;
  }

  /** The text of the file that an option names; undefined where none is named. */
  file(name: NameOf<'file'>): string | undefined {
    const path: string | undefined = this.text(name);
    if (path === undefined) return undefined;
    try {
      return textOf(readNamedFile(path));
    } catch (error) {
      const code = (error as NodeJS.ErrnoException).code;
      this.faults.add(`--${name}: ${path} cannot be read (${code}): check the path and who may read it`);
      return undefined;
    }
  }

  #row(name: OptionName): Row {
    return rowOf(name, this.settled.command);
  }
}

/** The text of a file, without the byte order mark that editors on Windows put at its start. */
function textOf(bytes: Buffer): string {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return bytes.toString('utf16le', 2);
  return bytes.toString('utf8').replace(/^\ufeff/, '');
}
