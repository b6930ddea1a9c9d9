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

/** 2^32 over the golden ratio: spreads neighbouring numbers over all seeds. */
const SPREAD = 0x9e3779b1;

/** Numbers for the n-th of many things, whichever of them are made, and in which order. */
export function randomFor(seed: number, index: number): () => number {
  return randomFrom(seed + Math.imul(index, SPREAD));
}
