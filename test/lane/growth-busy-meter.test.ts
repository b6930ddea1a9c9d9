import { describe, expect, it } from 'vitest';
import { machineMeter } from '../../src/lane/growth.js';

describe('the share of the processors that is busy', () => {
  it('is at least what this thread does, and at most all', () => {
    const meter = machineMeter();
    const startMs = performance.now();
    // The kernel counts in hundredths of a second.
    while (performance.now() - startMs < 300);
    const share = meter(performance.now() - startMs);
    expect(share).toBeGreaterThan(0);
    expect(share).toBeLessThan(1.2);
  });
});
