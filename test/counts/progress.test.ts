import { describe, expect, it } from 'vitest';
import { progressOf } from '../support/progress-samples.js';

describe('what sets the pace', () => {
  const fullSpeed = { name: 'full speed', cause: '', reason: '', permitsPerSecond: Number.POSITIVE_INFINITY } as const;
  const slowed = { name: 'slowed', cause: 'latency', reason: 'latency 7 ms', permitsPerSecond: 100 } as const;

  it('is what lanes wait for, whatever the governor says meanwhile, and then the governor again', () => {
    const progress = progressOf({ written: 1 });
    progress.governor = slowed;
    expect(progress.pace).toBe('slowed: latency 7 ms');
    progress.wait = { reason: 'memory' };
    progress.governor = fullSpeed;
    expect(progress.pace).toBe('waiting: memory');
    progress.wait = null;
    expect(progress.pace).toBe('');
  });
});

describe('the time that is left', () => {
  it('is not guessed while the listing grows and no run came before', () => {
    const progress = progressOf({ written: 500 });
    progress.found(1000 - progress.listed);
    expect(progress.total).toBeNaN();
    expect(progress.etaMs(10_000)).toBeNaN();
  });

  it('is told when the listing is final', () => {
    const progress = progressOf({ written: 500 });
    progress.found(1000 - progress.listed);
    progress.isListingFinal = true;
    expect(progress.total).toBe(1000);
    expect(progress.etaMs(10_000)).toBe(10_000);
  });

  it('is told when an earlier run counted the store, unless the store has outgrown that count', () => {
    const progress = progressOf({ written: 500 });
    progress.expected = 2000;
    expect(progress.etaMs(10_000)).toBe(30_000);
    progress.found(2001 - progress.listed);
    expect(progress.total).toBeNaN();
  });

  it('is not told before a hundredth is done, nor when nothing is left', () => {
    const progress = progressOf({ written: 10 });
    progress.expected = 1000;
    expect(progress.etaMs(1000)).toBeNaN();
    progress.expected = 999;
    expect(progress.etaMs(1000)).not.toBeNaN();
    progress.expected = 10;
    expect(progress.etaMs(1000)).toBeNaN();
  });

  it('is told from the shards that are read, once enough of them are', () => {
    const progress = progressOf({ written: 1000 });
    progress.addDirectory({ source: 0, shard: '', entries: 300, shardsLeft: 256 });
    for (let n = 1; n < 16; n++) progress.addDirectory({ source: 0, shard: `s${n}`, entries: 50, shardsLeft: 256 - n });
    expect(progress.total).toBeNaN();
    progress.addDirectory({ source: 0, shard: 'zz', entries: 50, shardsLeft: 240 });
    expect(progress.total).toBe(1000 + 240 * 50);
  });

  it('is not told from shards while other stores are still to come', () => {
    const progress = progressOf({ written: 1000 }, 2);
    const see = (source: number) => {
      progress.addDirectory({ source, shard: '', entries: 20, shardsLeft: 20 });
      for (let n = 1; n <= 20; n++) progress.addDirectory({ source, shard: `s${n}`, entries: 50, shardsLeft: 20 - n });
    };
    see(0);
    expect(progress.total).toBeNaN();
    see(1);
    expect(progress.total).toBe(1000);
  });
});

describe('a count ahead of the walk', () => {
  const counted = (entries: number, isComplete: boolean, isExact = true) => ({
    entries,
    isComplete,
    isExact,
    stop: () => {},
  });

  it('is the total once it is complete, and until then a least number', () => {
    const progress = progressOf({ written: 500 });
    progress.ahead = counted(4000, false);
    expect([progress.total, progress.known, progress.isTotalCounted]).toEqual([Number.NaN, 4000, false]);
    progress.ahead = counted(5000, true);
    expect([progress.total, progress.etaMs(10_000), progress.isTotalCounted]).toEqual([5000, 90_000, true]);
  });

  it('is an estimate where some directories stood for all', () => {
    const progress = progressOf({ written: 500 });
    progress.ahead = counted(5000, true, false);
    expect([progress.total, progress.known, progress.isTotalCounted]).toEqual([5000, 500, false]);
  });

  it('is no total any more once the walk has found more', () => {
    const progress = progressOf({ written: 500 });
    progress.ahead = counted(499, true);
    expect(progress.total).toBeNaN();
  });
});
