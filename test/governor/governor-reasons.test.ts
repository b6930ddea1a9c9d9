import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Governor } from '../../src/governor/governor.js';
import { CALM, type LoadFinding } from '../../src/governor/judge.js';
import { describeState } from '../../src/governor/state.js';
import { constantRate, parseTimetable } from '../../src/governor/timetable.js';

/** Local time, as timetables are read. */
const MONDAY_EVENING = new Date(2026, 2, 2, 19, 59, 50);
beforeEach(() => {
  vi.useFakeTimers({ now: MONDAY_EVENING });
});
afterEach(() => {
  vi.useRealTimers();
});
const advance = (ms: number) => vi.advanceTimersByTimeAsync(ms);

const CLOCKS = { now: () => Date.now(), wall: () => new Date() };
const FREELY = constantRate(Number.POSITIVE_INFINITY);
const MEMORY: LoadFinding = { severity: 'critical', cause: 'memory', reason: 'memory 92 % of maxmemory' };
const FORK: LoadFinding = { severity: 'halve', cause: 'fork', reason: 'a snapshot is being saved' };

/** A governor and a walk that asks it for one chunk after another; all of each is sent. */
function start(timetable = FREELY, signal = new AbortController().signal) {
  const states: string[] = [];
  const governor = new Governor(timetable, CLOCKS, (state) => states.push(describeState(state)));
  let admitted = 0;
  let isOver = false;
  const done = (async () => {
    while (!isOver && !signal.aborted) {
      const entries = governor.maxEntries;
      await governor.admit(entries, signal);
      if (signal.aborted) return;
      admitted += entries;
      governor.settle(entries, entries);
      // What a chunk takes where nothing holds it back.
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  })();
  const admittedWithin = async (ms: number) => {
    const before = admitted;
    await advance(ms);
    return admitted - before;
  };
  const end = async () => {
    isOver = true;
    await advance(60_000);
    await done;
  };
  return { governor, states, admittedWithin, end, done };
}

describe('the governor', () => {
  it('starts nothing while something is critical, and says for what and for how long', async () => {
    const { governor, states, admittedWithin, end } = start();
    expect(await admittedWithin(1000)).toBeGreaterThan(512 * 15);
    governor.look(MEMORY);
    await advance(0);
    expect(await admittedWithin(60_000)).toBe(0);
    expect(describeState(governor.state)).toBe('hibernating: memory 92 % of maxmemory');
    for (let i = 0; i < 4; i++) governor.look(CALM);
    expect(await admittedWithin(1000)).toBeGreaterThan(0);
    expect(governor.heldBackMs.memory).toBeGreaterThanOrEqual(60_000 - 50);
    expect(states[0]).toBe('hibernating: memory 92 % of maxmemory');
    expect(states.at(-1)).toBe('slowed: speeding up again after: memory 92 % of maxmemory');
    for (let i = 0; i < 30; i++) governor.look(CALM);
    await end();
    expect(states.at(-1)).toBe('full speed');
  });

  it('halves what the run did, not what it was allowed to do', async () => {
    const { governor, admittedWithin, end } = start();
    governor.look(CALM);
    const before = await admittedWithin(5000);
    governor.look(FORK);
    await advance(1000);
    const during = await admittedWithin(5000);
    expect(during).toBeGreaterThan(before * 0.45);
    expect(during).toBeLessThan(before * 0.55);
    expect(governor.heldBackMs.fork).toBeGreaterThan(0);
    await end();
  });

  it('makes smaller chunks while it slows the run down', async () => {
    const { governor, end } = start();
    await advance(100);
    expect(governor.maxEntries).toBe(512);
    governor.look(FORK);
    governor.look({ ...FORK, severity: 'slow' });
    expect(governor.maxEntries).toBeLessThan(512);
    await end();
  });

  it('does not count a stall of the run as its pace', async () => {
    const { governor, admittedWithin, end } = start();
    await admittedWithin(1000);
    governor.look(CALM);
    await end();
    governor.look(CALM);
    governor.look(FORK);
    expect(governor.state.permitsPerSecond).toBeGreaterThan(3000);
  });

  it('pauses at once, also a chunk that waits already, and goes on at the next look', async () => {
    const { governor, admittedWithin, end } = start(constantRate(100));
    await admittedWithin(1000);
    governor.pause('SIGUSR1');
    expect(await admittedWithin(3_600_000)).toBe(0);
    expect(describeState(governor.state)).toBe('paused: SIGUSR1');
    expect(governor.isQuiet).toBe(true);
    governor.pause('');
    governor.look(CALM);
    expect(await admittedWithin(1000)).toBeGreaterThanOrEqual(90);
    expect(governor.heldBackMs.paused).toBeGreaterThanOrEqual(3_600_000 - 100);
    expect(governor.heldBackMs.rate).toBeGreaterThan(0);
    await end();
  });

  it('lets nothing go after a pause before a look that began after it', async () => {
    const { governor, states, admittedWithin, end } = start();
    governor.pause('SIGUSR1');
    await admittedWithin(50);
    const beganMs = Date.now();
    await advance(100);
    governor.pause('');
    governor.look(CALM, beganMs);
    expect(governor.awaitsLook).toBe(true);
    expect(await admittedWithin(60_000)).toBe(0);
    governor.look(MEMORY);
    expect(governor.awaitsLook).toBe(false);
    expect(await admittedWithin(60_000)).toBe(0);
    expect(states).toEqual(['paused: SIGUSR1', 'hibernating: memory 92 % of maxmemory']);
    for (let i = 0; i < 5; i++) governor.look(CALM);
    await end();
  });

  it('looks before the first chunk as well where a timetable ends a pause between two looks', async () => {
    const { governor, admittedWithin, end } = start(parseTimetable('Mon-Sun 08:00,off;22:00,pause'));
    vi.setSystemTime(new Date(2026, 2, 2, 22));
    governor.look(CALM);
    await advance(100);
    vi.setSystemTime(new Date(2026, 2, 3, 8));
    governor.pause('');
    expect(await admittedWithin(60_000)).toBe(0);
    governor.look(CALM);
    expect(await admittedWithin(1000)).toBeGreaterThan(0);
    await end();
  });

  it('wakes nobody but who waits when a paused run is aborted, and that at once', async () => {
    const controller = new AbortController();
    const { governor, done } = start(FREELY, controller.signal);
    governor.pause('SIGUSR1');
    await advance(1000);
    controller.abort();
    await done;
    expect(vi.getTimerCount()).toBe(0);
  });

  it('follows a timetable while the run goes on', async () => {
    const { governor, states, admittedWithin, end } = start(parseTimetable('Mon-Fri 08:00,200;20:00,off;22:00,pause'));
    expect(governor.maxEntries).toBe(20);
    expect(await admittedWithin(9000)).toBeLessThanOrEqual(200 * 9 + 20);
    await advance(1000);
    governor.look(CALM);
    expect(await admittedWithin(1000)).toBeGreaterThan(512 * 15);
    vi.setSystemTime(new Date(2026, 2, 2, 22));
    governor.look(CALM);
    await advance(100);
    expect(await admittedWithin(60_000)).toBe(0);
    vi.setSystemTime(new Date(2026, 2, 3, 8));
    governor.look(CALM);
    expect(await admittedWithin(1000)).toBeGreaterThanOrEqual(180);
    expect(states).toEqual(['full speed', 'paused: the timetable of --rate', 'rate: 200/s (--rate)']);
    await end();
  });

  it('stays below the rate that was set, however calm the server', async () => {
    const { governor, admittedWithin, end } = start(constantRate(1000));
    for (let i = 0; i < 5; i++) governor.look(CALM);
    expect(await admittedWithin(10_000)).toBeLessThanOrEqual(10_100);
    await end();
  });

  it('goes on freely when the server can no longer be watched', async () => {
    const { governor, admittedWithin, end } = start();
    governor.look(MEMORY);
    await advance(100);
    expect(await admittedWithin(1000)).toBe(0);
    governor.loseSight();
    expect(await admittedWithin(1000)).toBeGreaterThan(512 * 15);
    await end();
  });
});
