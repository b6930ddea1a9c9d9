import { MalformedSession } from '../../errors.js';
import { PyAwareDateTime, PyDate, PyDateTime } from '../../python/dates.js';
import { PyDict, PySet, PyTuple, type PyValue } from '../../python/values.js';

const DATE = /^(\d{4})-(\d\d)-(\d\d)$/;
const DATE_TIME = /^(\d{4}-\d\d-\d\d)[T ](\d\d):(\d\d):(\d\d)(?:\.(\d{1,6}))?(?:(Z)|([+-])(\d\d):(\d\d)(?::(\d\d))?)?$/;

/**
 * Gives decoded JSON the types that camptocamp's SessionDecoder gives it: a dict whose `_type` it knows becomes a
 * datetime, a date or a set, innermost first (odoo-cloud-platform session_redis/json_encoding.py). Changes `value` in
 * place.
 * @throws {MalformedSession} where that decoder fails
 */
export function unwrapC2c(value: PyValue): PyValue {
  if (Array.isArray(value)) {
    for (let i = 0; i < value.length; i++) value[i] = unwrapC2c(value[i] as PyValue);
    return value;
  }
  if (!(value instanceof PyDict)) return value;
  const { values } = value;
  for (let i = 0; i < values.length; i++) values[i] = unwrapC2c(values[i] as PyValue);
  const inner = value.get('value');
  switch (value.get('_type')) {
    case 'datetime_isoformat':
      return dateTimeFrom(inner);
    case 'date_isoformat':
      return dateFrom(inner) ?? refuse('a date that is none');
    case 'set':
      return setFrom(inner);
    default:
      return value;
  }
}

function dateTimeFrom(text: PyValue | undefined): PyDateTime {
  const match = typeof text === 'string' ? DATE_TIME.exec(text) : null;
  const date = match === null ? null : dateFrom(match[1]);
  if (match === null || date === null) return refuse('a datetime that is none');
  const [hour, minute, second] = [Number(match[2]), Number(match[3]), Number(match[4])];
  if (hour > 23 || minute > 59 || second > 59) return refuse('a datetime that is none');
  const microsecond = Number((match[5] ?? '').padEnd(6, '0'));
  const local = new PyDateTime(date.year, date.month, date.day, hour, minute, second, microsecond);
  if (match[6] === undefined && match[7] === undefined) return local;
  const seconds = (Number(match[8] ?? 0) * 60 + Number(match[9] ?? 0)) * 60 + Number(match[10] ?? 0);
  // Python's own bound, below which dateutil takes any.
  if (seconds >= 86_400 || Number(match[9] ?? 0) > 59 || Number(match[10] ?? 0) > 59)
    return refuse('a zone that is none');
  return new PyAwareDateTime(local, match[7] === '-' ? -seconds : seconds);
}

function dateFrom(text: PyValue | undefined): PyDate | null {
  const match = typeof text === 'string' ? DATE.exec(text) : null;
  if (match === null) return null;
  const [year, month, day] = [Number(match[1]), Number(match[2]), Number(match[3])];
  const isReal = year >= 1 && month >= 1 && month <= 12 && day >= 1 && day <= daysIn(year, month);
  return isReal ? new PyDate(year, month, day) : null;
}

function setFrom(items: PyValue | undefined): PySet {
  if (!Array.isArray(items)) return refuse('a set that is none');
  const set = new PySet();
  for (const item of items) {
    // Python's set() fails at what has no hash.
    if (Array.isArray(item) || item instanceof PyDict || item instanceof PySet || item instanceof PyTuple) {
      return refuse('a set of what has no hash');
    }
    set.add(item);
  }
  return set;
}

function daysIn(year: number, month: number): number {
  if (month !== 2) return [4, 6, 9, 11].includes(month) ? 30 : 31;
  return (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0 ? 29 : 28;
}

function refuse(what: string): never {
  throw new MalformedSession(`a wrapper holds ${what}`, -1);
}
