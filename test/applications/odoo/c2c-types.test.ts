import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { unwrapC2c } from '../../../src/applications/odoo/c2c-types.js';
import { MalformedSession, UnsupportedSession } from '../../../src/errors.js';
import { PyDate, PyDateTime } from '../../../src/python/dates.js';
import { jsonToPython } from '../../../src/python/json-read.js';
import { encodeJson } from '../../../src/python/json-write.js';
import { ByteSink } from '../../../src/python/sink.js';
import { PyDict, type PyValue } from '../../../src/python/values.js';
import { dictOf, setOf, toNotation } from '../../support/python-notation.js';
import { pythonValues } from '../../support/python-values.js';

const read = (json: string): PyValue => unwrapC2c(jsonToPython(Buffer.from(json)));
const wrapped = (type: string, value: unknown) => JSON.stringify({ db: [{ _type: type, value }] });
const valueIn = (session: PyValue) => ((session as PyDict).values[0] as PyValue[])[0] as PyValue;

function c2cText(value: PyValue): string | null {
  const sink = new ByteSink(1024, 2 ** 20);
  try {
    encodeJson(value, 'c2c', sink);
  } catch (error) {
    if (error instanceof UnsupportedSession) return null;
    throw error;
  }
  return sink.view().toString('latin1');
}

describe('the types of camptocamp', () => {
  it.each<[string, unknown, PyValue]>([
    ['datetime_isoformat', '2024-02-29T23:59:59', new PyDateTime(2024, 2, 29, 23, 59, 59, 0)],
    ['datetime_isoformat', '0001-01-01T00:00:00.000001', new PyDateTime(1, 1, 1, 0, 0, 0, 1)],
    ['datetime_isoformat', '2024-02-29 00:00:00.5', new PyDateTime(2024, 2, 29, 0, 0, 0, 500_000)],
    ['date_isoformat', '9999-12-31', new PyDate(9999, 12, 31)],
    ['set', [1, 'a'], setOf([1, 'a'])],
    ['set', [], setOf([])],
    ['set', [{ _type: 'date_isoformat', value: '2000-02-29' }], setOf([new PyDate(2000, 2, 29)])],
  ])('come back out of %s %j', (type, value, wanted) => {
    const found = valueIn(read(wrapped(type, value)));
    expect(found?.constructor).toBe(wanted?.constructor);
    expect(toNotation(found)).toEqual(toNotation(wanted));
  });

  it.each(['bytes', 'datetime', 'Set', ''])('are no others: a _type of "%s" stays a dict', (type) => {
    expect(valueIn(read(wrapped(type, 'x')))).toBeInstanceOf(PyDict);
  });

  it.each<[string, unknown]>([
    ['datetime_isoformat', '2023-02-29T00:00:00'],
    ['datetime_isoformat', '2024-02-29T24:00:00'],
    ['datetime_isoformat', 'now'],
    ['datetime_isoformat', 5],
    ['date_isoformat', '2024-13-01'],
    ['date_isoformat', '2024-04-31'],
    ['date_isoformat', '0000-01-01'],
    ['date_isoformat', null],
    ['set', [[1]]],
    ['set', [{}]],
    ['set', [{ _type: 'set', value: [] }]],
    ['set', 7],
    ['set', undefined],
  ])('are not made of %s %j, at which the reader fails', (type, value) => {
    expect(() => read(wrapped(type, value))).toThrow(MalformedSession);
  });

  it.each(['2024-02-29T00:00:00+00:00', '2024-02-29T00:00:00.123456-05:30', '2024-02-29T00:00:00+00:00:01'])(
    'keep their time zone: %s',
    (text) => {
      expect(c2cText(read(wrapped('datetime_isoformat', text)))).toContain(`"${text}"`);
    },
  );

  it.each(['2024-02-29T00:00:00+24:00', '2024-02-29T00:00:00+00:60', '2024-13-01T00:00:00Z'])(
    'have no time zone, month or hour that there is not: %s',
    (text) => {
      expect(() => read(wrapped('datetime_isoformat', text))).toThrow(MalformedSession);
    },
  );

  it('give the very text back that they were read from, whatever else there is', () => {
    let compared = 0;
    fc.assert(
      fc.property(fc.dictionary(fc.string(), pythonValues), (members) => {
        const text = c2cText(dictOf(Object.entries(members)));
        if (text === null) return;
        compared++;
        expect(c2cText(read(text))).toBe(text);
      }),
      { numRuns: 1000 },
    );
    expect(compared).toBeGreaterThan(100);
  });
});
