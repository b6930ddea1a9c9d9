import { describe, expect, it } from 'vitest';
import { PyDate, PyDateTime, PyTime } from '../../../src/python/dates.js';
import { type DateClass, dateFromState } from '../../../src/python/pickle/dates.js';
import { PyBytes, PyInstance, PyText } from '../../../src/python/values.js';

describe('dateFromState', () => {
  it.each<[DateClass, number[], unknown]>([
    ['datetime', [0x07, 0xe4, 2, 29, 23, 59, 59, 0x0f, 0x42, 0x3f], new PyDateTime(2020, 2, 29, 23, 59, 59, 999_999)],
    ['datetime', [0x07, 0xe5, 10 | 0x80, 31, 2, 30, 0, 0, 0, 0], new PyDateTime(2021, 10, 31, 2, 30, 0, 0)],
    ['datetime', [0, 1, 1, 1, 0, 0, 0, 0, 0, 0], new PyDateTime(1, 1, 1, 0, 0, 0, 0)],
    ['date', [0x07, 0xd0, 2, 29], new PyDate(2000, 2, 29)],
    ['time', [23 | 0x80, 0, 0, 0, 0, 0], new PyTime(23, 0, 0, 0)],
    ['date', [0x07, 0x6c, 2, 29], null],
    ['date', [0x07, 0xe5, 2, 29], null],
    ['date', [0x07, 0xe5, 4, 31], null],
    ['date', [0x07, 0xe5, 4, 0], null],
    ['date', [0x07, 0xe5, 0, 1], null],
    ['date', [0x07, 0xe5, 13, 1], null],
    ['date', [0x07, 0xe5, 4 | 0x80, 1], null],
    ['date', [0, 0, 1, 1], null],
    ['date', [0x27, 0x10, 1, 1], null],
    ['datetime', [0x07, 0xe4, 2, 29, 24, 0, 0, 0, 0, 0], null],
    ['datetime', [0x07, 0xe4, 2, 29, 0, 60, 0, 0, 0, 0], null],
    ['datetime', [0x07, 0xe4, 2, 29, 0, 0, 60, 0, 0, 0], null],
    ['datetime', [0x07, 0xe4, 2, 29, 0, 0, 0, 0x0f, 0x42, 0x40], null],
    ['datetime', [0x07, 0xe4, 2, 29], null],
    ['time', [], null],
  ])('%s of %j', (kind, state, expected) => {
    expect(dateFromState(kind, [new PyBytes(Uint8Array.from(state))])).toEqual(expected);
    expect(dateFromState(kind, [new PyText(String.fromCharCode(...state))])).toEqual(expected);
  });

  it('takes nothing but one byte string', () => {
    expect(dateFromState('time', [])).toBe(null);
    expect(dateFromState('time', ['\0\0\0\0\0\0'])).toBe(null);
    expect(dateFromState('time', [new PyText('\0\0\0\0\0\0'), null, null])).toBe(null);
    expect(dateFromState('time', [new PyText('\0\0\0\0\0\0'), 1])).toBe(null);
    const zone = new PyInstance('a.b.Zone', -1);
    expect(dateFromState('time', [new PyText('\0\0\0\0\0\0'), zone])).toBeInstanceOf(PyInstance);
  });
});
