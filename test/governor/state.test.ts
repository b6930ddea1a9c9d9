import { describe, expect, it } from 'vitest';
import {
  Announcer,
  describeState,
  eventOf,
  FREE,
  type GovernorState,
  type Pace,
  stateOf,
} from '../../src/governor/state.js';

const OFF = Number.POSITIVE_INFINITY;
const paceAt = (limit: number, more: Partial<Pace> = {}): Pace => ({
  ...FREE,
  limit,
  finding: { severity: 'slow', cause: 'latency', reason: 'redis latency 3.1 ms (baseline 0.4 ms)' },
  ...more,
});

describe('the state of the governor', () => {
  it.each<[string, Pace, number, string, number]>([
    ['', FREE, OFF, 'full speed', OFF],
    ['', FREE, 5000, 'rate: 5,000/s (--rate)', 5000],
    ['', paceAt(800), OFF, 'slowed: redis latency 3.1 ms (baseline 0.4 ms)', 800],
    ['', paceAt(800), 5000, 'slowed: redis latency 3.1 ms (baseline 0.4 ms)', 800],
    ['', paceAt(9000), 5000, 'rate: 5,000/s (--rate)', 5000],
    ['', paceAt(0), 5000, 'hibernating: redis latency 3.1 ms (baseline 0.4 ms)', 0],
    ['', paceAt(800, { isRising: true }), OFF, 'slowed: speeding up again after: redis latency', 800],
    ['SIGUSR1', paceAt(0), 5000, 'paused: SIGUSR1', 0],
    ['', paceAt(0), 0, 'paused: the timetable of --rate', 0],
  ])('with pause %j, pace %j and rate %d is %j', (pausedBy, pace, rate, shown, permits) => {
    const state = stateOf(pausedBy, pace, rate);
    expect(describeState(state)).toContain(shown);
    expect(state.permitsPerSecond).toBe(permits);
  });

  it('is booked under what holds the run back', () => {
    const causes = [
      stateOf('', FREE, OFF),
      stateOf('', FREE, 1),
      stateOf('', paceAt(1), OFF),
      stateOf('', paceAt(0), OFF),
      stateOf('x', FREE, OFF),
      stateOf('', FREE, 0),
    ].map(({ cause }) => cause);
    expect(causes).toEqual(['', 'rate', 'latency', 'latency', 'paused', 'paused']);
  });

  it('goes to programs without an infinity, which JSON does not have', () => {
    expect(eventOf(stateOf('', FREE, OFF))).toEqual({
      type: 'governor',
      state: 'full speed',
      reason: '',
      permitsPerSecond: null,
    });
    expect(eventOf(stateOf('', paceAt(654.57249), OFF))).toMatchObject({ state: 'slowed', permitsPerSecond: 654.572 });
    expect(eventOf(stateOf('', paceAt(0), OFF))).toMatchObject({ state: 'hibernating', permitsPerSecond: 0 });
  });
});

describe('an announcement', () => {
  const state = (name: GovernorState['name'], reason: string): GovernorState => ({
    name,
    cause: name === 'full speed' ? '' : 'latency',
    reason,
    permitsPerSecond: 1,
  });

  it('is made of what is new: at once, not twice a second, and of mere numbers every five', () => {
    const announcer = new Announcer();
    const offers: [number, GovernorState, boolean][] = [
      [0, state('full speed', ''), false],
      [500, state('slowed', '3 ms'), true],
      [1000, state('full speed', ''), false],
      [1500, state('full speed', ''), true],
      [9000, state('full speed', ''), false],
      [9500, state('slowed', '3 ms'), true],
      [10_500, state('slowed', '4 ms'), false],
      [14_499, state('slowed', '5 ms'), false],
      [14_500, state('slowed', '6 ms'), true],
      [15_500, state('hibernating', '30 ms'), true],
    ];
    expect(offers.map(([atMs, offered]) => announcer.offer(offered, atMs))).toEqual(offers.map(([, , told]) => told));
  });
});
