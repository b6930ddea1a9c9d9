import { MAX_INT_DIGITS, PyFloat } from '../values.js';
import type { Cursor } from './cursor.js';

/** Characters of a line that may still hold an int of that many digits, with underscores and white space. */
const LONGEST_LINE = 4 * MAX_INT_DIGITS;

/** Hexadecimal digits that hold as much as that many decimal ones. */
const MAX_BITS = Math.ceil(MAX_INT_DIGITS * Math.log2(10));

const BASES: Record<string, 2 | 8 | 16> = { b: 2, o: 8, x: 16 };
const PREFIXES = { 2: '0b', 8: '0o', 16: '0x' };

/** What an int is read from. `auto` takes the base from the text, as a literal of Python 3 does. */
type Base = 'auto' | 10;

/**
 * The int that CPython Objects/longobject.c PyLong_FromString reads from C text: up to a NUL, white space around it, a
 * sign, single underscores between digits. Null where it reads none, or one of more digits than `int` takes.
 */
function pythonInt(text: string, base: Base): number | bigint | null {
  if (text.length > LONGEST_LINE) return null;
  const nul = text.indexOf('\0');
  const line = trimmed(nul < 0 ? text : text.slice(0, nul));
  const isNegative = line[0] === '-';
  let at = isNegative || line[0] === '+' ? 1 : 0;
  let radix: 2 | 8 | 10 | 16 = 10;
  let isOctalLike = false;
  if (base === 'auto' && line[at] === '0') {
    const prefixed = BASES[(line[at + 1] ?? '').toLowerCase()];
    if (prefixed === undefined) isOctalLike = true;
    else {
      radix = prefixed;
      at += line[at + 2] === '_' ? 3 : 2;
    }
  }
  const digits = digitsFrom(line, at, radix);
  if (digits === null || (radix === 10 && digits.length > MAX_INT_DIGITS)) return null;
  if (radix !== 10 && digits.length * Math.log2(radix) > MAX_BITS + 8) return null;
  const size = radix === 10 ? exact(digits) : exact(PREFIXES[radix] + digits);
  // Zeros before a number, which would be octal in C and in Python 2.
  if (isOctalLike && size !== 0) return null;
  return isNegative ? negated(size) : size;
}

/**
 * What C's `strtol` makes of octal digits behind a zero, which `pickle` asks first; null where it is none of 64 bits.
 */
function octalInt(text: string): number | bigint | null {
  const nul = text.indexOf('\0');
  const line = (nul < 0 ? text : text.slice(0, nul)).slice(0, 64).replace(/^[\t-\r ]{0,64}/, '');
  const match = /^([+-]?)0([0-7]{1,40})$/.exec(line);
  if (match === null) return null;
  const size = BigInt(`0o${match[2]}`);
  const value = match[1] === '-' ? -size : size;
  if (BigInt.asIntN(64, value) !== value) return null;
  return exact(String(value));
}

/** The digits from `at` to the end of the line, or null where anything else is among them. */
function digitsFrom(line: string, at: number, radix: number): string | null {
  let digits = '';
  let start = at;
  for (let i = at; i < line.length; i++) {
    if (line[i] !== '_') {
      if (digitValue(line.charCodeAt(i)) >= radix) return null;
      continue;
    }
    if (i === start || i === line.length - 1) return null;
    digits += line.slice(start, i);
    start = i + 1;
  }
  digits += line.slice(start);
  return digits === '' ? null : digits;
}

function digitValue(code: number): number {
  if (code >= 0x30 && code <= 0x39) return code - 0x30;
  const lower = code | 0x20;
  return lower >= 0x61 && lower <= 0x66 ? lower - 0x61 + 10 : 99;
}

function exact(digits: string): number | bigint {
  const value = Number(digits);
  return Number.isSafeInteger(value) ? value : BigInt(digits);
}

function negated(value: number | bigint): number | bigint {
  return value === 0 ? 0 : -value;
}

/** Without C's white space at both ends. */
function trimmed(text: string): string {
  let start = 0;
  let end = text.length;
  while (start < end && isSpace(text.charCodeAt(start))) start++;
  while (end > start && isSpace(text.charCodeAt(end - 1))) end--;
  return text.slice(start, end);
}

/** C's white space. */
function isSpace(code: number): boolean {
  return code === 0x20 || (code >= 0x09 && code <= 0x0d);
}

/** 4300 decimal digits, see MAX_INT_DIGITS, fit into this many bytes of two's complement. */
const MAX_INT_BYTES = Math.ceil((MAX_INT_DIGITS * Math.log2(10) + 1) / 8);

const NAMED_FLOAT = /^([+-]?)(inf|infinity|nan)$/i;

/**
 * INT: 'I00' and 'I01' are how protocols 0 and 1 write a bool. CPython Modules/_pickle.c load_int reads by C's rules
 * first, to which a zero in front means octal, and takes any two characters of 0 or 1 for a bool.
 */
