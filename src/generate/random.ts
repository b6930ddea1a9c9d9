import { hash } from 'node:crypto';
import type { SidKind } from '../session.js';

/** Numbers in [0, 1) that are the same for the same seed (mulberry32), so that a generated store can be made again. */
export function randomFrom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** A session id of the wanted kind that opens nothing: a digest of the seed and a counter. */
export function fakeSid(kind: SidKind, seed: number, index: number): string {
  const text = `sess2redis generate ${seed} ${index}`;
  if (kind === 'hex40') return hash('sha1', text, 'hex');
  const digest = hash('sha512', text, 'buffer');
  return digest.subarray(0, kind === 'urlsafe84' ? 63 : 64).toString('base64url');
}
