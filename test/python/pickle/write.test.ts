import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { UnsupportedSession } from '../../../src/errors.js';
import { unpickle } from '../../../src/python/pickle/read.js';
import { encodePickle, type PickleProtocol } from '../../../src/python/pickle/write.js';
import { ByteSink, SinkFull } from '../../../src/python/sink.js';
import { MAX_NESTING, PyDict, PyMultiDict, PyText, type PyValue } from '../../../src/python/values.js';
import { PICKLE_FIXTURES } from '../../support/pickle-fixtures.js';
import { fromNotation, type Notation, toNotation } from '../../support/python-notation.js';
import { askPython, hasPython } from '../../support/python-oracle.js';
import { python2Text, pythonValues } from '../../support/python-values.js';

const PROTOCOLS: PickleProtocol[] = [2, 4, 5];

function dumps(value: PyValue, protocol: PickleProtocol, maxBytes = 2 ** 20): Buffer {
  const sink = new ByteSink(1, maxBytes);
  encodePickle(value, protocol, sink);
  return Buffer.from(sink.view());
}

function latin1(value: PyValue, protocol: PickleProtocol): string {
  return dumps(value, protocol).toString('latin1');
}

/** What CPython 3 makes of Python 2's text. */
function asPython3(notation: Notation): Notation {
  return JSON.parse(JSON.stringify(notation), (_, value) =>
    typeof value?.text === 'string' ? Buffer.from(value.text, 'hex').toString() : value,
  );
}

function listsOf(value: PyValue): unknown {
  if (!(value instanceof PyDict)) return [];
  const lists = value instanceof PyMultiDict ? value.lists.map((list) => list.map(toNotation)) : [];
  return [asPython3(toNotation(value)), asPython3(lists as unknown as Notation), value.values.map(listsOf)];
}

const SAMPLES = [
  ...PICKLE_FIXTURES.filter((each) => each.protocol === 2 && !/^python2|multidict/i.test(each.case)).map((each) =>
    unpickle(each.bytes),
  ),
  ...fc.sample(pythonValues, { numRuns: 1500, seed: 4 }),
];

describe('encodePickle', () => {
  it('keeps all values of a MultiDict', () => {
    const forms = PICKLE_FIXTURES.filter((each) => /multidict/i.test(each.case)).map((each) => unpickle(each.bytes));
    expect(forms.length).toBeGreaterThan(0);
    for (const form of forms) {
      for (const protocol of PROTOCOLS) expect(listsOf(unpickle(dumps(form, protocol)))).toEqual(listsOf(form));
    }
  });

  it.each(PROTOCOLS)('of protocol %d is read back by unpickle', (protocol) => {
    for (const value of SAMPLES) expect(toNotation(unpickle(dumps(value, protocol)))).toEqual(toNotation(value));
  });

  it.skipIf(!hasPython)('is loaded by CPython', () => {
    const written = SAMPLES.flatMap((value) =>
      PROTOCOLS.map((protocol) => ({ value, pickle: dumps(value, protocol) })),
    );
    const answers = askPython(written.map(({ pickle }) => ['loads', pickle.toString('hex')]));
    // Both through fromNotation, since Python spells floats in its own way.
    expect(answers.map((answer) => toNotation(fromNotation(answer)))).toEqual(
      written.map(({ value }) => toNotation(value)),
    );
    // Control: answers are not all the same.
    expect(new Set(answers.map((answer) => JSON.stringify(answer))).size).toBeGreaterThan(1000);
  });

  it.skipIf(!hasPython)('makes text of byte text for Python 3', () => {
    const texts = fc.sample(python2Text, { numRuns: 300, seed: 5 });
    const answers = askPython(texts.map((text) => ['loads', dumps([text], 4).toString('hex')]));
    expect(answers).toEqual(texts.map((text) => asPython3([toNotation(text)])));
  });

  it('leaves byte text to Python 2 as it is', () => {
    expect(latin1(new PyText('\xe9'), 2)).toBe('\x80\x02U\x01\xe9.');
    expect(latin1(new PyText('a'.repeat(256)), 2)).toBe(`\x80\x02T\0\x01\0\0${'a'.repeat(256)}.`);
    expect(() => dumps(new PyText('\xe9'), 4)).toThrow(new UnsupportedSession('byte text that is not UTF-8'));
  });

  it.each<[string, Notation, string]>([
    ['text', 'é', 'X\x02\0\0\0\xc3\xa9'],
    ['a lone surrogate', 'a\ud800b', 'X\x05\0\0\0a\xed\xa0\x80b'],
    ['a set', { set: [] }, 'c__builtin__\nset\n](e\x85R'],
    ['bytes', { bytes: 'ff' }, 'c_codecs\nencode\nX\x02\0\0\0\xc3\xbfX\x07\0\0\0latin-1\x86R'],
    [
      'a date',
      { date: [2020, 2, 29] },
      'cdatetime\ndate\nc_codecs\nencode\nX\x05\0\0\0\x07\xc3\xa4\x02\x1dX\x07\0\0\0latin-1\x86R\x85R',
    ],
    ['a big int', { int: String(2 ** 31) }, '\x8a\x05\0\0\0\x80\0'],
    ['a bool', true, '\x88'],
  ])('writes for both Pythons in protocol 2: %s', (_, notation, expected) => {
    expect(latin1(fromNotation(notation), 2)).toBe(`\x80\x02${expected}.`);
  });

  it('writes each int with the fewest bytes', () => {
    const sizes: [number | bigint, string][] = [
      [255, 'K\xff'],
      [256, 'M\0\x01'],
      [65535, 'M\xff\xff'],
      [-1, 'J\xff\xff\xff\xff'],
      [-(2 ** 31) - 1, '\x8a\x05\xff\xff\xff\x7f\xff'],
      [2n ** 63n - 1n, '\x8a\x08\xff\xff\xff\xff\xff\xff\xff\x7f'],
      [-(2n ** 63n), '\x8a\x08\0\0\0\0\0\0\0\x80'],
      [2n ** 63n, '\x8a\x09\0\0\0\0\0\0\0\x80\0'],
      [2n ** 2040n, `\x8b\0\x01\0\0${'\0'.repeat(255)}\x01`],
    ];
    for (const [int, expected] of sizes) expect(latin1(int, 4)).toBe(`\x80\x04${expected}.`);
  });

  it('ends at what contains itself', () => {
    const list: PyValue[] = [];
    list.push(list, list);
    const dict = new PyDict();
    dict.set('self', [dict]);
    for (const value of [list, dict]) expect(() => dumps(value, 4, 2 ** 26)).toThrow(UnsupportedSession);
  });

  it('goes as deep as sessions may, and no deeper', () => {
    const nested = (levels: number): PyValue => (levels === 0 ? 1 : [nested(levels - 1)]);
    expect(() => dumps([nested(MAX_NESTING), nested(MAX_NESTING)], 4)).not.toThrow();
    expect(() => dumps(nested(MAX_NESTING + 2), 4)).toThrow(UnsupportedSession);
  });

  it('stops billions of references at the end of the sink', () => {
    let laughs: PyValue = ['ha'];
    for (let i = 0; i < 30; i++) laughs = Array.from({ length: 10 }, () => laughs);
    expect(() => dumps(laughs, 4)).toThrow(SinkFull);
  });
});
