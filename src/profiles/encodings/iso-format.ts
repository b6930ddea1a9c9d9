import { PyAwareDateTime, type PyDate, PyDateTime } from '../../python.js';

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
