import { countFromDay, countWithin, type Distances, densestWindow } from '../../lane/times.js';

const MINUTES_PER_HOUR = 60;

/** Sessions whose age, or time left, lies between two bounds; `toHours` is null for an open end. */
export interface Span {
  fromHours: number;
  toHours: number | null;
  sessions: number;
}

/** Bounds in hours that a table is readable with. */
const BOUNDS = [0, 1, 3, 24, 72, 168, 336] as const;

/** Sessions by distance in time, in a handful of spans; the last one is open. */
export function spansOf(distances: Distances): Span[] {
  const spans: Span[] = [];
  for (let i = 0; i + 1 < BOUNDS.length; i++) {
    const [fromHours, toHours] = [BOUNDS[i] as number, BOUNDS[i + 1] as number];
    const sessions = countWithin(distances, fromHours * MINUTES_PER_HOUR, toHours * MINUTES_PER_HOUR);
    spans.push({ fromHours, toHours, sessions });
  }
  const fromHours = BOUNDS.at(-1) as number;
  spans.push({ fromHours, toHours: null, sessions: countFromDay(distances, fromHours / 24) });
  return spans;
}

/** Sessions by distance in spans of equal length, up to `days` days away. */
export function evenSpans(distances: Distances, stepHours: number, days: number): Span[] {
  const spans: Span[] = [];
  for (let fromHours = 0; fromHours < days * 24; fromHours += stepHours) {
    const toHours = fromHours + stepHours;
    const sessions = countWithin(distances, fromHours * MINUTES_PER_HOUR, toHours * MINUTES_PER_HOUR);
    spans.push({ fromHours, toHours, sessions });
  }
  return spans;
}

/** A moment at which a great part of all sessions ends at once. */
export interface Cliff {
  /** From the start of the run, until then, and for so long. */
  inMinutes: number;
  minutes: number;
  sessions: number;
  /** Of all that move, 0 to 1. */
  share: number;
}

const CLIFF_MINUTES = 10;
/** Below so many sessions, expiries that lie together mean nothing. */
const ENOUGH_SESSIONS = 200;
/** Steady traffic over three hours, the shortest lifetime in use, puts a twentieth into ten minutes. */
const CLIFF_SHARE = 0.25;

/** The steepest moment of the expiries, or null where sessions end one after another, as they should. */
export function cliffOf(expiries: Distances): Cliff | null {
  const { startMinute, count, total } = densestWindow(expiries, CLIFF_MINUTES);
  if (total < ENOUGH_SESSIONS || count < total * CLIFF_SHARE) return null;
  return { inMinutes: startMinute, minutes: CLIFF_MINUTES, sessions: count, share: count / total };
}
