import { describe, expect, it } from 'vitest';
import { constantRate, parseTimetable, rateAt } from '../../src/governor/timetable.js';

const OFF = Number.POSITIVE_INFINITY;
/** 2026-03-01 was a Sunday; the parts are local time, as timetables are. */
const at = (day: number, hour: number, minute = 0) => new Date(2026, 2, 1 + day, hour, minute);
const [SUN, MON, WED, FRI, SAT] = [0, 1, 3, 5, 6];

describe('a timetable', () => {
  const OFFICE = 'Mon-Fri 08:00,2k;20:00,off';
  const NIGHTS = '22:00,off;6:30,500;12:00,pause';

  it.each<[string, Date, number]>([
    [OFFICE, at(MON, 7, 59), OFF],
    [OFFICE, at(MON, 8), 2000],
    [OFFICE, at(WED, 19, 59), 2000],
    [OFFICE, at(WED, 20), OFF],
    [OFFICE, at(FRI, 21), OFF],
    [OFFICE, at(SAT, 10), OFF],
    [OFFICE, at(SUN, 10), OFF],
    [NIGHTS, at(SUN, 0), OFF],
    [NIGHTS, at(SUN, 6, 29), OFF],
    [NIGHTS, at(SUN, 6, 30), 500],
    [NIGHTS, at(SAT, 12), 0],
    [NIGHTS, at(SAT, 21, 59), 0],
    [NIGHTS, at(SAT, 22), OFF],
    ['Fri-Mon 09:00,100; 10:00,200', at(SUN, 9, 30), 100],
    ['Fri-Mon 09:00,100; 10:00,200', at(WED, 9, 30), 200],
    ['Sat,Sun 00:00,off;mon 00:00,10', at(SAT, 0), OFF],
    ['Sat,Sun 00:00,off;mon 00:00,10', at(FRI, 23, 59), 10],
    ['WED 12:00,1.5k', at(SUN, 0), 1500],
    ['08:00,1;08:00,2', at(SUN, 8), 2],
    ['08:00,1;', at(SUN, 8), 1],
    ['Mon 08:00,1;Tue 08:00,2;20:00,3', at(MON, 21), 1],
    ['Mon 08:00,1;Tue 08:00,2;20:00,3', at(2, 21), 3],
  ])('%s says at %s: %d', (text, time, rate) => {
    expect(rateAt(parseTimetable(text), time)).toBe(rate);
  });

  it('may be the same rate at all times', () => {
    for (const hour of [0, 23]) expect(rateAt(constantRate(7), at(WED, hour))).toBe(7);
  });

  it.each([
    ['Mon-Fri 08:00;2k', 'Mon-Fri 08:00'],
    ['08:00,2k;20:00', '20:00'],
    ['8,2k', '8,2k'],
    ['24:00,2k', '24:00,2k'],
    ['12:60,2k', '12:60,2k'],
    ['12:5,2k', '12:5,2k'],
    ['12:00,0', '12:00,0'],
    ['12:00,-1', '12:00,-1'],
    ['12:00,fast', '12:00,fast'],
    ['Mo 12:00,2k', 'Mo 12:00,2k'],
    ['Mon-Wed-Fri 12:00,2k', 'Mon-Wed-Fri 12:00,2k'],
    ['Mon- 12:00,2k', 'Mon- 12:00,2k'],
    ['Mon, 12:00,2k', 'Mon, 12:00,2k'],
    [';', ''],
    ['08:00,2k 20:00,off', '08:00,2k 20:00,off'],
  ])('%j is refused, and the entry at fault is named', (text, entry) => {
    expect(() => parseTimetable(text)).toThrow(new SyntaxError(entry));
  });
});
