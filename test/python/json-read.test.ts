import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MalformedSession } from '../../src/errors.js';
import { jsonToPython } from '../../src/python/json-read.js';
import { encodeJson } from '../../src/python/json-write.js';
import { ByteSink } from '../../src/python/sink.js';
import { MAX_INT_DIGITS, MAX_NESTING, MAX_OBJECTS, type PyValue } from '../../src/python/values.js';
import { fromNotation, type Notation, toNotation } from '../support/python-notation.js';
import { askPython, hasPython } from '../support/python-oracle.js';
import { jsonData } from '../support/python-values.js';

function read(text: string): PyValue {
  return jsonToPython(Buffer.from(text));
}

const TEXTS = [
  '{"uid": 2, "db": "prod", "context": {"lang": "fr_BE"}, "_trace": [], "create_time": 1760000000.25}',
  ' \t\n\r[ 1 , 2 ] \n',
  '[0, -0, -0.0, 1.0, 1e5, 1E+2, 1.5e-7, 9007199254740991, 9007199254740992, -123456789012345678901234567890]',
  '[NaN, Infinity, -Infinity, 1e999]',
  '["\\u00e9", "\\ud83d\\ude00", "\\ud83d", "\\ude00\\ud83d", "\\ud83dx\\ude00", "\\b\\f\\n\\r\\t\\"\\\\\\/"]',
  '["é", "漢字", "😀", "\u007f\u0080\u2028"]',
  '{"a": 1, "b": 2, "a": 3}',
  '{"\\u0061": 1, "a": 2}',
  '{"__proto__": 1, "constructor": 2}',
  '[[], {}, "", true, false, null]',
  '"text"',
];

describe('jsonToPython', () => {
  it.skipIf(!hasPython)('reads what json.loads reads', () => {
    const answers = askPython(TEXTS.map((text) => ['json-loads', text]));
    for (const [i, text] of TEXTS.entries()) {
      expect(toNotation(read(text))).toEqual(toNotation(fromNotation(answers[i] as Notation)));
    }
  });

  it('keeps int and float apart, and every digit', () => {
    expect(toNotation(read('[1, 1.0, 1e0, -0, 9007199254740993]'))).toEqual([
      { int: '1' },
      { float: '1' },
      { float: '1' },
      { int: '0' },
      { int: '9007199254740993' },
    ]);
  });

  it('takes back what encodeJson writes', () => {
    fc.assert(
      fc.property(jsonData, (value) => {
        const sink = new ByteSink(64, 2 ** 20);
        encodeJson(value, 'plain', sink);
        expect(toNotation(jsonToPython(sink.view()))).toEqual(toNotation(value));
      }),
      { numRuns: 2000 },
    );
  });

  it('reads the part of a buffer that it is told', () => {
    expect(jsonToPython(Buffer.from('x[1]y'), 1, 4)).toEqual([1]);
    expect(() => jsonToPython(Buffer.from('[1]'), 0, 2)).toThrow(MalformedSession);
    expect(jsonToPython(new Uint8Array([0, 0x37]).subarray(1))).toBe(7);
  });

  it.each([
    ['', 0],
    ['[', 1],
    ['[1', 2],
    ['[1,]', 3],
    ['{"a"}', 4],
    ['{1: 2}', 1],
    ['{"a": 1,}', 8],
    ['01', 2],
    ['1.', 2],
    ['+1', 2],
    ['nan', 3],
    ['-', 1],
    ['"abc', 4],
    ['"a\nb"', 2],
    ['"\\x"', 3],
    ['"\\u12g4"', 3],
    ['"\\u12', 3],
    ['"\\', 2],
    ['1 2', 2],
    ['\ufeff1', 0],
  ])('refuses %j at byte %d', (text, offset) => {
    expect(() => read(text)).toThrow(expect.objectContaining({ name: 'MalformedSession', offset }));
  });

  it('refuses bytes that are not UTF-8, and surrogates in UTF-8', () => {
    expect(() => jsonToPython(Buffer.from('"\xff"', 'latin1'))).toThrow('text is not UTF-8');
    expect(() => jsonToPython(Buffer.from('"\xed\xa0\x80"', 'latin1'))).toThrow('text is not UTF-8');
  });

  it('has an end of depth, objects and digits', () => {
    const nested = (levels: number) => '['.repeat(levels) + ']'.repeat(levels);
    expect(() => read(nested(MAX_NESTING))).not.toThrow();
    expect(() => read(nested(MAX_NESTING + 2))).toThrow(MalformedSession);
    expect(() => read(nested(1_000_000))).toThrow(MalformedSession);
    expect(() => read(`[${'{},'.repeat(MAX_OBJECTS)}{}]`)).toThrow(`more than ${MAX_OBJECTS} objects`);
    expect(() => read(`-${'9'.repeat(MAX_INT_DIGITS)}`)).not.toThrow();
    expect(() => read('9'.repeat(MAX_INT_DIGITS + 1))).toThrow(MalformedSession);
  });

  it('ends in a value or MalformedSession, whatever the bytes', () => {
    const characters = fc.constantFrom(...'[]{}",:\\u0123456789abcdefNaItrue-+. é'.split(''));
    fc.assert(
      fc.property(fc.array(characters, { maxLength: 40 }), (text) => {
        try {
          read(text.join(''));
        } catch (error) {
          expect(error).toBeInstanceOf(MalformedSession);
        }
      }),
      { numRuns: 20_000 },
    );
  });
});
