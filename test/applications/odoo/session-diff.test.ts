import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CanonicalText, Incomparable } from '../../../src/applications/odoo/session-diff.js';
import { PyDate, PyDateTime, PyTime } from '../../../src/python/dates.js';
import { PyBytes, PyFloat, PyMultiDict, PyText, PyTuple, type PyValue } from '../../../src/python/values.js';
import { dictOf, setOf, toNotation } from '../../support/python-notation.js';
import { pythonValues } from '../../support/python-values.js';

const meaningOf = (value: PyValue) => new CanonicalText().of(value);
const bytes = (text: string, isMutable = false) => new PyBytes(Buffer.from(text), isMutable);

/** Values that are all different in Python, or that a reader tells apart by type. */
const APART: [name: string, value: PyValue][] = [
  ['None', null],
  ['True', true],
  ['False', false],
  ['the int 0', 0],
  ['the int 1', 1],
  ['the int -1', -1],
  ['the float 0.0', new PyFloat(0)],
  ['the float -0.0', new PyFloat(-0)],
  ['the float 1.0', new PyFloat(1)],
  ['the float 1.5', new PyFloat(1.5)],
  ['NaN', new PyFloat(Number.NaN)],
  ['Infinity', new PyFloat(Number.POSITIVE_INFINITY)],
  ['-Infinity', new PyFloat(Number.NEGATIVE_INFINITY)],
  ['2^53', 2 ** 53],
  ['2^53 + 1', 2n ** 53n + 1n],
  ['2^53 as a float', new PyFloat(2 ** 53)],
  ['2^64', 2n ** 64n],
  ['2^64 + 1', 2n ** 64n + 1n],
  ['empty text', ''],
  ['the text 1', '1'],
  ['the text None', 'None'],
  ['the text f1', 'f1'],
  ['the text [1]', '[1]'],
  ['a lone surrogate', '\ud800'],
  ['the escape of it', '\\ud800'],
  ['another lone surrogate', '\udfff'],
  ['e with an accent', 'é'],
  ['e and a combining accent', 'e\u0301'],
  ['Python 2 text that is no UTF-8', new PyText('\xe9')],
  ['bytes', bytes('1')],
  ['a bytearray', bytes('1', true)],
  ['an empty list', []],
  ['a list', [1]],
  ['a list of lists', [[1]]],
  ['a list of two', [1, 2]],
  ['the same in another order', [2, 1]],
  ['a list of one text', ['1,2']],
  ['an empty tuple', new PyTuple([])],
  ['a tuple', new PyTuple([1])],
  ['an empty dict', dictOf([])],
  ['a dict', dictOf([['a', 1]])],
  ['a dict of a float', dictOf([['a', new PyFloat(1)]])],
  ['a dict of two', dictOf(Object.entries({ a: 1, b: 2 }))],
  ['a dict with the values changed', dictOf(Object.entries({ a: 2, b: 1 }))],
  ['a dict with an int key', dictOf([[1, 1]])],
  ['a dict with a text key', dictOf([['1', 1]])],
  ['an empty set', setOf([])],
  ['an empty frozenset', setOf([], true)],
  ['a set', setOf([1, 2])],
  ['a frozenset', setOf([1, 2], true)],
  ['a datetime', new PyDateTime(2024, 2, 29, 0, 0, 0, 0)],
  ['a datetime a microsecond later', new PyDateTime(2024, 2, 29, 0, 0, 0, 1)],
  ['a date', new PyDate(2024, 2, 29)],
  ['a time', new PyTime(0, 0, 0, 0)],
  ['the text of a date', '2024-02-29'],
];

describe('the meaning of a value', () => {
  it('is another for each of these', () => {
    const seen = new Map<string, string>();
    for (const [name, value] of APART) {
      const meaning = meaningOf(value);
      expect(seen.get(meaning), `${name} means the same as`).toBeUndefined();
      seen.set(meaning, name);
    }
  });

  it.each<[string, PyValue, PyValue]>([
    ['NaN and NaN', new PyFloat(Number.NaN), new PyFloat(Number.NaN)],
    ['dicts in another order', dictOf(Object.entries({ a: 1, b: [2] })), dictOf(Object.entries({ b: [2], a: 1 }))],
    ['sets in another order', setOf([1, 'x', null]), setOf([null, 1, 'x'])],
    ['sets of tuples in another order', setOf([new PyTuple([1]), 2]), setOf([2, new PyTuple([1])])],
    ['Python 2 text and unicode', new PyText('caf\xc3\xa9'), 'café'],
    [
      'dicts keyed by either',
      dictOf([
        [new PyText('a'), 1],
        ['b', 2],
      ]),
      dictOf([
        ['b', 2],
        ['a', 1],
      ]),
    ],
    ['dicts keyed by tuples', dictOf([[new PyTuple([1, 2]), 3]]), dictOf([[new PyTuple([1, 2]), 3]])],
    ['ints of either make', 5, 5n],
  ])('is the same for %s', (_, one, other) => {
    expect(meaningOf(one)).toBe(meaningOf(other));
  });

  it('is the same exactly where the notation is, for any two values', () => {
    const isSame = (one: PyValue, other: PyValue) =>
      JSON.stringify(toNotation(one)) === JSON.stringify(toNotation(other));
    fc.assert(
      fc.property(pythonValues, pythonValues, (one, other) => {
        // Order, which the notation keeps, means nothing in a dict: only what differs otherwise is asked about.
        if (isSame(one, other)) expect(meaningOf(one)).toBe(meaningOf(other));
        if (meaningOf(one) === meaningOf(other)) expect(sortedNotation(one)).toBe(sortedNotation(other));
      }),
    );
  });

  it('tells a MultiDict from a dict', () => {
    const multi = new PyMultiDict();
    multi.set('a', 1);
    expect(meaningOf(multi)).not.toBe(meaningOf(dictOf([['a', 1]])));
  });

  it.each<[string, () => PyValue]>([
    ['refers to one part again and again', () => doubled(40)],
    [
      'holds itself',
      () => {
        const list: PyValue[] = [];
        list.push(list);
        return list;
      },
    ],
    ['shows one long text again and again', () => Array<PyValue>(1000).fill('x'.repeat(100_000))],
    ['shows long bytes again and again', () => Array<PyValue>(1000).fill(bytes('x'.repeat(100_000)))],
  ])('is not told of a value that %s', (_, make) => {
    expect(() => meaningOf(make())).toThrow(Incomparable);
  });
});

/** A list that unfolds to 2^n parts. */
function doubled(n: number): PyValue {
  let value: PyValue = [];
  for (let i = 0; i < n; i++) value = [value, value];
  return value;
}

/** The notation with the pairs of every dict in one order. */
function sortedNotation(value: PyValue): string {
  const sort = (notation: unknown): unknown => {
    if (Array.isArray(notation)) return notation.map(sort);
    if (typeof notation !== 'object' || notation === null) return notation;
    return Object.fromEntries(
      Object.entries(notation).map(([type, content]) => {
        if (type !== 'dict') return [type, sort(content)];
        const pairs = (content as unknown[]).map((pair) => JSON.stringify(sort(pair)));
        return [type, pairs.sort()];
      }),
    );
  };
  return JSON.stringify(sort(toNotation(value)));
}
