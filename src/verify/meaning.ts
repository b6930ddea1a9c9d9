import {
  MAX_NESTING,
  PyBytes,
  PyDate,
  PyDateTime,
  PyDict,
  PyFloat,
  PyInstance,
  PyMultiDict,
  PySet,
  PyText,
  PyTuple,
  type PyValue,
} from '../python.js';

/** Parts that one value may show, and characters of their texts: a few bytes of pickle can refer to one part for ever. */
const MAX_PARTS = 1_000_000;
const MAX_CHARACTERS = 2 ** 24;

/** Thrown for a value that unfolds to more than can be compared. */
export class Incomparable extends Error {
  override readonly name = 'Incomparable';
}

/**
 * Writes a value as text that is the same for all values of the same meaning, and different for any two others. The order
 * of a dict or a set means nothing, and neither does whether Python 2 had text as bytes or as unicode. Types do: 1, 1.0 and
 * True are three values, and so are a list and a tuple. NaN means the same as NaN.
 */
export class Meaning {
  #parts = 0;
  #characters = 0;

  /** @throws {Incomparable} */
  of(value: PyValue, depth = 0): string {
    if (++this.#parts > MAX_PARTS || depth > MAX_NESTING) throw new Incomparable('too large to be compared');
    if (value === null) return 'None';
    switch (typeof value) {
      case 'boolean':
        return value ? 'True' : 'False';
      case 'number':
      case 'bigint':
        return String(value);
      case 'string':
        return this.#text(value);
    }
    if (value instanceof PyFloat) return `f${Object.is(value.value, -0) ? '-0' : value.value}`;
    if (value instanceof PyText) {
      const decoded = value.decode();
      return decoded === null ? `raw${this.#text(value.latin1)}` : this.#text(decoded);
    }
    if (value instanceof PyBytes) return this.#bytes(value);
    if (Array.isArray(value)) return `[${this.#list(value, depth)}]`;
    if (value instanceof PyTuple) return `(${this.#list(value.items, depth)})`;
    if (value instanceof PySet) return `${value.isFrozen ? 'frozen' : 'set'}<${this.#sorted(value.items, depth)}>`;
    if (value instanceof PyDict) return this.#dict(value, depth);
    if (value instanceof PyInstance) throw new Incomparable(`holds an object of class ${value.className}`);
    const kind = value instanceof PyDateTime ? 'datetime' : value instanceof PyDate ? 'date' : 'time';
    return `${kind}(${Object.values(value).join()})`;
  }

  #text(text: string): string {
    this.#spend(text.length);
    return JSON.stringify(text);
  }

  #bytes({ bytes, isMutable }: PyBytes): string {
    this.#spend(2 * bytes.length);
    return `${isMutable ? 'bytearray' : 'bytes'}:${Buffer.from(bytes).toString('hex')}`;
  }

  #list(items: readonly PyValue[], depth: number): string {
    return items.map((item) => this.of(item, depth + 1)).join();
  }

  #sorted(items: readonly PyValue[], depth: number): string {
    return items
      .map((item) => this.of(item, depth + 1))
      .sort()
      .join();
  }

  #dict(dict: PyDict, depth: number): string {
    const { keys, values } = dict;
    const pairs = keys.map((key, i) => `${this.of(key, depth + 1)}:${this.of(values[i] as PyValue, depth + 1)}`);
    return `${dict instanceof PyMultiDict ? 'multi' : ''}{${pairs.sort().join()}}`;
  }

  #spend(characters: number): void {
    this.#characters += characters;
    if (this.#characters > MAX_CHARACTERS) throw new Incomparable('too large to be compared');
  }
}
