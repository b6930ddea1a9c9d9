import type { ByteSink } from '../../byte-sink.js';
import { UnsupportedSession } from '../../errors.js';
import {
  baseOf,
  MAX_INT_DIGITS,
  MAX_NESTING,
  type PyBytes,
  PyDate,
  PyDateTime,
  PyDict,
  PyFloat,
  PyInstance,
  PySet,
  PyText,
  type PyTime,
  PyTuple,
  type PyValue,
} from '../../python.js';
import { writeFew } from './few-bytes.js';
import { floatRepr } from './float-repr.js';
import { isoFormat } from './iso-format.js';
import { writeJsonText } from './json-text.js';
import { withinMember } from './member.js';
import { typeName } from './type-name.js';

/**
 * `plain` is JSON alone; `c2c` adds the three types that camptocamp's SessionEncoder knows how to wrap: odoo-cloud-platform
 * session_redis/json_encoding.py.
 */
export type JsonDialect = 'plain' | 'c2c';

/**
 * Appends the bytes of Python's `json.dumps(value)` with default options.
 *
 * @throws {UnsupportedSession} for a type that the dialect has no shape for @throws {SinkFull}
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
