import { describe, expect, it } from 'vitest';
import { RunSamples } from '../../src/counts/progress.js';

function seriesOver(hours: number): RunSamples {
  const series = new RunSamples();
  for (let ms = 0; ms <= hours * 3_600_000; ms += 200) {
    if (!series.isDue(ms)) continue;
    series.add({ elapsedMs: ms, done: ms, moved: 0, rejected: 0, lanes: 1, isHeldBack: false, rssBytes: 1 });
  }
  return series;
}

describe('the samples of a run', () => {
  it.each([0.001, 0.1, 2, 24])('are bounded and cover it from its start to its end, in %s hours', (hours) => {
    const { samples } = seriesOver(hours);
    const end = hours * 3_600_000;
    expect(samples.length).toBeLessThanOrEqual(600);
    expect(samples.length).toBeGreaterThan(Math.min(250, end / 500));
    expect(samples[0]?.elapsedMs).toBe(0);
    expect(samples.at(-1)?.elapsedMs).toBeGreaterThan(end * 0.99 - 500);
    const gaps = samples.slice(1).map(({ elapsedMs }, i) => elapsedMs - (samples[i]?.elapsedMs ?? 0));
    expect(Math.max(...gaps)).toBeLessThanOrEqual(Math.max(400, (end / samples.length) * 3));
  });
});
