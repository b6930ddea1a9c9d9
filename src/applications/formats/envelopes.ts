import { inflateSync } from 'node:zlib';
import { ContentFault, endsEarly, malformed } from './scanner.js';

/** 1 for a character of standard base64, 2 for one of its URL-safe form, 3 for one of both. */
const ALPHABETS = new Uint8Array(256);
for (const character of 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789') {
  ALPHABETS[character.charCodeAt(0)] = 3;
}
for (const character of '+/') ALPHABETS[character.charCodeAt(0)] = 1;
for (const character of '-_') ALPHABETS[character.charCodeAt(0)] = 2;

/** Where in `bytes[start, end)` the first byte stands that is none of the alphabet's; `end` where all are. */
export function base64End(bytes: Uint8Array, start: number, end: number, alphabet: 'base64' | 'base64url'): number {
  const bit = alphabet === 'base64' ? 1 : 2;
  let at = start;
  while (at < end && ((ALPHABETS[bytes[at] as number] as number) & bit) !== 0) at++;
  return at;
}

export function decodeBase64(bytes: Uint8Array, start: number, end: number, alphabet: 'base64' | 'base64url'): Buffer {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset + start, end - start).toString('latin1');
  return Buffer.from(text, alphabet);
}

const EQUALS = 0x3d;

/**
 * What base64 with its padding holds.
 * @param reason for bytes that are none
 * @throws {ContentFault}
 */
export function paddedBase64(
  bytes: Uint8Array,
  start: number,
  end: number,
  alphabet: 'base64' | 'base64url',
  reason: string,
): Buffer {
  let stop = base64End(bytes, start, end, alphabet);
  while (stop < end && bytes[stop] === EQUALS && end - stop <= 2) stop++;
  if (stop < end) malformed(reason, stop);
  if ((end - start) % 4 !== 0) endsEarly(end);
  return decodeBase64(bytes, start, end, alphabet);
}

/** What an unpacked session may hold; applications themselves have no limit. */
const MOST_UNPACKED_BYTES = 16 * 1024 * 1024;

/**
 * What zlib packed into `bytes[start, end)`.
 * @param place where the fault is, as an operator is told
 * @throws {ContentFault}
 */
export function unpackZlib(bytes: Uint8Array, start: number, end: number, place = start): Buffer {
  try {
    return inflateSync(bytes.subarray(start, end), { maxOutputLength: MOST_UNPACKED_BYTES });
  } catch (error) {
    const isCut = (error as NodeJS.ErrnoException).code === 'Z_BUF_ERROR';
    const reason = 'the compressed content is cut, damaged, no zlib or holds more than 16 MiB';
    throw new ContentFault(reason, place, isCut);
  }
}
