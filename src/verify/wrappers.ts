import { PyDate, PyDateTime, PyDict, PySet, type PyValue } from '../python.js';

const DATE = /^(\d{4})-(\d\d)-(\d\d)$/;
const DATE_TIME = /^(\d{4})-(\d\d)-(\d\d)[T ](\d\d):(\d\d):(\d\d)(?:\.(\d{1,6}))?$/;

/**
 * Turns the dicts by which camptocamp's encoder wraps a datetime, date or set back into those, from the inside out as its
 * object_hook does (odoo-cloud-platform session_redis/json_encoding.py). What is no such wrapper stays as it is.
 */
export function unwrap(value: PyValue): PyValue {
  if (Array.isArray(value)) {
    for (let i = 0; i < value.length; i++) value[i] = unwrap(value[i] as PyValue);
    return value;
  }
  if (!(value instanceof PyDict)) return value;
  for (let i = 0; i < value.values.length; i++) value.values[i] = unwrap(value.values[i] as PyValue);
  return unwrapped(value) ?? value;
}

function unwrapped(dict: PyDict): PyValue | null {
  const inner = dict.get('value');
  switch (dict.get('_type')) {
    case 'datetime_isoformat':
      return typeof inner === 'string' ? dateTimeOf(inner) : null;
    case 'date_isoformat':
      return typeof inner === 'string' ? dateOf(inner) : null;
    case 'set':
      return Array.isArray(inner) ? setOf(inner) : null;
    default:
      return null;
  }
}

function dateTimeOf(text: string): PyDateTime | null {
  const parts = DATE_TIME.exec(text);
  if (parts === null) return null;
  const [year, month, day, hour, minute, second] = parts.slice(1, 7).map(Number) as Six;
  return new PyDateTime(year, month, day, hour, minute, second, Number((parts[7] ?? '').padEnd(6, '0')));
}

type Six = [number, number, number, number, number, number];

function dateOf(text: string): PyDate | null {
  const parts = DATE.exec(text);
  return parts === null ? null : new PyDate(Number(parts[1]), Number(parts[2]), Number(parts[3]));
}

function setOf(items: readonly PyValue[]): PySet {
  const set = new PySet();
  for (const item of items) set.add(item);
  return set;
}
