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
