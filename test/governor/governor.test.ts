import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Governor } from '../../src/governor/governor.js';
import { constantRate } from '../../src/governor/timetable.js';

/** Time stands still but for `advance`; timers and the governor read the same clock. */
beforeEach(() => {
  vi.useFakeTimers({ now: 1_000_000 });
});
afterEach(() => {
  vi.useRealTimers();
});
const advance = (ms: number) => vi.advanceTimersByTimeAsync(ms);
const CLOCKS = { now: () => Date.now(), wall: () => new Date() };
const governorAt = (rate: number) => new Governor(constantRate(rate), CLOCKS);
const never = new AbortController().signal;

/** Asks for chunks one after another, as the walk does; `admitted` says when each was let through. */
function startWalk(governor: Governor, chunks: readonly number[], signal = never) {
  const admitted: { entries: number; atMs: number }[] = [];
  const done = (async () => {
    for (const entries of chunks) {
      await governor.admit(entries, signal);
      admitted.push({ entries, atMs: Date.now() - 1_000_000 });
    }
  })();
  return { admitted, done };
}

const entriesOf = (admitted: readonly { entries: number }[]) => admitted.reduce((sum, { entries }) => sum + entries, 0);

describe('the governor', () => {
  it('holds nothing back without a rate', async () => {
    const governor = governorAt(Number.POSITIVE_INFINITY);
    expect(governor.maxEntries).toBe(512);
    await startWalk(governor, new Array(1000).fill(512)).done;
    expect(governor.heldBackMs).toEqual({});
    expect(vi.getTimerCount()).toBe(0);
  });

  it.each([
    [0.001, 1],
    [1, 1],
    [19, 1],
    [20, 2],
    [1000, 100],
    [5000, 500],
    [1e6, 512],
  ])('at %d per second makes chunks of %i, about ten a second', (rate, entries) => {
    expect(governorAt(rate).maxEntries).toBe(entries);
  });

  it('lets one chunk through at once, and then each when its entries are due', async () => {
    const { admitted } = startWalk(governorAt(1000), [100, 100, 100, 50, 100]);
    await advance(0);
    expect(admitted).toEqual([{ entries: 100, atMs: 0 }]);
    await advance(99);
    expect(admitted).toHaveLength(1);
    await advance(1);
    expect(admitted).toHaveLength(2);
    await advance(1000);
    expect(admitted.map(({ atMs }) => atMs)).toEqual([0, 100, 200, 250, 350]);
  });

  it('lets a chunk through that is larger than it asked for, and makes the next one wait for it', async () => {
    const { admitted } = startWalk(governorAt(1000), [300, 100]);
    await advance(10_000);
    expect(admitted.map(({ atMs }) => atMs)).toEqual([0, 300]);
  });

  it('saves up no more than one chunk while nobody asks', async () => {
    const governor = governorAt(1000);
    await advance(3_600_000);
    const { admitted } = startWalk(governor, [100, 100, 100]);
    await advance(10_000);
    expect(admitted.map(({ atMs }) => atMs - 3_600_000)).toEqual([0, 100, 200]);
  });

  it('gives back what was not sent, at once', async () => {
    const governor = governorAt(1000);
    const { admitted } = startWalk(governor, [100, 100, 100]);
    await advance(0);
    governor.settle(100, 0);
    await advance(0);
    expect(admitted.map(({ atMs }) => atMs)).toEqual([0, 0]);
    governor.settle(100, 60);
    await advance(59);
    expect(admitted).toHaveLength(2);
    await advance(1);
    expect(admitted.map(({ atMs }) => atMs)).toEqual([0, 0, 60]);
  });

  it('gives nothing back for a chunk of which all was sent', async () => {
    const governor = governorAt(1000);
    const { admitted } = startWalk(governor, [100, 100]);
    await advance(0);
    governor.settle(100, 100);
    await advance(99);
    expect(admitted).toHaveLength(1);
    await advance(1);
    expect(admitted).toHaveLength(2);
  });

  it('says for how long and why chunks were held back', async () => {
    const governor = governorAt(1000);
    expect(governor.heldBackMs).toEqual({});
    startWalk(governor, [100, 100, 100]);
    await advance(10_000);
    expect(governor.heldBackMs).toEqual({ rate: 200 });
  });

  it('wakes who waits when the run is aborted, and leaves no timer behind', async () => {
    const controller = new AbortController();
    const { admitted, done } = startWalk(governorAt(0.001), [1, 1], controller.signal);
    await advance(5);
    expect(admitted).toHaveLength(1);
    expect(vi.getTimerCount()).toBe(1);
    controller.abort();
    await done;
    expect(admitted.map(({ atMs }) => atMs)).toEqual([0, 5]);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('does not wait at all once the run is aborted', async () => {
    await expect(startWalk(governorAt(0.001), [1, 1, 1], AbortSignal.abort()).done).resolves.not.toThrow();
  });

  it('never admits more than the rate allows and one chunk, whatever is asked for and given back', async () => {
    const step = fc.record({ ms: fc.nat({ max: 400 }), sentShare: fc.double({ min: 0, max: 1, noNaN: true }) });
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 20_000 }), fc.array(step, { maxLength: 30 }), async (rate, steps) => {
        vi.setSystemTime(1_000_000);
        const governor = governorAt(rate);
        const controller = new AbortController();
        const { admitted, done } = startWalk(governor, new Array(500).fill(governor.maxEntries), controller.signal);
        let settled = 0;
        let sent = 0;
        await advance(0);
        for (const { ms, sentShare } of steps) {
          await advance(ms);
          for (const { entries } of admitted.slice(settled)) {
            const sentOfChunk = Math.round(entries * sentShare);
            governor.settle(entries, sentOfChunk);
            sent += sentOfChunk;
            settled++;
          }
          await advance(0);
          // What is under way may all be sent yet.
          const atMost = sent + entriesOf(admitted.slice(settled));
          const elapsedMs = Date.now() - 1_000_000;
          expect(atMost).toBeLessThanOrEqual((rate * elapsedMs) / 1000 + governor.maxEntries + 1e-6);
        }
        controller.abort();
        await done;
      }),
      { numRuns: 200 },
    );
  });

  it('keeps up with the rate when everything is sent', async () => {
    for (const rate of [7, 333, 5000]) {
      vi.setSystemTime(1_000_000);
      const governor = governorAt(rate);
      const controller = new AbortController();
      const { admitted, done } = startWalk(governor, new Array(1000).fill(governor.maxEntries), controller.signal);
      await advance(20_000);
      expect(entriesOf(admitted)).toBeGreaterThanOrEqual(rate * 20 * 0.97);
      controller.abort();
      await done;
    }
  });

  it('says that it sets the pace once a chunk had to wait, and not before', async () => {
    const governor = governorAt(10);
    const { signal } = new AbortController();
    await governor.admit(governor.maxEntries, signal);
    expect(governor.isHoldingBack).toBe(false);
    const waiting = governor.admit(governor.maxEntries, signal);
    await advance(5_000);
    await waiting;
    expect(governor.isHoldingBack).toBe(true);
  });
});
