import { isUtf8 } from 'node:buffer';

/**
 * UTF-8 as Python reads it. Python's `surrogatepass` lets the three bytes of a lone surrogate through, which
 * `TextDecoder` has no way to say; everything else that RFC 3629 forbids stays forbidden.
 */
export type Surrogates = 'pass' | 'refuse';

/** The text in bytes `start` to `end`, or null where they are no UTF-8. */
export function decodeUtf8(bytes: Buffer, start: number, end: number, surrogates: Surrogates): string | null {
  // UTF-8 never takes fewer bytes than UTF-16 takes units.
  const units = Buffer.allocUnsafe((end - start) * 2);
  let length = 0;
  let at = start;
  while (at < end) {
    const lead = bytes[at++] as number;
    if (lead < 0x80) {
      length = units.writeUInt16LE(lead, length);
      continue;
    }
    const more = lead < 0xc2 ? 0 : lead < 0xe0 ? 1 : lead < 0xf0 ? 2 : lead < 0xf5 ? 3 : 0;
    if (more === 0 || at + more > end) return null;
    let point = lead & (0x3f >> more);
    for (let i = 0; i < more; i++) {
      const next = bytes[at++] as number;
      if ((next & 0xc0) !== 0x80) return null;
      point = (point << 6) | (next & 0x3f);
    }
    if (more === 2 && point < 0x800) return null;
    if (more === 3 && (point < 0x10000 || point > 0x10ffff)) return null;
    if (surrogates === 'refuse' && point >= 0xd800 && point <= 0xdfff) return null;
    if (point >= 0x10000) {
      length = units.writeUInt16LE(0xd800 + ((point - 0x10000) >> 10), length);
      point = 0xdc00 + ((point - 0x10000) & 0x3ff);
    }
    length = units.writeUInt16LE(point, length);
  }
  return units.toString('utf16le', 0, length);
}

/** The position of the first byte that is not UTF-8 any more; `end` when all of `bytes[start, end)` is. */
export function firstInvalidUtf8(bytes: Uint8Array, start: number, end: number): number {
  let position = start;
  while (position < end) {
    const byte = bytes[position] as number;
    const width = byte < 0x80 ? 1 : byte < 0xe0 ? 2 : byte < 0xf0 ? 3 : 4;
    if (position + width > end || !isUtf8(bytes.subarray(position, position + width))) break;
    position += width;
  }
  return position;
}

/**
 * Text of up to this many bytes is looked up before it is made. Longer text is hardly ever the same in two sessions,
 * and making it costs V8 little more per byte.
 */
const MAX_CACHED = 24;

/** A power of two, a few times the number of keys and standard values that all sessions of a store share. */
const SLOTS = 1024;

const slots: string[] = new Array(SLOTS).fill('');

/**
 * The ASCII text in bytes `start` to `end`, or null where one of them is not ASCII. Sessions repeat each other's keys,
 * so that short text mostly comes from a small cache (measured: 14 ns a key instead of 55 in Buffer.toString).
 */
export function asciiText(bytes: Buffer, start: number, end: number): string | null {
  const length = end - start;
  if (length > MAX_CACHED) return isAscii(bytes, start, end) ? bytes.toString('latin1', start, end) : null;
  let hash = length;
  let seen = 0;
  for (let i = start; i < end; i++) {
    const byte = bytes[i] as number;
    hash = (Math.imul(hash, 31) + byte) | 0;
    seen |= byte;
  }
  if (seen > 0x7f) return null;
  const slot = (hash ^ (hash >>> 10)) & (SLOTS - 1);
  const known = slots[slot] as string;
  if (isSame(known, bytes, start, length)) return known;
  const made = bytes.toString('latin1', start, end);
  slots[slot] = made;
  return made;
}

function isAscii(bytes: Buffer, start: number, end: number): boolean {
  let seen = 0;
  for (let i = start; i < end; i++) seen |= bytes[i] as number;
  return seen <= 0x7f;
}

function isSame(known: string, bytes: Buffer, start: number, length: number): boolean {
  if (known.length !== length) return false;
  for (let i = 0; i < length; i++) {
    if (known.charCodeAt(i) !== bytes[start + i]) return false;
  }
  return true;
}
