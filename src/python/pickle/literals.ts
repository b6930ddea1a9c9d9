import { asciiText, decodeUtf8 } from '../text.js';
import { PyBytes, PyFloat, PyText, type PyValue } from '../values.js';
import type { Cursor } from './cursor.js';
import { floatLine, intLine, longBytes, longLine } from './numbers.js';
import { Op } from './opcodes.js';

/** The two escape notations of protocol 0. A file keeps one character per byte until here. */

const UNICODE_ESCAPE = /\\(?:u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|([uU])|[^uU]|$)/g;

/** Text of UNICODE, or null: CPython Objects/unicodeobject.c, _PyUnicode_DecodeRawUnicodeEscapeStateful. */
export function rawUnicodeEscape(line: string): string | null {
  if (!line.includes('\\')) return line;
  let isSound = true;
  const decoded = line.replace(UNICODE_ESCAPE, (matched: string, short?: string, long?: string, broken?: string) => {
    if (short !== undefined) return String.fromCharCode(Number.parseInt(short, 16));
    const point = long === undefined ? -1 : Number.parseInt(long, 16);
    if (broken !== undefined || point > 0x10ffff) isSound = false;
    // A backslash before anything else stays where it is, together with what it stands before.
    return isSound && point >= 0 ? String.fromCodePoint(point) : matched;
  });
  return isSound ? decoded : null;
}

const BYTE_ESCAPE = /\\(?:x([0-9a-fA-F]{2})|([0-7]{1,3})|([\\'"bftnrva])|(x|$)|.)/gs;

const NAMED_BYTES: Record<string, string> = { b: '\b', f: '\f', t: '\t', n: '\n', r: '\r', v: '\v', a: '\x07' };

/** The bytes between the quotes of STRING, or null: CPython Objects/bytesobject.c, _PyBytes_DecodeEscape. */
export function escapedBytes(quoted: string): string | null {
  if (!quoted.includes('\\')) return quoted;
  let isSound = true;
  const decoded = quoted.replace(
    BYTE_ESCAPE,
    (matched: string, hex?: string, octal?: string, named?: string, broken?: string) => {
      if (hex !== undefined) return String.fromCharCode(Number.parseInt(hex, 16));
      if (octal !== undefined) return String.fromCharCode(Number.parseInt(octal, 8) & 0xff);
      if (named !== undefined) return NAMED_BYTES[named] ?? named;
      if (broken !== undefined) isSound = false;
      return matched;
    },
  );
  return isSound ? decoded : null;
}

/** UNICODE. */
function unicodeLine(cursor: Cursor): string {
  const text = rawUnicodeEscape(cursor.line());
  if (text === null) throw cursor.malformed('no raw-unicode-escape text');
  return text;
}

/** STRING: a Python 2 literal in either kind of quotes. */
function stringLine(cursor: Cursor): PyText {
  const line = cursor.line();
  const quote = line[0];
  const isQuoted = line.length >= 2 && (quote === "'" || quote === '"') && line.endsWith(quote);
  const latin1 = isQuoted ? escapedBytes(line.slice(1, -1)) : null;
  if (latin1 === null) throw cursor.malformed('no quoted byte string');
  return new PyText(latin1);
}

/** BINUNICODE and its kin. */
function text(cursor: Cursor, count: number): string {
  const start = cursor.take(count);
  const ascii = asciiText(cursor.bytes, start, start + count);
  if (ascii !== null) return ascii;
  const decoded = decodeUtf8(cursor.bytes, start, start + count, 'pass');
  if (decoded === null) throw cursor.malformed('text is not UTF-8');
  return decoded;
}

/** BINSTRING and SHORT_BINSTRING. */
function byteText(cursor: Cursor, count: number): PyText {
  const start = cursor.take(count);
  const { bytes } = cursor;
  const ascii = asciiText(bytes, start, start + count);
  return ascii === null ? new PyText(bytes.toString('latin1', start, start + count)) : new PyText(ascii, ascii);
}

/** BINBYTES and its kin: a copy, since the file buffer is read into again. */
function byteString(cursor: Cursor, count: number, isMutable: boolean): PyBytes {
  const start = cursor.take(count);
  return new PyBytes(Uint8Array.prototype.slice.call(cursor.bytes, start, start + count), isMutable);
}

/** The value of an opcode that is complete with its argument; undefined for an opcode that is none of these. */
export function readLiteral(op: Op, cursor: Cursor): PyValue | undefined {
  switch (op) {
    case Op.SHORT_BINUNICODE:
      return text(cursor, cursor.uint8());
    case Op.BINUNICODE:
      return text(cursor, cursor.uint32());
    case Op.BINUNICODE8:
      return text(cursor, cursor.uint64());
    case Op.UNICODE:
      return unicodeLine(cursor);
    case Op.NONE:
      return null;
    case Op.NEWTRUE:
      return true;
    case Op.NEWFALSE:
      return false;
    case Op.BININT1:
      return cursor.uint8();
    case Op.BININT2:
      return cursor.uint16();
    case Op.BININT:
      return cursor.int32();
    case Op.INT:
      return intLine(cursor);
    case Op.LONG1:
      return longBytes(cursor, cursor.uint8());
    case Op.LONG4:
      return longBytes(cursor, cursor.count32());
    case Op.LONG:
      return longLine(cursor);
    case Op.BINFLOAT:
      return new PyFloat(cursor.float64());
    case Op.FLOAT:
      return floatLine(cursor);
    case Op.SHORT_BINSTRING:
      return byteText(cursor, cursor.uint8());
    case Op.BINSTRING:
      return byteText(cursor, cursor.count32());
    case Op.STRING:
      return stringLine(cursor);
    case Op.SHORT_BINBYTES:
      return byteString(cursor, cursor.uint8(), false);
    case Op.BINBYTES:
      return byteString(cursor, cursor.uint32(), false);
    case Op.BINBYTES8:
      return byteString(cursor, cursor.uint64(), false);
    case Op.BYTEARRAY8:
      return byteString(cursor, cursor.uint64(), true);
    default:
      return undefined;
  }
}
