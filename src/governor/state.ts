import { formatCount } from '../quantities.js';
import type { Cause } from './judge.js';
import type { Pace } from './pace.js';

/** What the governor does at the moment, and why; everything that shows it reads this. */
export interface GovernorState {
  name: 'full speed' | 'rate' | 'slowed' | 'hibernating' | 'paused';
  /** What time that passes in this state is booked under; empty at full speed. */
  cause: Cause | '';
  reason: string;
  /** Infinity for no bound, 0 while nothing starts. */
  permitsPerSecond: number;
}

/** A `--json` line; without a bound `permitsPerSecond` is null. */
export interface GovernorEvent {
  type: 'governor';
  state: GovernorState['name'];
  reason: string;
  permitsPerSecond: number | null;
}

/**
 * What follows from all that bears upon the pace: a pause goes before what the server needs, and that before the rate,
 * unless the rate is the lower one. @param pausedBy who paused the run, or empty @param rate what the operator set
 */
export function stateOf(pausedBy: string, pace: Pace, rate: number): GovernorState {
  if (pausedBy !== '') return { name: 'paused', cause: 'paused', reason: pausedBy, permitsPerSecond: 0 };
  if (rate === 0) return { name: 'paused', cause: 'paused', reason: 'the timetable of --rate', permitsPerSecond: 0 };
  const { cause, reason: seen } = pace.finding;
  const reason = pace.isRising ? `speeding up again after: ${seen}` : seen;
  if (pace.limit === 0) return { name: 'hibernating', cause, reason: seen, permitsPerSecond: 0 };
  if (pace.limit < rate) return { name: 'slowed', cause, reason, permitsPerSecond: pace.limit };
  if (rate === Number.POSITIVE_INFINITY) {
    return { name: 'full speed', cause: '', reason: '', permitsPerSecond: rate };
  }
  return { name: 'rate', cause: 'rate', reason: `${formatCount(rate)}/s (--rate)`, permitsPerSecond: rate };
}

/** `hibernating: memory 92 % of maxmemory` */
export function describeState({ name, reason }: GovernorState): string {
  return reason === '' ? name : `${name}: ${reason}`;
}

/** The same, and nothing where nothing holds the run back. */
export function paceOf(state: GovernorState): string {
  return state.name === 'full speed' ? '' : describeState(state);
}

export function eventOf({ name, reason, permitsPerSecond }: GovernorState): GovernorEvent {
  const rate = permitsPerSecond === Number.POSITIVE_INFINITY ? null : Math.round(permitsPerSecond * 1000) / 1000;
  return { type: 'governor', state: name, reason, permitsPerSecond: rate };
}
