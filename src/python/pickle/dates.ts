import { PyAwareDateTime, PyDate, PyDateTime, PyTime } from '../dates.js';
import { PyBytes, PyInstance, PyText, type PyValue } from '../values.js';
import { PyClass } from './unknown-classes.js';

/** `Europe/Brussels`, `Etc/GMT+5`, `CET`: names of the tz database, and never an offset, which Intl takes as well. */
const NAME = /^[A-Za-z][A-Za-z0-9_+-]{0,29}(\/[A-Za-z0-9_+-]{1,30}){0,2}$/;

/** Years for which all issues of the tz database agree, but for what governments decide anew. */
const [FIRST_YEAR, LAST_YEAR] = [1970, 2099];

/** A clock holds some ten KB; a file may name any zone there is. */
const MOST_CLOCKS = 32;
const clocks = new Map<string, Intl.DateTimeFormat | null>();

/** Whether this machine knows the rules of the zone. */
function hasRules(zone: string): boolean {
  return NAME.test(zone) && clockOf(zone) !== null;
}

/**
 * Seconds that a zone is ahead of UTC at a local time, as `ZoneInfo.utcoffset` tells (PEP 495): of a time that occurs
 * twice, the second with `isFold`; of one that is skipped, as before the change, with `isFold` as after it. Null for
 * years whose rules are not certain.
 */
function offsetIn(zone: string, local: PyDateTime, isFold: boolean): number | null {
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

/** A `datetime.timedelta`, as far as whole seconds. */
export class Delta extends PyInstance {
  constructor(readonly seconds: number) {
    super('datetime.timedelta', -1);
  }
}

/** A time zone that is ahead of UTC by the same seconds at every moment it is used for. */
class Zone extends PyInstance {
  constructor(
    className: string,
    readonly offsetSeconds: number,
  ) {
    super(className, -1);
  }

  /**
   * Seconds ahead of UTC at a local time; null where that is not known.
   * @param isFold the second of two such times
   */
  offsetAt(_local: PyDateTime, _isFold: boolean): number | null {
    return this.offsetSeconds;
  }
}

/** A zone of the tz database, whose offset goes by the moment. */
export class NamedZone extends Zone {
  constructor(readonly zone: string) {
    super('zoneinfo.ZoneInfo', 0);
  }

  override offsetAt(local: PyDateTime, isFold: boolean): number | null {
    return offsetIn(this.zone, local, isFold);
  }
}

const DAY_SECONDS = 86_400;

/** `timedelta(days, seconds, microseconds)`, or null where it is none of whole seconds. */
export function deltaOf([days = 0, seconds = 0, micros = 0]: readonly PyValue[]): Delta | null {
  if (!Number.isSafeInteger(days) || !Number.isSafeInteger(seconds) || micros !== 0) return null;
  return new Delta((days as number) * DAY_SECONDS + (seconds as number));
}

/** How the arguments of a class of zones, by its name, tell how far it is ahead; null where they don't. */
const OFFSETS: Record<string, (args: readonly PyValue[]) => PyValue | undefined> = {
  'datetime.timezone': ([delta]) => (delta instanceof Delta ? delta.seconds : undefined),
  'pytz._UTC': () => 0,
  'pytz._p': ([name, offset]) => (name === 'UTC' ? 0 : offset),
  'pytz._FixedOffset': ([minutes]) => minutesOf(minutes),
  'pytz.FixedOffset': ([minutes]) => minutesOf(minutes),
  'psycopg2.tz.FixedOffsetTimezone': ([offset]) => (offset instanceof Delta ? offset.seconds : minutesOf(offset)),
  'dateutil.tz.tzutc': () => 0,
  'dateutil.tz.tz.tzutc': () => 0,
};

export const ZONE_CLASSES = Object.keys(OFFSETS);

export function zoneOf(className: string, args: readonly PyValue[]): PyInstance {
  const offset = OFFSETS[className]?.(args);
  const isSound = typeof offset === 'number' && Number.isInteger(offset) && Math.abs(offset) < DAY_SECONDS;
  return isSound ? new Zone(className, offset) : new PyInstance(className, -1);
}

/** `ZoneInfo._unpickle(key, from_cache)`: CPython Modules/_zoneinfo.c. */
export function zoneInfoOf([key]: readonly PyValue[]): PyInstance {
  const name = key instanceof PyText ? key.latin1 : key;
  if (name === 'UTC' || name === 'Etc/UTC') return new Zone('zoneinfo.ZoneInfo', 0);
  return typeof name === 'string' && hasRules(name) ? new NamedZone(name) : new PyInstance('zoneinfo.ZoneInfo', -1);
}

function minutesOf(minutes: PyValue | undefined): number | undefined {
  return typeof minutes === 'number' ? minutes * 60 : undefined;
}

/**
 * datetime, date and time are pickled as one byte string each: CPython Lib/_pydatetime.py, the `_getstate` methods.
 * Python 2 wrote the same bytes as its `str`. The highest bit of a month or an hour is `fold` (PEP 495) and has no
 * place in `isoformat()`. A second argument is the time zone.
 */
export type DateClass = 'datetime' | 'date' | 'time';

const STATE_BYTES: Record<DateClass, number> = { datetime: 10, date: 4, time: 6 };

const FOLD = 0x80;

/**
 * The value, of which only the class is known where its time zone isn't, or null where this is no state of that class.
 */
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

/**
 * CPython takes objects of tzinfo's subclasses only ("bad tzinfo state arg"), of which some are known and any unknown
 * may be one.
 */
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
