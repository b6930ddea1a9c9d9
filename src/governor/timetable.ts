import { parseCount } from '../units.js';

const DAYS = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'];
const MINUTES_PER_DAY = 24 * 60;

/** What holds from `minute` of the week on (0 is Sunday, midnight, local time) until the next entry. */
interface TimetableEntry {
  minute: number;
  /** Sessions per second: Infinity for no bound, 0 for a pause. */
  rate: number;
}

/** A rate that goes by the week, each entry from its time on; in order, with at least one entry. */
export type Timetable = readonly TimetableEntry[];

/** The same rate at all times. */
export const constantRate = (rate: number): Timetable => [{ minute: 0, rate }];

/**
 * Reads entries such as `Mon-Fri 08:00,2k;20:00,off`: days, a time and what holds from then on, which is a rate, `off`
 * for no bound or `pause` for nothing at all. An entry without days has those of the entry before it; the first one has
 * all.
 * @throws {SyntaxError} whose message is the entry that can't be read
 */
export function parseTimetable(text: string): Timetable {
  const entries: TimetableEntry[] = [];
  let days: readonly number[] = DAYS.map((_, day) => day);
  for (const part of text.split(';')) {
    if (part.trim() === '' && entries.length > 0) continue;
    const match = /^(?:([a-z][a-z,-]*)\s+)?(\d{1,2}):(\d\d)\s*,\s*(\S+)$/i.exec(part.trim());
    const [hour, minute, rate] = [Number(match?.[2]), Number(match?.[3]), parseRate(match?.[4] ?? '')];
    if (match?.[1] !== undefined) days = parseDays(match[1]);
    if (!(hour < 24 && minute < 60 && rate >= 0) || days.length === 0) throw new SyntaxError(part.trim());
    for (const day of days) entries.push({ minute: day * MINUTES_PER_DAY + hour * 60 + minute, rate });
  }
  // Of two entries for one time the later word wins; the sort keeps their order.
  return entries.sort((a, b) => a.minute - b.minute);
}

/** What the timetable says for `time`, read as local time. */
export function rateAt(timetable: Timetable, time: Date): number {
  const now = time.getDay() * MINUTES_PER_DAY + time.getHours() * 60 + time.getMinutes();
  // Before the first entry of the week the last one of the week before still holds.
  const entry = timetable.findLast(({ minute }) => minute <= now) ?? timetable.at(-1);
  return entry?.rate ?? Number.POSITIVE_INFINITY;
}

/** NaN for text that is no rate. */
function parseRate(text: string): number {
  if (/^off$/i.test(text)) return Number.POSITIVE_INFINITY;
  if (/^pause$/i.test(text)) return 0;
  const rate = parseCount(text);
  return rate > 0 ? rate : Number.NaN;
}

/** `Mon-Fri`, `Sat,Sun`, `Fri-Mon`; empty where a day is none. */
function parseDays(text: string): number[] {
  const days = new Set<number>();
  for (const range of text.toLowerCase().split(',')) {
    const ends = range.split('-').map((day) => DAYS.indexOf(day));
    const [first = -1, last = first] = ends;
    if (ends.length > 2 || first < 0 || last < 0) return [];
    for (let day = first; ; day = (day + 1) % DAYS.length) {
      days.add(day);
      if (day === last) break;
    }
  }
  return [...days];
}
