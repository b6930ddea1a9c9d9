import { type PyDateTime, PyInstance, PyText, type PyValue } from '../../python.js';
import { hasRules, offsetIn } from './zone-rules.js';

/** A `datetime.timedelta`, as far as whole seconds. */
export class Delta extends PyInstance {
  constructor(readonly seconds: number) {
    super('datetime.timedelta', -1);
  }
}

/** A time zone that is ahead of UTC by the same seconds at every moment it is used for. */
export class Zone extends PyInstance {
  constructor(
    className: string,
    readonly offsetSeconds: number,
  ) {
    super(className, -1);
  }

  /** Seconds ahead of UTC at a local time; null where that is not known. @param isFold the second of two such times */
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
