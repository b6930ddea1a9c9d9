import { MAX_INT_DIGITS, PyFloat } from '../../python.js';
import type { Cursor } from './cursor.js';

/** 4300 decimal digits, see MAX_INT_DIGITS, fit into this many bytes of two's complement. */
const MAX_INT_BYTES = Math.ceil((MAX_INT_DIGITS * Math.log2(10) + 1) / 8);

const DECIMAL_INT = /^[+-]?[0-9]+L?$/;

/** What PyOS_string_to_double takes, CPython Python/pystrtod.c. */
const DECIMAL_FLOAT = /^[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:e[+-]?[0-9]+)?$/i;
const NAMED_FLOAT = /^([+-]?)(inf|infinity|nan)$/i;

/** INT: 'I00' and 'I01' are how protocols 0 and 1 write a bool. */
export function intLine(cursor: Cursor): boolean | number | bigint {
  const line = cursor.line();
  if (line === '01') return true;
  if (line === '00') return false;
  return decimal(line, cursor);
}

/** LONG. */
export function longLine(cursor: Cursor): boolean | number | bigint {
  return decimal(cursor.line(), cursor);
}

function decimal(line: string, cursor: Cursor): number | bigint {
  if (!DECIMAL_INT.test(line)) throw cursor.malformed('no decimal integer');
  const digits = line.replace(/[+L]/g, '');
  if (digits.replace('-', '').length > MAX_INT_DIGITS)
    throw cursor.malformed(`int of more than ${MAX_INT_DIGITS} digits`);
  const value = Number(digits);
  // The sum makes an integer zero of '-0'.
  return Number.isSafeInteger(value) ? value + 0 : BigInt(digits);
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
  const line = cursor.line();
  const named = NAMED_FLOAT.exec(line);
  if (named !== null) {
    const size = named[2]?.toLowerCase() === 'nan' ? Number.NaN : Number.POSITIVE_INFINITY;
    return new PyFloat(named[1] === '-' ? -size : size);
  }
  const value = DECIMAL_FLOAT.test(line) ? Number(line) : Number.NaN;
  if (!Number.isFinite(value)) throw cursor.malformed('no decimal float');
  return new PyFloat(value);
}

/** The argument of GET and PUT. */
export function memoIndex(cursor: Cursor): number {
  let index = 0;
  for (let digits = 0; ; digits++) {
    const byte = cursor.uint8();
    if (byte === 0x0a && digits > 0) return index;
    // More digits than any memo has.
    if (byte < 0x30 || byte > 0x39 || digits > 9) throw cursor.malformed('no memo place');
    index = index * 10 + byte - 0x30;
  }
}
