import { formatClock, formatDay } from '../../units.js';
import type { Unit } from '../section.js';
import { tickIn } from './markup.js';

/** A mark on an axis; `label` has a line below it for the date, or none. */
export interface Tick {
  at: number;
  label: readonly string[];
}

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** Steps in which people divide time, in milliseconds. */
const TIME_STEPS = [
  ...[0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30].map((seconds) => seconds * SECOND),
  ...[1, 2, 5, 10, 15, 30].map((minutes) => minutes * MINUTE),
  ...[1, 2, 3, 6, 12].map((hours) => hours * HOUR),
  ...[1, 2, 7, 14, 28, 56, 112, 224].map((days) => days * DAY),
];

/** Steps by which a clock is read, in hours. */
const CLOCK_STEPS = [1, 2, 3, 6, 12, 24, 48, 96, 168];

/**
 * Ticks of an axis from `from` to `to`, both of them in the unit, at round values.
 *
 * @param most so many have room
 */
export function ticksOf(unit: Unit, from: number, to: number, most: number): Tick[] {
  if (unit === 'moment') return momentTicks(from, to, most);
  const step = stepOf(unit, (to - from) / Math.max(1, most));
  const first = Math.ceil(from / step);
  const last = Math.floor(to / step + 1e-9);
  return Array.from({ length: Math.max(0, last - first + 1) }, (_, i) => {
    const at = (first + i) * step;
    return { at, label: [tickIn(unit, at)] };
  });
}

/** The first tick that is not below `most`: where a scale of quantities ends. */
export function roundEnd(unit: Unit, most: number, ticks: number): number {
  const step = stepOf(unit, most / ticks);
  return Math.ceil(most / step - 1e-9) * step;
}

/** The smallest round step that is not below `least`. */
function stepOf(unit: Unit, least: number): number {
  if (!(least > 0)) return 1;
  if (unit === 'bytes' || unit === 'bytesEach') return Math.max(1, 2 ** Math.ceil(Math.log2(least)));
  if (unit === 'ms' || unit === 'hours') {
    const scale = unit === 'hours' ? HOUR : 1;
    return (TIME_STEPS.find((step) => step >= least * scale - 1e-6) ?? least * scale) / scale;
  }
  const power = 10 ** Math.floor(Math.log10(least));
  const step = [1, 2, 5, 10].map((factor) => factor * power).find((one) => one >= least * (1 - 1e-9)) ?? least;
  return unit === 'count' ? Math.max(1, step) : step;
}

/** Ticks at hours of the local clock; the first one and each at another date than the last one name the date. */
function momentTicks(from: number, to: number, most: number): Tick[] {
  const hours = (to - from) / HOUR;
  const step = CLOCK_STEPS.find((one) => hours / one <= most) ?? (CLOCK_STEPS.at(-1) as number);
  const start = new Date(from);
  const midnight = new Date(start.getFullYear(), start.getMonth(), start.getDate());
  const ticks: Tick[] = [];
  let day = '';
  for (let i = 0; ; i++) {
    // By the calendar and not by adding hours: a day may have 23 or 25 of them.
    const at = new Date(midnight.getFullYear(), midnight.getMonth(), midnight.getDate(), i * step).getTime();
    if (at > to) return ticks;
    if (at < from) continue;
    const date = formatDay(at);
    ticks.push({ at, label: date === day ? [formatClock(at)] : [formatClock(at), date] });
    day = date;
  }
}
