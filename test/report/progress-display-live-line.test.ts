import { describe, expect, it } from 'vitest';
import { RecentRate, renderProgress } from '../../src/report/progress-display.js';
import { progressOf } from '../support/progress-samples.js';

const WIDE = 200;

describe('the line on how far a run is', () => {
  it('says what is listed, done, moved and rejected, how fast, by how many, and what sets the pace', () => {
    const progress = progressOf({ written: 1200, expired: 300, malformed: 1 });
    progress.found(2000 - progress.listed);
    progress.governor = { name: 'slowed', cause: 'latency', reason: 'latency 7 ms', permitsPerSecond: 100 };
    expect(renderProgress(progress, 1234.5, 10_000, WIDE)).toBe(
      '1,501 of 2,000+, 1,200 moved, 1 rejected, 1,235 entries/s, 4 lanes, slowed: latency 7 ms',
    );
  });

  it('has a share and an ETA only when they are honest', () => {
    const progress = progressOf({ written: 500 });
    progress.found(1000 - progress.listed);
    progress.isListingFinal = true;
    expect(renderProgress(progress, 50, 10_000, WIDE)).toBe(
      '500 of 1,000 (50 %), 500 moved, 0 rejected, 50 entries/s, 4 lanes, full speed, ETA 10 s',
    );
  });

  it('says of a verification what is sound and what is different', () => {
    const progress = progressOf({ match: 1200, newer: 10, missing: 3, malformed: 1 });
    progress.found(786);
    expect(renderProgress(progress, 100, 10_000, WIDE)).toContain(
      '1,214 of 2,000+, 1,210 sound, 3 different, 1 rejected, 100 entries/s',
    );
  });

  it('fits into any width, and keeps what matters most', () => {
    const progress = progressOf({ written: 500, malformed: 3 });
    progress.expected = 1000;
    progress.governor = { name: 'paused', cause: 'paused', reason: 'by file', permitsPerSecond: 0 };
    for (let columns = 10; columns < WIDE; columns++) {
      const line = renderProgress(progress, 50, 10_000, columns);
      expect(line.length, line).toBeLessThanOrEqual(columns);
      if (columns >= 35) expect(line).toContain('paused: by file');
    }
    expect(renderProgress(progress, 50, 10_000, 60)).toBe('503 of about 1,000 (50 %), 3 rejected, paused: by file');
  });
});

describe('the rate', () => {
  it('is that of the last seconds, not of the whole run', () => {
    const rate = new RecentRate();
    expect(rate.of(0, 0)).toBe(0);
    for (let s = 1; s <= 20; s++) rate.of(s * 1000, s * 1000);
    expect(rate.of(20_000, 30_000)).toBe(0);
    const steady = new RecentRate();
    for (let s = 0; s < 20; s++) steady.of(s * 100, s * 1000);
    expect(steady.of(2000, 20_000)).toBe(100);
  });
});
