import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { UnsupportedSession } from '../../src/errors.js';
import { PyDate, PyDateTime, PyTime } from '../../src/python/dates.js';
import { encodeJson, type JsonDialect } from '../../src/python/json-write.js';
import { unpickle } from '../../src/python/pickle/read.js';
import { ByteSink, SinkFull } from '../../src/python/sink.js';
import {
  MAX_INT_DIGITS,
  MAX_NESTING,
  PyBytes,
  PyDict,
  PyFloat,
  PySet,
  PyText,
  PyTuple,
  type PyValue,
} from '../../src/python/values.js';
import { PICKLE_FIXTURES } from '../support/pickle-fixtures.js';
import { dictOf, setOf, toNotation } from '../support/python-notation.js';
import { askPython, hasPython } from '../support/python-oracle.js';
import { jsonValues, python2Text, pythonValues } from '../support/python-values.js';

const DIALECTS: JsonDialect[] = ['plain', 'c2c'];

function dumps(value: PyValue, dialect: JsonDialect = 'plain', maxBytes = 2 ** 20): string {
  const sink = new ByteSink(1, maxBytes);
  encodeJson(value, dialect, sink);
  return sink.view().toString('latin1');
}

/** The text, or null where the dialect has no shape for the value. */
function dumpsOrNull(value: PyValue, dialect: JsonDialect): string | null {
  try {
    return dumps(value, dialect);
  } catch (error) {
    if (error instanceof UnsupportedSession) return null;
    throw error;
  }
}

