import { type Hashable, type Identity, markedIdentity } from './equal-keys.js';

/** `datetime.datetime`, naive unless it is a {@link PyAwareDateTime}; `fold` is dropped, as `isoformat()` drops it. */
export class PyDateTime implements Hashable {
  constructor(
    readonly year: number,
    readonly month: number,
    readonly day: number,
    readonly hour: number,
    readonly minute: number,
    readonly second: number,
    readonly microsecond: number,
  ) {}

  identity(): Identity {
    return markedIdentity('m', Object.values(this).join());
  }
}

/** A `datetime.datetime` that knows how far its clock is ahead of UTC, whatever the zone is called. */
export class PyAwareDateTime extends PyDateTime {
  constructor(
    local: PyDateTime,
    readonly offsetSeconds: number,
  ) {
    super(local.year, local.month, local.day, local.hour, local.minute, local.second, local.microsecond);
  }

  /** Two that tell the same moment are one key in Python, whatever their zones. */
  override identity(): Identity {
    const { year, month, day, hour, minute, second, microsecond, offsetSeconds } = this;
    const local = new Date(Date.UTC(2000, month - 1, day, hour, minute, second - offsetSeconds));
    local.setUTCFullYear(local.getUTCFullYear() - 2000 + year);
    return markedIdentity('z', `${local.toISOString()},${microsecond}`);
  }
}

export class PyDate implements Hashable {
  constructor(
    readonly year: number,
    readonly month: number,
    readonly day: number,
  ) {}

  identity(): Identity {
    return markedIdentity('y', Object.values(this).join());
  }
}

export class PyTime implements Hashable {
  constructor(
    readonly hour: number,
    readonly minute: number,
    readonly second: number,
    readonly microsecond: number,
  ) {}

  identity(): Identity {
    return markedIdentity('h', Object.values(this).join());
  }
}

/** The byte string that CPython Lib/_pydatetime.py `_getstate` pickles a datetime, date or time as. */
export function dateState(value: PyDateTime | PyDate | PyTime): Uint8Array {
  const date = value instanceof PyDateTime || value instanceof PyDate ? dateBytes(value) : [];
  const time = value instanceof PyDate ? [] : timeBytes(value);
  return Uint8Array.from([...date, ...time]);
}

function dateBytes({ year, month, day }: PyDateTime | PyDate): number[] {
  return [year >> 8, year & 0xff, month, day];
}

function timeBytes({ hour, minute, second, microsecond }: PyDateTime | PyTime): number[] {
  return [hour, minute, second, microsecond >> 16, (microsecond >> 8) & 0xff, microsecond & 0xff];
}

/** Python's `isoformat()`: microseconds only where there are some. */
export function isoFormat(value: PyDateTime | PyDate): string {
  const date = `${digits(value.year, 4)}-${digits(value.month, 2)}-${digits(value.day, 2)}`;
  if (!(value instanceof PyDateTime)) return date;
  const time = `${digits(value.hour, 2)}:${digits(value.minute, 2)}:${digits(value.second, 2)}`;
  const naive = value.microsecond === 0 ? `${date}T${time}` : `${date}T${time}.${digits(value.microsecond, 6)}`;
  return value instanceof PyAwareDateTime ? naive + offset(value.offsetSeconds) : naive;
}

/** `+01:00`; seconds only where there are some. */
function offset(seconds: number): string {
  const size = Math.abs(seconds);
  const clock = `${digits(Math.floor(size / 3600), 2)}:${digits(Math.floor(size / 60) % 60, 2)}`;
  return `${seconds < 0 ? '-' : '+'}${clock}${size % 60 === 0 ? '' : `:${digits(size % 60, 2)}`}`;
}

function digits(number: number, count: number): string {
  return String(number).padStart(count, '0');
}
