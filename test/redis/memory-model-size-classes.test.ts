import { describe, expect, it } from 'vitest';
import { bytesOfClass, SIZE_CLASSES, sizeClassOf } from '../../src/redis/memory-model.js';

describe('the classes of sizes', () => {
  it("are jemalloc's", () => {
    const first = Array.from({ length: 20 }, (_, i) => bytesOfClass(i));
    expect(first).toEqual([
      16, 32, 48, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384, 448, 512, 640, 768, 896, 1024,
    ]);
  });

  it('hold each size in the smallest class that it fits into', () => {
    for (const bytes of [0, 1, 16, 17, 127, 128, 129, 160, 161, 255, 256, 257, 300, 511, 513, 4096, 65_537, 2 ** 20]) {
      const sizeClass = sizeClassOf(bytes);
      expect(bytesOfClass(sizeClass), `${bytes}`).toBeGreaterThanOrEqual(bytes);
      if (sizeClass > 0) expect(bytesOfClass(sizeClass - 1), `${bytes}`).toBeLessThan(bytes);
    }
  });

  it('end where no value of Redis goes beyond', () => {
    expect(sizeClassOf(2 ** 29)).toBeLessThan(SIZE_CLASSES);
    expect(bytesOfClass(SIZE_CLASSES - 1)).toBeGreaterThanOrEqual(2 ** 29);
  });
});
