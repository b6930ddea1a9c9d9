/**
 * Sizes in steps as jemalloc, Redis's allocator, hands memory out: 16 bytes up to 128, then four steps per doubling
 * (https://jemalloc.net/jemalloc.3.html, size classes). One scale serves both the picture of sizes and the prediction of
 * memory.
 */
export const SIZE_CLASSES = 96;

const SMALLEST = 16;
const SMALL_CLASSES = 8;
/** log2 of the largest size that is still in steps of 16. */
const SMALL_BITS = 7;

/** The class of `bytes`, from 0; everything beyond the last class is in it. */
export function sizeClassOf(bytes: number): number {
  if (bytes <= SMALLEST * SMALL_CLASSES) return Math.max(0, ((bytes + SMALLEST - 1) >> 4) - 1);
  const bits = 31 - Math.clz32(bytes - 1);
  const quarter = ((bytes - 1) >> (bits - 2)) & 3;
  return Math.min(SIZE_CLASSES - 1, SMALL_CLASSES + (bits - SMALL_BITS) * 4 + quarter);
}

/** The most bytes that class holds, which is what an allocation in it takes. */
export function bytesOfClass(sizeClass: number): number {
  if (sizeClass < SMALL_CLASSES) return (sizeClass + 1) * SMALLEST;
  const bits = SMALL_BITS + ((sizeClass - SMALL_CLASSES) >> 2);
  const quarter = (sizeClass - SMALL_CLASSES) & 3;
  return 2 ** bits + (quarter + 1) * 2 ** (bits - 2);
}
