import { formatCount } from '../units.js';
import { CALM, type Cause, type LoadFinding } from './judge.js';

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
 * unless the rate is the lower one.
 * @param pausedBy who paused the run, or empty
 * @param rate what the operator set
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

/** Between two announcements, whatever happens; and between two that differ only in their numbers. */
const GAP_MS = 1000;
const NUMBERS_GAP_MS = 5000;

/** Decides which states are worth a line: every new one, but not each new number in it. */
export class Announcer {
  #announced: Pick<GovernorState, 'name' | 'cause' | 'reason'> = { name: 'full speed', cause: '', reason: '' };
  #atMs = Number.NEGATIVE_INFINITY;

  /** Whether `state` is to be announced now. One that must wait is offered again later. */
  offer(state: GovernorState, nowMs: number): boolean {
    const { name, cause, reason } = this.#announced;
    const isOther = state.name !== name || state.cause !== cause;
    if (!isOther && state.reason === reason) return false;
    if (nowMs - this.#atMs < (isOther ? GAP_MS : NUMBERS_GAP_MS)) return false;
    this.#announced = state;
    this.#atMs = nowMs;
    return true;
  }
}

/** How fast the run may go because of what was seen, as opposed to what the operator asked for. */
export interface Pace {
  /** Sessions per second: Infinity for no bound, 0 while the run hibernates. */
  limit: number;
  /** What the run did per second before it was slowed; 0 while nothing slows it. */
  reference: number;
  /** What `limit` is again after hibernating. */
  resumeAt: number;
  /** Calm looks that are still needed before hibernating ends. */
  looksToWait: number;
  /** What slowed it the last time. */
  finding: LoadFinding;
  /** Whether that is over, and the pace rises again. */
  isRising: boolean;
}

/** Each slow look halves the pace; */
const DECREASE = 0.5;
/** each calm one gives back a twentieth of the pace that there was: full again in ten seconds at the soonest. */
const INCREASE = 0.05;
/** It never falls below a sixteenth, at which the run is quiet: what is slow then is not slow because of it. */
const LEAST_SHARE = 1 / 16;
/** So little per second hurts nobody. */
const LEAST_RATE = 50;
/** After hibernating the run begins with so much of what it did before, */
const RESUME = 0.25;
/** and only after two calm seconds, or it would flap. */
const LOOKS_TO_WAIT = 4;

export const FREE: Pace = {
  limit: Number.POSITIVE_INFINITY,
  reference: 0,
  resumeAt: 0,
  looksToWait: 0,
  finding: CALM,
  isRising: false,
};

/**
 * The pace after one more look: additive increase, multiplicative decrease, and a stop while something is critical.
 * @param recentRate sessions per second that the run sent lately
 */
export function nextPace(pace: Pace, finding: LoadFinding, recentRate: number): Pace {
  const reference = Math.max(pace.reference || recentRate, LEAST_RATE);
  const current = Math.min(pace.limit === 0 ? pace.resumeAt : pace.limit, reference);
  const isHibernating = pace.limit === 0;
  switch (finding.severity) {
    case 'critical': {
      const resumeAt = isHibernating ? pace.resumeAt : Math.max(current * RESUME, LEAST_RATE);
      return { limit: 0, reference, resumeAt, looksToWait: LOOKS_TO_WAIT, finding, isRising: false };
    }
    case 'slow': {
      if (isHibernating) return { ...pace, looksToWait: LOOKS_TO_WAIT };
      // Nothing was sent, so it is not the run that slows the server down.
      if (pace === FREE && recentRate === 0) return FREE;
      const limit = Math.max(current * DECREASE, reference * LEAST_SHARE, LEAST_RATE);
      return { ...pace, limit, reference, finding, isRising: false };
    }
    case 'halve': {
      if (isHibernating) return awaken(pace);
      const half = Math.max(reference / 2, LEAST_RATE);
      const limit = pace === FREE ? half : Math.min(half, increased(pace.limit, reference));
      return { ...pace, limit, reference, finding, isRising: false };
    }
    case 'calm': {
      if (pace === FREE) return FREE;
      if (isHibernating) return awaken(pace);
      const limit = increased(pace.limit, reference);
      return limit >= reference ? FREE : { ...pace, limit, isRising: true };
    }
  }
}

/** One calm look nearer to the end of hibernating. */
function awaken(pace: Pace): Pace {
  if (pace.looksToWait > 1) return { ...pace, looksToWait: pace.looksToWait - 1 };
  return { ...pace, limit: pace.resumeAt, looksToWait: 0, isRising: true };
}

/** Whether a run at this pace leaves the server to itself. */
export function isQuiet({ limit, reference }: Pace): boolean {
  return limit <= reference * LEAST_SHARE * 2;
}

function increased(limit: number, reference: number): number {
  return limit + Math.max(reference * INCREASE, LEAST_RATE);
}