export function intLine(cursor: Cursor): boolean | number | bigint {
  const line = cursor.line();
  if (line === '01') return true;
  if (line === '00') return false;
  const plain = plainInt(line);
  if (plain !== 0) return plain;
  const octal = octalInt(line);
  const value = octal ?? (line[0] === '\0' ? 0 : pythonInt(line, 'auto'));
  if (value === null || line === '') throw cursor.malformed('no decimal integer');
  const isOfC = octal !== null || !isSpace(line.charCodeAt(line.length - 1));
  return line.length === 2 && isOfC && (value === 0 || value === 1) ? value === 1 : value;
}

/** LONG. */
export function longLine(cursor: Cursor): number | bigint {
  const line = cursor.line();
  const plain = plainInt(line);
  if (plain !== 0) return plain;
  const value = pythonInt(line.endsWith('L') ? line.slice(0, -1) : line, 'auto');
  if (value === null) throw cursor.malformed('no decimal integer');
  return value;
}

/** The int of up to 15 digits that picklers write by far most often, without a zero in front; else 0. */
function plainInt(line: string): number {
  const start = line.charCodeAt(0) === 0x2d ? 1 : 0;
  if (line.length - start > 15 || line.charCodeAt(start) === 0x30) return 0;
  let size = 0;
  for (let at = start; at < line.length; at++) {
    const code = line.charCodeAt(at);
    if (!isDigit(code)) return 0;
    size = size * 10 + code - 0x30;
  }
  return start === 1 ? 0 - size : size;
}

/** LONG1 and LONG4: little-endian two's complement of `count` bytes. */
export function longBytes(cursor: Cursor, count: number): number | bigint {
  if (count > MAX_INT_BYTES) throw cursor.malformed(`int of more than ${MAX_INT_BYTES} bytes`);
  const start = cursor.take(count);
  if (count === 0) return 0;
  if (count <= 6) return cursor.bytes.readIntLE(start, count);
  const bigEndian = Buffer.from(cursor.bytes.subarray(start, start + count)).reverse();
  const value = BigInt.asIntN(count * 8, BigInt(`0x${bigEndian.toString('hex')}`));
  const asNumber = Number(value);
  return Number.isSafeInteger(asNumber) ? asNumber : value;
}

/** FLOAT. */
export function floatLine(cursor: Cursor): PyFloat {
  const whole = cursor.line();
  const nul = whole.indexOf('\0');
  const line = nul < 0 ? whole : whole.slice(0, nul);
  const named = NAMED_FLOAT.exec(line);
  if (named !== null) {
    const size = named[2]?.toLowerCase() === 'nan' ? Number.NaN : Number.POSITIVE_INFINITY;
    return new PyFloat(named[1] === '-' ? -size : size);
  }
  const value = isDecimalFloat(line) ? Number(line) : Number.NaN;
  if (!Number.isFinite(value)) throw cursor.malformed('no decimal float');
  return new PyFloat(value);
}

/**
 * What PyOS_string_to_double takes, CPython Python/pystrtod.c: digits with a point among or around them, an exponent.
 */
function isDecimalFloat(line: string): boolean {
  let at = isSign(line.charCodeAt(0)) ? 1 : 0;
  const whole = digitsEnd(line, at);
  let digits = whole - at;
  at = whole;
  if (line[at] === '.') {
    const fraction = digitsEnd(line, at + 1);
    digits += fraction - at - 1;
    at = fraction;
  }
  if (digits === 0) return false;
  if (line[at] === 'e' || line[at] === 'E') {
    const start = isSign(line.charCodeAt(at + 1)) ? at + 2 : at + 1;
    at = digitsEnd(line, start);
    if (at === start) return false;
  }
  return at === line.length;
}

function digitsEnd(line: string, start: number): number {
  let at = start;
  while (at < line.length && isDigit(line.charCodeAt(at))) at++;
  return at;
}

function isDigit(code: number): boolean {
  return code >= 0x30 && code <= 0x39;
}

function isSign(code: number): boolean {
  return code === 0x2b || code === 0x2d;
}

/** The argument of GET and PUT, at most of ten digits: more than any memo has places. */
export function memoIndex(cursor: Cursor): number {
  const start = cursor.at;
  let index = 0;
  for (let digits = 0; ; digits++) {
    const byte = cursor.uint8();
    if (byte === 0x0a && digits > 0) return index;
    if (!isDigit(byte) || digits > 9) break;
    index = index * 10 + byte - 0x30;
  }
  // No pickler writes it, and Python reads it: a sign, white space, underscores.
  cursor.at = start;
  const line = cursor.line();
  const read = line.length > 64 ? null : pythonInt(line, 10);
  if (typeof read !== 'number' || read < 0) throw cursor.malformed('no memo place');
  return read;
}