describe('encodeJson', () => {
  it.each(PICKLE_FIXTURES)('writes $name as json.dumps does', ({ bytes, expected }) => {
    const value = unpickle(bytes);
    expect(dumpsOrNull(value, 'plain')).toBe(expected.plain);
    expect(dumpsOrNull(value, 'c2c')).toBe(expected.c2c);
  });

  it('has fixtures that JSON holds, that only c2c holds, and that neither holds', () => {
    const kinds = PICKLE_FIXTURES.map(({ expected }) => [expected.plain, expected.c2c].map((text) => text !== null));
    expect(kinds).toContainEqual([true, true]);
    expect(kinds).toContainEqual([false, true]);
    expect(kinds).toContainEqual([false, false]);
  });

  it.skipIf(!hasPython)('writes any value byte for byte as json.dumps does, or refuses it as json.dumps does', () => {
    const values = [
      ...fc.sample(jsonValues, { numRuns: 2000, seed: 1 }),
      ...fc.sample(pythonValues, { numRuns: 2000, seed: 2 }),
      ...fc.sample(python2Text, { numRuns: 200, seed: 3 }),
    ];
    const questions = values.flatMap((value) => DIALECTS.map((dialect) => ({ value, dialect })));
    const answers = askPython<string | null>(
      questions.map(({ value, dialect }) => [`dumps-${dialect}`, toNotation(value)]),
    );
    expect(questions.map(({ value, dialect }) => dumpsOrNull(value, dialect))).toEqual(answers);
    // Control: the sample has both kinds.
    expect(answers.filter((answer) => answer === null).length).toBeGreaterThan(100);
    expect(answers.filter((answer) => answer !== null).length).toBeGreaterThan(4000);
  });

  it('wraps what camptocamp wraps, and nothing else', () => {
    expect(dumps(new PyDateTime(2020, 2, 29, 1, 2, 3, 0), 'c2c')).toBe(
      '{"_type": "datetime_isoformat", "value": "2020-02-29T01:02:03"}',
    );
    expect(dumps(new PyDateTime(7, 1, 1, 0, 0, 0, 45), 'c2c')).toBe(
      '{"_type": "datetime_isoformat", "value": "0007-01-01T00:00:00.000045"}',
    );
    expect(dumps(new PyDate(2020, 2, 29), 'c2c')).toBe('{"_type": "date_isoformat", "value": "2020-02-29"}');
    expect(dumps(setOf([2, new PyDate(1, 1, 1)]), 'c2c')).toBe(
      '{"_type": "set", "value": [2, {"_type": "date_isoformat", "value": "0001-01-01"}]}',
    );
  });

  it.each<[string, PyValue, JsonDialect]>([
    ['datetime', new PyDateTime(2020, 1, 1, 0, 0, 0, 0), 'plain'],
    ['date', new PyDate(2020, 1, 1), 'plain'],
    ['set', new PySet(), 'plain'],
    ['frozenset', new PySet(true), 'c2c'],
    ['time', new PyTime(0, 0, 0, 0), 'c2c'],
    ['bytes', new PyBytes(new Uint8Array()), 'c2c'],
    ['bytearray', new PyBytes(new Uint8Array(), true), 'c2c'],
  ])('names the type that it cannot write: %s', (type, value, dialect) => {
    expect(() => dumps([value], dialect)).toThrow(new UnsupportedSession(`JSON cannot hold a ${type}`));
  });

  it.each<[string, PyValue]>([
    ['tuple', new PyTuple([1])],
    ['bytes', new PyBytes(new Uint8Array())],
    ['date', new PyDate(2020, 1, 1)],
    ['frozenset', new PySet(true)],
  ])('names the key that it cannot write: %s', (type, key) => {
    for (const dialect of DIALECTS) {
      expect(() => dumps(dictOf([[key, 1]]), dialect)).toThrow(`JSON cannot hold a ${type} as a key`);
    }
  });

  it('writes keys as text', () => {
    const keys: PyValue[] = [
      1,
      true,
      false,
      null,
      2n ** 64n,
      new PyFloat(1.5),
      new PyFloat(Number.NaN),
      new PyText('\xc3\xa9'),
    ];
    expect(dumps(dictOf(keys.slice(1).map((key) => [key, 0])))).toBe(
      '{"true": 0, "false": 0, "null": 0, "18446744073709551616": 0, "1.5": 0, "NaN": 0, "\\u00e9": 0}',
    );
    expect(dumps(dictOf([[keys[0] as PyValue, 0]]))).toBe('{"1": 0}');
  });

  it('takes byte text for UTF-8 and nothing else', () => {
    expect(dumps(new PyText('caf\xc3\xa9'))).toBe('"caf\\u00e9"');
    expect(() => dumps(new PyText('caf\xe9'))).toThrow(new UnsupportedSession('byte text that is not UTF-8'));
    expect(() => dumps(dictOf([[new PyText('\xe9'), 1]]))).toThrow(UnsupportedSession);
    expect(() => dumps(new PyText('\xed\xa0\x80'))).toThrow(UnsupportedSession);
  });

  it('ends at what contains itself', () => {
    const list: PyValue[] = [];
    list.push(list, list);
    const dict = new PyDict();
    dict.set('self', new PyTuple([dict]));
    const set = setOf([]);
    set.add(new PyTuple([set]));
    for (const value of [list, dict, set]) expect(() => dumps(value, 'c2c', 2 ** 26)).toThrow(UnsupportedSession);
  });

  it('goes as deep as sessions may, and no deeper', () => {
    const nested = (levels: number): PyValue => (levels === 0 ? 1 : [nested(levels - 1)]);
    expect(dumps(nested(MAX_NESTING))).toBe(`${'['.repeat(MAX_NESTING)}1${']'.repeat(MAX_NESTING)}`);
    expect(() => dumps(nested(MAX_NESTING + 2))).toThrow(UnsupportedSession);
  });

  it('stops billions of references at the end of the sink', () => {
    let laughs: PyValue = ['ha'];
    for (let i = 0; i < 30; i++) laughs = Array.from({ length: 10 }, () => laughs);
    expect(() => dumps(laughs, 'c2c', 2 ** 20)).toThrow(SinkFull);
  });

  it('writes no int that a reader would fail at', () => {
    const most = '9'.repeat(MAX_INT_DIGITS);
    expect(dumps(BigInt(`-${most}`))).toBe(`-${most}`);
    expect(() => dumps(BigInt(`1${most}`))).toThrow(UnsupportedSession);
  });

  it('appends to what is in the sink', () => {
    const sink = new ByteSink(1, 100);
    sink.latin1('before ');
    encodeJson(['é'], 'plain', sink);
    expect(sink.view().toString()).toBe('before ["\\u00e9"]');
  });

  it('fills a sink to the last byte', () => {
    expect(dumps(['ab'], 'plain', 6)).toBe('["ab"]');
    expect(() => dumps(['ab'], 'plain', 5)).toThrow(SinkFull);
  });
});
