import { UnsupportedSession } from '../errors.js';
import { isoFormat, PyDate, PyDateTime, type PyTime } from './dates.js';
import { type ByteSink, typeName, withinMember, writeFew } from './sink.js';
import {
  baseOf,
  MAX_INT_DIGITS,
  MAX_NESTING,
  type PyBytes,
  PyDict,
  PyFloat,
  PyInstance,
  PySet,
  PyText,
  PyTuple,
  type PyValue,
} from './values.js';

/** Python's `repr` of a float, CPython Python/pystrtod.c format_float_short: fixed from 1e-4 up to 1e16. */
const FIXED_FROM = 1e-4;
const FIXED_BELOW = 1e16;

/**
 * A float as `json.dumps` writes it. Python and ECMAScript agree on the digits, the fewest that read back as the same
 * number, and differ in when an exponent is written and how.
 */
export function floatRepr(value: number): string {
  if (Number.isNaN(value)) return 'NaN';
  if (!Number.isFinite(value)) return value > 0 ? 'Infinity' : '-Infinity';
  if (Object.is(value, -0)) return '-0.0';
  const size = Math.abs(value);
  if (value === 0 || (size >= FIXED_FROM && size < FIXED_BELOW)) {
    return Number.isInteger(value) ? `${value}.0` : String(value);
  }
  // At least two digits of exponent: 1e-7 is 1e-07 in Python.
  return value.toExponential().replace(/e([+-])(\d)$/, 'e$10$2');
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;

/** The escapes with a letter of their own, CPython Lib/json/encoder.py ESCAPE_DCT; all others are \uXXXX. */
const LETTERS = new Map([
  [QUOTE, '"'],
  [BACKSLASH, '\\'],
  [0x08, 'b'],
  [0x09, 't'],
  [0x0a, 'n'],
  [0x0c, 'f'],
  [0x0d, 'r'],
]);

/** `"text"` as `json.dumps` writes it with ensure_ascii: a character past U+FFFF as two escapes, DEL as one too. */
function writeJsonText(text: string, sink: ByteSink): void {
  const { length } = text;
  sink.reserve(length + 2);
  const { buffer } = sink;
  let at = sink.length;
  buffer[at++] = QUOTE;
  for (let i = 0; i < length; i++) {
    const unit = text.charCodeAt(i);
    if (!isPlain(unit)) {
      sink.length = at;
      writeFrom(text, i, sink);
      return;
    }
    buffer[at++] = unit;
  }
  buffer[at++] = QUOTE;
  sink.length = at;
}

function isPlain(unit: number): boolean {
  return unit >= 0x20 && unit < 0x7f && unit !== QUOTE && unit !== BACKSLASH;
}

function writeFrom(text: string, start: number, sink: ByteSink): void {
  for (let i = start; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    if (isPlain(unit)) sink.byte(unit);
    else writeFew(`\\${LETTERS.get(unit) ?? `u${unit.toString(16).padStart(4, '0')}`}`, sink);
  }
  sink.byte(QUOTE);
}

/**
 * `plain` is JSON alone; `c2c` adds the three types that camptocamp's SessionEncoder knows how to wrap:
 * odoo-cloud-platform session_redis/json_encoding.py.
 */
export type JsonDialect = 'plain' | 'c2c';

/**
 * Appends the bytes of Python's `json.dumps(value)` with default options.
 * @throws {UnsupportedSession} for a type that the dialect has no shape for
 * @throws {SinkFull}
 */
export function encodeJson(value: PyValue, dialect: JsonDialect, sink: ByteSink): void {
  write(value, dialect, sink, 0);
}

function write(value: PyValue, dialect: JsonDialect, sink: ByteSink, depth: number): void {
  if (typeof value === 'string') writeJsonText(value, sink);
  else if (typeof value !== 'object' || value === null) writeFew(wordOf(value), sink);
  else if (value instanceof PyText) writeJsonText(decoded(value), sink);
  else if (value instanceof PyFloat) writeFew(floatRepr(value.value), sink);
  else if (depth > MAX_NESTING) throw new UnsupportedSession(`nested more than ${MAX_NESTING} deep`);
  else if (value instanceof PyDict) writeDict(value, dialect, sink, depth);
  else if (Array.isArray(value)) writeList(value, dialect, sink, depth);
  else if (value instanceof PyTuple) writeList(value.items, dialect, sink, depth);
  else writeOther(value, dialect, sink, depth);
}

function writeList(items: readonly PyValue[], dialect: JsonDialect, sink: ByteSink, depth: number): void {
  sink.byte(0x5b);
  for (let i = 0; i < items.length; i++) {
    if (i > 0) writeFew(', ', sink);
    write(items[i] as PyValue, dialect, sink, depth + 1);
  }
  sink.byte(0x5d);
}

function writeDict(dict: PyDict, dialect: JsonDialect, sink: ByteSink, depth: number): void {
  const { keys, values } = dict;
  sink.byte(0x7b);
  let i = 0;
  try {
    for (; i < keys.length; i++) {
      if (i > 0) writeFew(', ', sink);
      writeJsonText(keyText(keys[i] as PyValue), sink);
      writeFew(': ', sink);
      write(values[i] as PyValue, dialect, sink, depth + 1);
    }
  } catch (error) {
    throw withinMember(error, keys[i] as PyValue);
  }
  sink.byte(0x7d);
}

function writeOther(
  value: PyBytes | PySet | PyDateTime | PyDate | PyTime | PyInstance,
  dialect: JsonDialect,
  sink: ByteSink,
  depth: number,
): void {
  if (value instanceof PyInstance) {
    if (value.base === undefined) throw new UnsupportedSession(`class ${value.className}`, value.offset);
    write(value.base, dialect, sink, depth + 1);
    return;
  }
  const isWrapped =
    value instanceof PyDateTime || value instanceof PyDate || (value instanceof PySet && !value.isFrozen);
  if (dialect === 'plain' || !isWrapped) throw new UnsupportedSession(`JSON cannot hold a ${typeName(value)}`);
  if (value instanceof PySet) {
    // JSON makes lists of tuples, and the reader's set() fails on a list: HTTP 500 for that user.
    if (value.items.some((item) => baseOf(item) instanceof PyTuple))
      throw new UnsupportedSession('a set holds a tuple');
    writeFew('{"_type": "set", "value": ', sink);
    writeList(value.items, dialect, sink, depth + 1);
    sink.byte(0x7d);
  } else {
    writeFew(`{"_type": "${typeName(value)}_isoformat", "value": "${isoFormat(value)}"}`, sink);
  }
}

/** What becomes of a key that is no text, CPython Lib/json/encoder.py _iterencode_dict. */
function keyText(value: PyValue): string {
  const key = baseOf(value);
  if (typeof key === 'string') return key;
  if (typeof key !== 'object' || key === null) return wordOf(key);
  if (key instanceof PyText) return decoded(key);
  if (key instanceof PyFloat) return floatRepr(key.value);
  throw new UnsupportedSession(`JSON cannot hold a ${typeName(key)} as a key`);
}

/** null, true, false or an int. */
function wordOf(value: null | boolean | number | bigint): string {
  const word = String(value);
  // A reader would fail at it, and take the whole session for empty.
  if (word.length > MAX_INT_DIGITS && word.replace('-', '').length > MAX_INT_DIGITS) {
    throw new UnsupportedSession(`an int of more than ${MAX_INT_DIGITS} digits`);
  }
  return word;
}

function decoded(text: PyText): string {
  const decoded = text.decode();
  if (decoded === null) throw new UnsupportedSession('byte text that is not UTF-8');
  return decoded;
}
