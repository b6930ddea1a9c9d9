import { PyBytes, PyText } from '../../python.js';
import { asciiText } from '../short-text.js';
import { decodeUtf8 } from '../utf8.js';
import type { Cursor } from './cursor.js';
import { escapedBytes, rawUnicodeEscape } from './escapes.js';

/** UNICODE. */
export function unicodeLine(cursor: Cursor): string {
  const text = rawUnicodeEscape(cursor.line());
  if (text === null) throw cursor.malformed('no raw-unicode-escape text');
  return text;
}

/** STRING: a Python 2 literal in either kind of quotes. */
export function stringLine(cursor: Cursor): PyText {
  const line = cursor.line();
  const quote = line[0];
  const isQuoted = line.length >= 2 && (quote === "'" || quote === '"') && line.endsWith(quote);
  const latin1 = isQuoted ? escapedBytes(line.slice(1, -1)) : null;
  if (latin1 === null) throw cursor.malformed('no quoted byte string');
  return new PyText(latin1);
}

/** BINUNICODE and its kin. */
export function text(cursor: Cursor, count: number): string {
  const start = cursor.take(count);
  const ascii = asciiText(cursor.bytes, start, start + count);
  if (ascii !== null) return ascii;
  const decoded = decodeUtf8(cursor.bytes, start, start + count, 'pass');
  if (decoded === null) throw cursor.malformed('text is not UTF-8');
  return decoded;
}

/** BINSTRING and SHORT_BINSTRING. */
export function byteText(cursor: Cursor, count: number): PyText {
  const start = cursor.take(count);
  const { bytes } = cursor;
  const ascii = asciiText(bytes, start, start + count);
  return ascii === null ? new PyText(bytes.toString('latin1', start, start + count)) : new PyText(ascii, ascii);
}

/** BINBYTES and its kin: a copy, since the file buffer is read into again. */
export function byteString(cursor: Cursor, count: number, isMutable: boolean): PyBytes {
  const start = cursor.take(count);
  return new PyBytes(Uint8Array.prototype.slice.call(cursor.bytes, start, start + count), isMutable);
}
