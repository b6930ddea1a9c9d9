import type { PyDateTime } from '../../python.js';

/** `Europe/Brussels`, `Etc/GMT+5`, `CET`: names of the tz database, and never an offset, which Intl takes as well. */
const NAME = /^[A-Za-z][A-Za-z0-9_+-]{0,29}(\/[A-Za-z0-9_+-]{1,30}){0,2}$/;

/** Years for which all issues of the tz database agree, but for what governments decide anew. */
const [FIRST_YEAR, LAST_YEAR] = [1970, 2099];

/** A clock holds some ten KB; a file may name any zone there is. */
const MOST_CLOCKS = 32;
const clocks = new Map<string, Intl.DateTimeFormat | null>();

/** Whether this machine knows the rules of the zone. */
export function hasRules(zone: string): boolean {
  return NAME.test(zone) && clockOf(zone) !== null;
}

/**
 * Seconds that a zone is ahead of UTC at a local time, as `ZoneInfo.utcoffset` tells (PEP 495): of a time that occurs twice,
 * the second with `isFold`; of one that is skipped, as before the change, with `isFold` as after it. Null for years whose
 * rules are not certain.
 */
export function offsetIn(zone: string, local: PyDateTime, isFold: boolean): number | null {
  const clock = clockOf(zone);
  const { year, month, day, hour, minute, second } = local;
  if (clock === null || year < FIRST_YEAR || year > LAST_YEAR) return null;
  const asUtcMs = Date.UTC(year, month - 1, day, hour, minute, second);
  const before = offsetAt(clock, asUtcMs - 86_400_000);
  const after = offsetAt(clock, asUtcMs + 86_400_000);
  if (before === after) return before;
  const fits = (offset: number) => offsetAt(clock, asUtcMs - offset * 1000) === offset;
  const [fitsBefore, fitsAfter] = [fits(before), fits(after)];
  if (fitsBefore !== fitsAfter) return fitsBefore ? before : after;
  return isFold ? after : before;
}

/** What the clock shows at a moment, less what it would show at UTC. */
function offsetAt(clock: Intl.DateTimeFormat, ms: number): number {
  const [month = 1, day = 1, year = 0, hour = 0, minute = 0, second = 0] =
    clock
      .format(ms)
      .match(/\d{1,4}/g)
      ?.map(Number) ?? [];
  return (Date.UTC(year, month - 1, day, hour, minute, second) - ms) / 1000;
}

function clockOf(zone: string): Intl.DateTimeFormat | null {
  const known = clocks.get(zone);
  if (known !== undefined) return known;
  if (clocks.size >= MOST_CLOCKS) clocks.clear();
  const clock = newClock(zone);
  clocks.set(zone, clock);
  return clock;
}

/** Shows `11/26/2026, 13:05:09`; null for a zone that it does not know. */
function newClock(timeZone: string): Intl.DateTimeFormat | null {
  const [date, time] = [{ year: 'numeric', month: '2-digit', day: '2-digit' }, { hour: '2-digit' }] as const;
  const rest = { minute: '2-digit', second: '2-digit' } as const;
  try {
    return new Intl.DateTimeFormat('en-US-u-ca-gregory-nu-latn-hc-h23', { timeZone, ...date, ...time, ...rest });
  } catch (error) {
    if (error instanceof RangeError) return null;
    throw error;
  }
}
