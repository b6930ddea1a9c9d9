import { type PyDate, PyDateTime } from '../../python.js';

/** Python's `isoformat()`: microseconds only where there are some. */
export function isoFormat(value: PyDateTime | PyDate): string {
  const date = `${digits(value.year, 4)}-${digits(value.month, 2)}-${digits(value.day, 2)}`;
  if (!(value instanceof PyDateTime)) return date;
  const time = `${digits(value.hour, 2)}:${digits(value.minute, 2)}:${digits(value.second, 2)}`;
  return value.microsecond === 0 ? `${date}T${time}` : `${date}T${time}.${digits(value.microsecond, 6)}`;
}

function digits(number: number, count: number): string {
  return String(number).padStart(count, '0');
}
