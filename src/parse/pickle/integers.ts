import { MAX_INT_DIGITS } from '../../python.js';

/** Characters of a line that may still hold an int of that many digits, with underscores and white space. */
const LONGEST_LINE = 4 * MAX_INT_DIGITS;

/** Hexadecimal digits that hold as much as that many decimal ones. */
const MAX_BITS = Math.ceil(MAX_INT_DIGITS * Math.log2(10));

const BASES: Record<string, 2 | 8 | 16> = { b: 2, o: 8, x: 16 };
const PREFIXES = { 2: '0b', 8: '0o', 16: '0x' };

/** What an int is read from. `auto` takes the base from the text, as a literal of Python 3 does. */
export type Base = 'auto' | 10;

/**
 * The int that CPython Objects/longobject.c PyLong_FromString reads from C text: up to a NUL, white space around it, a
 * sign, single underscores between digits. Null where it reads none, or one of more digits than `int` takes.
 */
export function pythonInt(text: string, base: Base): number | bigint | null {
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

/** What C's `strtol` makes of octal digits behind a zero, which `pickle` asks first; null where it is none of 64 bits. */
export function octalInt(text: string): number | bigint | null {
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
export function isSpace(code: number): boolean {
  return code === 0x20 || (code >= 0x09 && code <= 0x0d);
}
