import fc from 'fast-check';
import { PyDate, PyDateTime, PyTime } from '../../src/python/dates.js';
import { PyBytes, PyFloat, PyText, PyTuple, type PyValue } from '../../src/python/values.js';
import { dictOf, setOf } from './python-notation.js';

/** Text of any UTF-16 units, so that lone surrogates are among it, but no pairs that Python would not join. */
const text = fc.oneof(
  fc.string({ maxLength: 30 }),
  fc.string({ unit: 'binary', maxLength: 10 }),
  fc.constantFrom('\ud800', 'x\udfff', '\udc00 \ud800', '\0\x1f\x7f\x80', '"\\/', 'é', '漢', '😀'),
);
const int = fc.oneof(fc.integer(), fc.maxSafeInteger(), fc.bigInt({ min: -(2n ** 200n), max: 2n ** 200n }).map(asInt));
const float = fc.oneof(
  fc.double(),
  fc.double({ min: -1e20, max: 1e20 }),
  fc.constantFrom(1e16, 1e-5, 1e15, 123456.0, -0),
);
const date = fc.record({ year: fc.integer({ min: 1, max: 9999 }), month: fc.integer({ min: 1, max: 12 }) });
const day = fc.integer({ min: 1, max: 28 });
const clock = fc.tuple(
  fc.integer({ min: 0, max: 23 }),
  fc.integer({ min: 0, max: 59 }),
  fc.integer({ min: 0, max: 59 }),
  fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 999_999 })),
);
const dateTime = fc.tuple(date, day, clock).map(([{ year, month }, d, t]) => new PyDateTime(year, month, d, ...t));

const scalar: fc.Arbitrary<PyValue> = fc.oneof(
  text,
  int,
  fc.boolean(),
  fc.constant(null),
  float.map((value) => new PyFloat(value)),
);

const pythonOnly: fc.Arbitrary<PyValue> = fc.oneof(
  dateTime,
  fc.tuple(date, day).map(([{ year, month }, d]) => new PyDate(year, month, d)),
  clock.map((t) => new PyTime(...t)),
  fc.tuple(fc.uint8Array({ maxLength: 300 }), fc.boolean()).map(([bytes, isMutable]) => new PyBytes(bytes, isMutable)),
  // One item, for Python has an order of its own.
  fc.tuple(fc.array(int, { maxLength: 1 }), fc.boolean()).map(([items, isFrozen]) => setOf(items, isFrozen)),
);

function valuesOf(leaf: fc.Arbitrary<PyValue>, key: fc.Arbitrary<PyValue>): fc.Arbitrary<PyValue> {
  return fc.letrec<{ value: PyValue }>((tie) => ({
    value: fc.oneof(
      { maxDepth: 4, withCrossShrink: true },
      leaf,
      fc.array(tie('value'), { maxLength: 4 }),
      fc.array(tie('value'), { maxLength: 4 }).map((items) => new PyTuple(items)),
      fc.array(fc.tuple(key, tie('value')), { maxLength: 4 }).map(dictOf),
    ),
  })).value;
}

/** Values that `json.dumps` takes, with keys of every type that it takes. */
export const jsonValues = valuesOf(scalar, scalar);

/** Values with the types that only pickle and, some of them, camptocamp's encoder take. */
export const pythonValues = valuesOf(fc.oneof(scalar, pythonOnly), scalar);

/** What JSON text can hold: no tuples, and no keys but text. */
export const jsonData = fc.letrec<{ value: PyValue }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4, withCrossShrink: true },
    scalar,
    fc.array(tie('value'), { maxLength: 4 }),
    fc.array(fc.tuple(text, tie('value')), { maxLength: 4 }).map(dictOf),
  ),
})).value;

export const python2Text = fc.string({ unit: 'binary', maxLength: 20 }).map((value) => {
  return new PyText(Buffer.from(value, 'utf8').toString('latin1'));
});

function asInt(value: bigint): number | bigint {
  return Number.isSafeInteger(Number(value)) ? Number(value) : value;
}
