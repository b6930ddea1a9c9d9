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
  | PyTime;

/** Containers inside containers, at most. Python's own pickle and json give up near 1000 (sys.getrecursionlimit). */
export const MAX_NESTING = 500;

/**
 * Objects that one session may bring to life. The largest sessions seen hold some thousands; an empty dict takes two
 * bytes of a file and over 100 of the heap, so without a limit 1 MiB of them would fill more than 100 MB.
 */
export const MAX_OBJECTS = 100_000;

/** Python's default sys.int_info.default_max_str_digits: json neither reads nor writes an int with more of them. */
export const MAX_INT_DIGITS = 4300;

export class PyFloat {
  constructor(readonly value: number) {}
}

/** Python 3 `bytes` or `bytearray`. */
export class PyBytes {
  constructor(
    readonly bytes: Uint8Array,
    readonly isMutable = false,
  ) {}
}

const strictUtf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/**
 * Python 2 `str`: bytes that mean text, UTF-8 in Odoo, but also the raw state of a Python 2 datetime. Kept as one
 * character per byte, which costs a file of hundreds of short keys far less than as many byte arrays.
 */
export class PyText {
  constructor(readonly latin1: string) {}

  /** The text it means, or null where the bytes are no UTF-8: guessing another charset would change a login name. */
  decode(): string | null {
    if (!/[\x80-\xff]/.test(this.latin1)) return this.latin1;
    try {
      return strictUtf8.decode(Buffer.from(this.latin1, 'latin1'));
    } catch {
      return null;
    }
  }
}

export class PyTuple {
  constructor(readonly items: PyValue[]) {}
}

/** From here on a hash index is cheaper than looking along the keys. Sessions have 5 to 15 keys. */
const INDEXED_FROM = 16;

/** Keys without repetition, in the order of their first appearance. */
class Keyed {
  readonly keys: PyValue[] = [];
  private index: Map<unknown, number> | null = null;

  /** The place of the key, which is appended if it is new. */
  protected place(key: PyValue): number {
    const { keys } = this;
    const wanted = typeof key === 'string' ? key : identity(key);
    const found = this.find(wanted);
    if (found >= 0) return found;
    const place = keys.push(key) - 1;
    if (this.index !== null) this.index.set(wanted, place);
    else if (keys.length === INDEXED_FROM) this.index = new Map(keys.map((each, at) => [identity(each), at]));
    return place;
  }

  protected find(wanted: unknown): number {
    const { keys } = this;
    if (this.index !== null) return this.index.get(wanted) ?? -1;
    for (let i = 0; i < keys.length; i++) {
      const key = keys[i];
      if (key === wanted || (typeof key !== 'string' && identity(key as PyValue) === wanted)) return i;
    }
    return -1;
  }

  clear(): void {
    this.keys.length = 0;
    this.index = null;
  }
}

/**
 * `dict`, `OrderedDict` and werkzeug's MultiDict family, as pairs in insertion order. A later pair with an equal key
 * replaces the earlier one, as in Python. For a MultiDict the value is the first of its list, which is what
 * `json.dumps` and Odoo see of it.
 */
export class PyDict extends Keyed {
  readonly values: PyValue[] = [];

  set(key: PyValue, value: PyValue): void {
    this.values[this.place(key)] = value;
  }

  has(key: PyValue): boolean {
    return this.find(identity(key)) >= 0;
  }

  get(key: PyValue): PyValue | undefined {
    return this.values[this.find(identity(key))];
  }

  override clear(): void {
    super.clear();
    this.values.length = 0;
  }
}

/** A dict of werkzeug's MultiDict family. Only the first value of each key is known, so it can't be pickled anew. */
export class PyMultiDict extends PyDict {}

/** `set` or `frozenset`, in the order of the file: Python's own order is not defined. */
export class PySet extends Keyed {
  constructor(readonly isFrozen = false) {
    super();
  }

  get items(): PyValue[] {
    return this.keys;
  }

  add(item: PyValue): void {
    this.place(item);
  }
}

/** Naive `datetime.datetime`; `fold` is dropped, as `isoformat()` drops it. */
export class PyDateTime {
  constructor(
    readonly year: number,
    readonly month: number,
    readonly day: number,
    readonly hour: number,
    readonly minute: number,
    readonly second: number,
    readonly microsecond: number,
  ) {}
}

export class PyDate {
  constructor(
    readonly year: number,
    readonly month: number,
    readonly day: number,
  ) {}
}

export class PyTime {
  constructor(
    readonly hour: number,
    readonly minute: number,
    readonly second: number,
    readonly microsecond: number,
  ) {}
}

/**
 * What stands for a key when keys are compared: 1, True and 1.0 are one key in Python, and so are Python 2's 'a' and
 * u'a'. Tuples, bytes and dates are only equal to themselves here: they cannot become JSON keys, and a reader of the
 * pickle we write compares them again.
 */
function identity(key: PyValue): unknown {
  if (typeof key === 'boolean') return Number(key);
  if (key instanceof PyText) return key.decode() ?? key;
  if (!(key instanceof PyFloat) || Number.isNaN(key.value)) return key;
  const isBig = Number.isInteger(key.value) && !Number.isSafeInteger(key.value);
  return isBig ? BigInt(key.value) : key.value;
}
