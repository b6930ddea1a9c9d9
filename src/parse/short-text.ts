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
