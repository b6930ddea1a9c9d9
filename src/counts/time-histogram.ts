const MINUTE_MS = 60_000;
const MINUTES_PER_DAY = 24 * 60;

/** Days that are counted by the minute. */
const FINE_DAYS = 14;
/** Days after them that are counted by the day; the last cell is for all later ones. */
const COARSE_DAYS = 400;
const FINE_CELLS = FINE_DAYS * MINUTES_PER_DAY;

/**
 * A histogram of distances in time from the start of a run: by the minute for two weeks, by the day after that. Its
 * size is fixed, so that the counts of lanes can be added.
 */
export class Distances {
  readonly minutes = new Uint32Array(FINE_CELLS);
  /** Starts where `minutes` ends. */
  readonly days = new Uint32Array(COARSE_DAYS + 1);

  /** @param distanceMs a negative one counts as 0 */
  add(distanceMs: number): void {
    const minute = Math.max(0, Math.floor(distanceMs / MINUTE_MS));
    if (minute < FINE_CELLS) this.minutes[minute] = (this.minutes[minute] as number) + 1;
    else {
      const day = Math.min(COARSE_DAYS, Math.floor(minute / MINUTES_PER_DAY) - FINE_DAYS);
      this.days[day] = (this.days[day] as number) + 1;
    }
  }

  merge(other: Pick<Distances, 'minutes' | 'days'>): void {
    addCells(this.minutes, other.minutes);
    addCells(this.days, other.days);
  }
}

/** The count from `fromMinute` up to `toMinute`, both within the days that are counted by the minute. */
export function countWithin({ minutes }: Pick<Distances, 'minutes'>, fromMinute: number, toMinute: number): number {
  let count = 0;
  for (let minute = fromMinute; minute < Math.min(toMinute, FINE_CELLS); minute++) count += minutes[minute] as number;
  return count;
}

/** The count from `fromDay` on, which lies after the days that are counted by the minute. */
export function countFromDay({ days }: Pick<Distances, 'days'>, fromDay: number): number {
  let count = 0;
  for (let day = Math.max(0, fromDay - FINE_DAYS); day < days.length; day++) count += days[day] as number;
  return count;
}

/** The window of `windowMinutes` minutes with the highest count, and the count of all. */
export function densestWindow(
  { minutes, days }: Pick<Distances, 'minutes' | 'days'>,
  windowMinutes: number,
): { startMinute: number; count: number; total: number } {
  let total = 0;
  let inWindow = 0;
  let count = 0;
  let startMinute = 0;
  for (let minute = 0; minute < minutes.length; minute++) {
    total += minutes[minute] as number;
    inWindow += minutes[minute] as number;
    if (minute >= windowMinutes) inWindow -= minutes[minute - windowMinutes] as number;
    if (inWindow > count) {
      count = inWindow;
      startMinute = Math.max(0, minute - windowMinutes + 1);
    }
  }
  for (const far of days) total += far;
  return { startMinute, count, total };
}

export function addCells(ours: Uint32Array | Float64Array, theirs: Uint32Array | Float64Array): void {
  for (let cell = 0; cell < ours.length; cell++) ours[cell] = (ours[cell] as number) + (theirs[cell] as number);
}

const MINUTES_PER_HOUR = 60;

/** Sessions whose age or remaining lifetime is between two bounds; `toHours` is null for no upper bound. */
export interface Span {
  fromHours: number;
  toHours: number | null;
  sessions: number;
}

/** The bounds of a table, in hours. */
const BOUNDS = [0, 1, 3, 24, 72, 168, 336] as const;

/** The few spans of a table; the last one has no upper bound. */
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

/** Spans of equal length, up to `days` days. */
export function evenSpans(distances: Distances, stepHours: number, days: number): Span[] {
  const spans: Span[] = [];
  for (let fromHours = 0; fromHours < days * 24; fromHours += stepHours) {
    const toHours = fromHours + stepHours;
    const sessions = countWithin(distances, fromHours * MINUTES_PER_HOUR, toHours * MINUTES_PER_HOUR);
    spans.push({ fromHours, toHours, sessions });
  }
  return spans;
}

/** A moment at which many sessions end at once. */
export interface Cliff {
  /** When it begins, in minutes from the start of the run, and how long it lasts. */
  inMinutes: number;
  minutes: number;
  sessions: number;
  /** Share of all sessions that move, 0 to 1. */
  share: number;
}

const CLIFF_MINUTES = 10;
/** With fewer sessions, expiries that lie close together mean nothing. */
const ENOUGH_SESSIONS = 200;
/** With steady traffic and a lifetime of three hours, the shortest in use, ten minutes hold a twentieth. */
const CLIFF_SHARE = 0.25;

/**
 * From which share on sessions in one window are told of: `least`, or twice what steady traffic puts there where they
 * live for `lifetimeMs`; more than 1, so never, where that is no longer than two windows.
 */
export function conspicuousShare(least: number, windowMinutes: number, lifetimeMs = Number.POSITIVE_INFINITY): number {
  return Math.max(least, (2 * windowMinutes * 60_000) / lifetimeMs);
}

/**
 * The moment at which most sessions end, or null if their expiries are spread as they should be.
 * @param lifetimeMs of sessions
 */
export function cliffOf(expiries: Distances, lifetimeMs?: number): Cliff | null {
  const { startMinute, count, total } = densestWindow(expiries, CLIFF_MINUTES);
  if (total < ENOUGH_SESSIONS || count < total * conspicuousShare(CLIFF_SHARE, CLIFF_MINUTES, lifetimeMs)) return null;
  return { inMinutes: startMinute, minutes: CLIFF_MINUTES, sessions: count, share: count / total };
}
