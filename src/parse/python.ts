/**
 * Python's data types as far as a session may hold them, in a shape that forgets nothing which the next encoder needs:
 * int and float stay apart, tuples stay tuples, Python 2's byte text stays bytes until someone asks for text.
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

/** Python 2 `str`: bytes that mean text, UTF-8 in Odoo, but also the raw state of a Python 2 datetime. */
export class PyText {
  constructor(readonly bytes: Uint8Array) {}
}

export class PyTuple {
  constructor(readonly items: PyValue[]) {}
}

/**
 * `dict`, `OrderedDict` and werkzeug's MultiDict family, as pairs in insertion order. A later pair with an equal key
 * replaces the earlier one, as in Python. For a MultiDict the value is the first of its list, which is what
 * `json.dumps` and Odoo see of it.
 */
export class PyDict {
  readonly keys: PyValue[] = [];
  readonly values: PyValue[] = [];
}

export class PySet {
  readonly items: PyValue[] = [];
  constructor(readonly isFrozen = false) {}
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
