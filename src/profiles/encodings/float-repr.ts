/** Python's `repr` of a float, CPython Python/pystrtod.c format_float_short: fixed from 1e-4 up to 1e16. */
const FIXED_FROM = 1e-4;
const FIXED_BELOW = 1e16;

/**
 * A float as `json.dumps` writes it. Python and ECMAScript agree on the digits, the fewest that read back as the same
 * number, and differ in when an exponent is written and how.
 */
export function floatRepr(value: number): string {
  if (Number.isNaN(value)) return 'NaN';
  if (!Number.isFinite(value)) return value > 0 ? 'Infinity' : '-Infinity';
  if (Object.is(value, -0)) return '-0.0';
  const size = Math.abs(value);
  if (value === 0 || (size >= FIXED_FROM && size < FIXED_BELOW)) {
    return Number.isInteger(value) ? `${value}.0` : String(value);
  }
  // At least two digits of exponent: 1e-7 is 1e-07 in Python.
  return value.toExponential().replace(/e([+-])(\d)$/, 'e$10$2');
}
