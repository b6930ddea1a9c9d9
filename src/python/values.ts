import type { PyDate, PyDateTime, PyTime } from './dates.js';
import {
  composedIdentity,
  type Hashable,
  type Identity,
  identityOf,
  Keyed,
  markedIdentity,
  textIdentity,
} from './equal-keys.js';

/**
 * Python's data types as far as a session may hold them, in a shape that forgets nothing which the next encoder needs:
 * int and float stay apart, tuples stay tuples, Python 2's byte text stays bytes until someone asks for text.
 *
 * Values may share parts and even contain themselves, as Python's may: whoever walks one keeps to MAX_NESTING.
 */

/** A session value. `number` is a Python int within ±2^53, `bigint` any other int; floats are always `PyFloat`. */
export type PyValue =
  | null
  | boolean
  | number
  | bigint
  | string
  | PyFloat
  | PyBytes
  | PyText
  | PyValue[]
  | PyTuple
  | PyDict
  | PySet
  | PyDateTime
  | PyDate
  | PyTime
  | PyInstance;

/** Containers inside containers, at most. Python's own pickle and json give up near 1000 (sys.getrecursionlimit). */
export const MAX_NESTING = 500;

/**
 * Objects that one session may bring to life. The largest sessions seen hold some thousands; an empty dict takes two
 * bytes of a file and over 100 of the heap, so without a limit 1 MiB of them would fill more than 100 MB.
 */
export const MAX_OBJECTS = 100_000;

/** Python's default sys.int_info.default_max_str_digits: json neither reads nor writes an int with more of them. */
export const MAX_INT_DIGITS = 4300;

export class PyFloat implements Hashable {
  constructor(readonly value: number) {}

  /** Of a whole number that of the int; NaN is equal to itself alone. */
  identity(): Identity {
    const { value } = this;
    if (Number.isNaN(value)) return this;
    return Number.isInteger(value) && !Number.isSafeInteger(value) ? BigInt(value) : value;
  }
}

/** Python 3 `bytes` or `bytearray`. */
export class PyBytes implements Hashable {
  constructor(
    readonly bytes: Uint8Array,
    readonly isMutable = false,
  ) {}

  identity(): Identity {
    const { buffer, byteOffset, length } = this.bytes;
    return markedIdentity('b', Buffer.from(buffer, byteOffset, length).toString('latin1'));
  }
}

const strictUtf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/**
 * Python 2 `str`: bytes that mean text, UTF-8 in sessions, but also the raw state of a Python 2 datetime. Kept as one
 * character per byte, which costs a file of hundreds of short keys far less than as many byte arrays.
 */
export class PyText implements Hashable {
  #decoded: string | null | undefined;

  /** @param decoded what {@link decode} answers, where that is known: text that is ASCII means itself */
  constructor(
    readonly latin1: string,
    decoded?: string,
  ) {
    this.#decoded = decoded;
  }

  /** The text it means, or null where the bytes are no UTF-8: guessing another charset would change a login name. */
  decode(): string | null {
    if (this.#decoded === undefined) this.#decoded = decoded(this.latin1);
    return this.#decoded;
  }

  identity(): Identity {
    const text = this.decode();
    return text === null ? markedIdentity('r', this.latin1) : textIdentity(text);
  }
}

function decoded(latin1: string): string | null {
  if (!/[\x80-\xff]/.test(latin1)) return latin1;
  try {
    return strictUtf8.decode(Buffer.from(latin1, 'latin1'));
  } catch {
    return null;
  }
}

export class PyTuple implements Hashable {
  #identity = '';

  constructor(readonly items: PyValue[]) {}

  get hasIdentity(): boolean {
    return this.#identity !== '';
  }

  /** Asked for only of a tuple that holds nothing but keys, none of which changes any more. */
  identity(): Identity {
    if (!this.hasIdentity) this.#identity = composedIdentity('t', this.items.map(identityOf));
    return this.#identity;
  }
}

/**
 * `dict`, `OrderedDict` and werkzeug's MultiDict family, as pairs in insertion order. A later pair with an equal key
 * replaces the earlier one, as in Python. For a MultiDict the value is the first of its list, which is what
 * `json.dumps` and its readers see of it.
 */
export class PyDict extends Keyed<PyValue> {
  readonly values: PyValue[] = [];

  set(key: PyValue, value: PyValue): void {
    this.values[this.place(key)] = value;
  }

  has(key: PyValue): boolean {
    return this.placeOf(key) >= 0;
  }

  get(key: PyValue): PyValue | undefined {
    return this.values[this.placeOf(key)];
  }

  override clear(): void {
    super.clear();
    this.values.length = 0;
  }
}

/** A dict of werkzeug's MultiDict family: `values` has the first of each key's list, as `items()` has. */
export class PyMultiDict extends PyDict {
  /** All values of each key, at the place of the key. */
  readonly lists: PyValue[][] = [];

  constructor(readonly className = 'MultiDict') {
    super();
  }

  override set(key: PyValue, value: PyValue): void {
    this.setList(key, [value]);
  }

  /** @param list with one value at least */
  setList(key: PyValue, list: PyValue[]): void {
    const place = this.place(key);
    this.lists[place] = list;
    this.values[place] = list[0] as PyValue;
  }

  /** Adds a value to those that the key has. */
  add(key: PyValue, value: PyValue): void {
    const place = this.place(key);
    if (place < this.lists.length) this.lists[place]?.push(value);
    else this.setList(key, [value]);
  }

  override clear(): void {
    super.clear();
    this.lists.length = 0;
  }
}

/**
 * An object of a class that this program does not know, or the class itself. It can be copied with its pickle; what
 * else may become of it depends on its base.
 */
export class PyInstance implements Hashable {
  /** @param offset byte of the pickle at which the class is named */
  constructor(
    readonly className: string,
    readonly offset: number,
    /** The dict, list, tuple, text or number that it is as well; undefined for an object of its own kind. */
    public base: PyValue | undefined = undefined,
  ) {}

  identity(): Identity {
    return this.base === undefined ? this : identityOf(this.base);
  }
}

/** What an object is to an encoder that looks at built-in types alone. */
export function baseOf(value: PyValue): PyValue {
  return value instanceof PyInstance && value.base !== undefined ? value.base : value;
}

/** `set` or `frozenset`, in the order of the file: Python's own order is not defined. */
export class PySet extends Keyed<PyValue> implements Hashable {
  #identity = '';

  constructor(readonly isFrozen = false) {
    super();
  }

  get items(): PyValue[] {
    return this.keys;
  }

  add(item: PyValue): void {
    this.place(item);
  }

  get hasIdentity(): boolean {
    return this.#identity !== '';
  }

  /** Asked for only of a frozen set, in which the order means nothing. */
  identity(): Identity {
    if (!this.hasIdentity) this.#identity = composedIdentity('f', sortedIdentities(this.keys));
    return this.#identity;
  }
}

/** By a spelling that is the same wherever an identity is met. */
function sortedIdentities(keys: readonly PyValue[]): Identity[] {
  return keys.map((key) => composedIdentity('e', [identityOf(key)])).sort();
}
