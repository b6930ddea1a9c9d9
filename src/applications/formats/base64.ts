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
