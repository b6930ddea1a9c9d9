import { PyDate, PyDateTime, type PyTime } from '../../python.js';

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
