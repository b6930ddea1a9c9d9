import { type Hashable, type Identity, markedIdentity } from './keyed.js';

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
