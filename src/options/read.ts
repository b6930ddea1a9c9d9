import { EXIT, OperatorError } from '../errors.js';
import { readNamedFile } from '../system/process.js';
import type { RawOptions } from './table.js';

/** The faults of one command line, gathered so that the operator sees them all at once. */
export class Faults {
  readonly #messages: string[] = [];

  add(message: string): void {
    this.#messages.push(message);
  }

  /** Runs `read`; what it finds wrong becomes a fault and the result `fallback`. */
  collect<T>(read: () => T, fallback: T): T {
    try {
      return read();
    } catch (error) {
      if (!(error instanceof OperatorError)) throw error;
      this.add(error.message);
      return fallback;
    }
  }

  throwIfAny(): void {
    if (this.#messages.length > 0) throw new OperatorError(EXIT.usage, this.#messages.join('; '));
  }
}

/** The words of a command line with a typed reading of each, and the place where faults go. */
export class OptionReader {
  constructor(
    readonly raw: RawOptions,
    readonly faults: Faults,
  ) {}

  text(name: keyof RawOptions): string | undefined {
    const value = this.raw[name];
    if (Array.isArray(value)) this.faults.add(`--${name} is given more than once: give it once`);
    return typeof value === 'string' ? value : undefined;
  }

  flag(name: keyof RawOptions): boolean {
    return this.raw[name] === true;
  }

  list(name: keyof RawOptions): readonly string[] {
    const value = this.raw[name];
    if (Array.isArray(value)) return value;
    return typeof value === 'string' ? [value] : [];
  }

  choice<T extends string>(name: keyof RawOptions, choices: readonly T[], fallback: T): T {
    const text = this.text(name);
    const found = text === undefined ? fallback : choices.find((choice) => choice === text);
    if (found === undefined) this.faults.add(`--${name} is ${quote(text)}: choose ${choices.join(' or ')}`);
    return found ?? fallback;
  }

  /** A quantity of at least `least`; `example` shows how to write one. */
  quantity(
    name: keyof RawOptions,
    parse: (text: string) => number,
    least: number,
    example: string,
    fallback: number,
  ): number {
    const text = this.text(name);
    if (text === undefined) return fallback;
    const value = parse(text);
    if (!(value >= least && value <= Number.MAX_SAFE_INTEGER)) {
      this.faults.add(`--${name} is ${quote(text)}: write ${example}`);
      return fallback;
    }
    return value;
  }

  file(name: keyof RawOptions): string | undefined {
    const path = this.text(name);
    if (path === undefined) return undefined;
    try {
      return textOf(readNamedFile(path));
    } catch (error) {
      const code = (error as NodeJS.ErrnoException).code;
      this.faults.add(`--${name}: ${path} cannot be read (${code}): check the path and who may read it`);
      return undefined;
    }
  }
}

/** The text of a file, without the mark that editors of Windows put before it. */
function textOf(bytes: Buffer): string {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return bytes.toString('utf16le', 2);
  return bytes.toString('utf8').replace(/^\ufeff/, '');
}

/** A word of the operator's, in quotes and not longer than a message can bear. */
export function quote(text: string | undefined): string {
  return JSON.stringify((text ?? '').slice(0, 60));
}
