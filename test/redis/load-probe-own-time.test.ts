import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ownTimeMs } from '../../src/redis/load-probe.js';
import { temporaryDirectory } from '../support/temporary-directory.js';

const file = join(temporaryDirectory(), 'schedstat');

describe('the time that a thread worked or waited for a processor', () => {
  it('is both together, in milliseconds', () => {
    writeFileSync(file, '2000000 500000 7\n');
    expect(ownTimeMs(file)).toBe(2.5);
  });

  it('grows with work on a system that tells, and is 0 on one that does not', () => {
    const before = ownTimeMs();
    const startMs = performance.now();
    while (performance.now() - startMs < 50);
    const grown = ownTimeMs() - before;
    // Work or waiting is all that this thread did.
    if (before > 0) expect(grown).toBeGreaterThan(25);
    else expect(grown).toBe(0);
    expect(ownTimeMs('/nowhere')).toBe(0);
  });
});
