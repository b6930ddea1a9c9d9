import {
  PyAwareDateTime,
  PyBytes,
  PyDate,
  PyDateTime,
  PyInstance,
  PyText,
  PyTime,
  type PyValue,
} from '../../python.js';
import { PyClass } from './unknown-classes.js';
import { Delta, Zone } from './zones.js';

/**
 * datetime, date and time are pickled as one byte string each: CPython Lib/_pydatetime.py, the `_getstate` methods.
 * Python 2 wrote the same bytes as its `str`. The highest bit of a month or an hour is `fold` (PEP 495) and has no
 * place in `isoformat()`. A second argument is the time zone.
 */
export type DateClass = 'datetime' | 'date' | 'time';

const STATE_BYTES: Record<DateClass, number> = { datetime: 10, date: 4, time: 6 };

const FOLD = 0x80;

/** The value, of which only the class is known where its time zone isn't, or null where this is no state of that class. */
export function dateFromState(
  kind: DateClass,
  args: readonly PyValue[],
): PyDateTime | PyDate | PyTime | PyInstance | null {
  const [state, zone = null] = args;
  const bytes = stateBytes(state);
  if (bytes === null || bytes.length !== STATE_BYTES[kind] || args.length > 2) return null;
  if (zone !== null && !mayBeZone(zone)) return null;
  if (kind === 'time') {
    const time = timeAt(bytes, 0);
    return zone === null || time === null ? time : new PyInstance('datetime.time with a time zone', -1);
  }
  // A date has no zone.
  if (zone !== null && kind === 'date') return null;
  const year = (bytes[0] as number) * 256 + (bytes[1] as number);
  const month = (bytes[2] as number) & ~FOLD;
  const day = bytes[3] as number;
  if (year < 1 || year > 9999 || month < 1 || month > 12 || day < 1 || day > daysIn(year, month)) return null;
  if (kind === 'date') return bytes[2] === month ? new PyDate(year, month, day) : null;
  const time = timeAt(bytes, 4);
  if (time === null) return null;
  const local = new PyDateTime(year, month, day, time.hour, time.minute, time.second, time.microsecond);
  if (zone === null) return local;
  const offset = zone instanceof Zone ? zone.offsetAt(local, bytes[2] !== month) : null;
  return offset === null
    ? new PyInstance('datetime.datetime with a time zone', -1)
    : new PyAwareDateTime(local, offset);
}

/** CPython takes objects of tzinfo's subclasses only ("bad tzinfo state arg"), of which some are known and any unknown may be one. */
function mayBeZone(zone: PyValue): boolean {
  return zone instanceof Zone || (zone instanceof PyInstance && !(zone instanceof Delta) && !(zone instanceof PyClass));
}

function stateBytes(state: PyValue | undefined): Uint8Array | null {
  if (state instanceof PyBytes) return state.bytes;
  return state instanceof PyText ? Buffer.from(state.latin1, 'latin1') : null;
}

function timeAt(bytes: Uint8Array, at: number): PyTime | null {
  const hour = (bytes[at] as number) & (at === 0 ? ~FOLD : 0xff);
  const minute = bytes[at + 1] as number;
  const second = bytes[at + 2] as number;
  const micro = (bytes[at + 3] as number) * 65536 + (bytes[at + 4] as number) * 256 + (bytes[at + 5] as number);
  if (hour > 23 || minute > 59 || second > 59 || micro > 999_999) return null;
  return new PyTime(hour, minute, second, micro);
}

function daysIn(year: number, month: number): number {
  if (month !== 2) return [4, 6, 9, 11].includes(month) ? 30 : 31;
  return (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0 ? 29 : 28;
}
