import { describe, expect, it } from 'vitest';
import { MalformedSession, UnsupportedSession } from '../../../src/errors.js';
import { unpickle } from '../../../src/python/pickle/read.js';
import { type PyDict, PyTuple, type PyValue } from '../../../src/python/values.js';
import { PICKLE_FIXTURES, pickleOf } from '../../support/pickle-fixtures.js';
import { fromNotation, type Notation, toNotation } from '../../support/python-notation.js';

/** A pickle from text with a byte for each character. */
function read(latin1: string): PyValue {
  return unpickle(Buffer.from(latin1, 'latin1'));
}

function notationOf(latin1: string): Notation {
  return toNotation(read(latin1));
}

describe('unpickle', () => {
  it.each(PICKLE_FIXTURES)('reads $name as CPython does', ({ bytes, expected }) => {
    expect(toNotation(unpickle(bytes))).toEqual(toNotation(fromNotation(expected.value)));
  });

  it('has fixtures of every protocol and of Python 2', () => {
    expect(new Set(PICKLE_FIXTURES.map(({ protocol }) => protocol))).toEqual(new Set([0, 1, 2, 3, 4, 5]));
    expect(PICKLE_FIXTURES.filter((fixture) => fixture.case.startsWith('python2-'))).toHaveLength(11);
    expect(PICKLE_FIXTURES.filter((fixture) => fixture.case.startsWith('werkzeug-'))).toHaveLength(42);
  });

  it('tells one value from another', () => {
    expect(toNotation(unpickle(pickleOf('odoo-8', 2)))).not.toEqual(toNotation(unpickle(pickleOf('odoo-10', 2))));
  });

  it('reads the part of a buffer that it is told', () => {
    const pickle = pickleOf('odoo-17', 4);
    const buffer = Buffer.concat([Buffer.from('}}}'), pickle, Buffer.from('.N.')]);
    expect(unpickle(buffer, 3, 3 + pickle.length)).toEqual(unpickle(pickle));
    expect(() => unpickle(buffer, 3, 3 + pickle.length - 1)).toThrow(MalformedSession);
  });

  it('takes any byte array, not only a Buffer', () => {
    expect(unpickle(new Uint8Array([0, 0x4b, 7, 0x2e]).subarray(1))).toBe(7);
  });

  it('keeps nothing of the buffer, which is read into again', () => {
    const buffer = Buffer.from(pickleOf('bytes', 4));
    const value = unpickle(buffer);
    const before = JSON.stringify(toNotation(value));
    buffer.fill(0);
    expect(JSON.stringify(toNotation(value))).toBe(before);
  });

  it('does not look behind STOP, as pickle.load does not', () => {
    expect(read('N.garbage')).toBe(null);
  });

  it.each<[string, string, Notation]>([
    ['POP drops a value', 'K\x01K\x020.', { int: '1' }],
    ['POP drops a mark that has nothing above it', 'K\x01(0.', { int: '1' }],
    ['POP_MARK drops all since the mark', 'K\x01(K\x02K\x031.', { int: '1' }],
    ['DUP repeats a value', 'K\x012\x86.', { tuple: [{ int: '1' }, { int: '1' }] }],
    [
      'LONG_BINPUT and LONG_BINGET',
      'K\x01r\x00\x01\x00\x00j\x00\x01\x00\x00\x86.',
      { tuple: [{ int: '1' }, { int: '1' }] },
    ],
    [
      'MEMOIZE counts the places taken',
      'K\x01q\x05\x94K\x02\x94h\x01h\x02\x86.',
      { tuple: [{ int: '1' }, { int: '2' }] },
    ],
    ['DICT takes pairs', '(K\x01Nd.', { dict: [[{ int: '1' }, null]] }],
    ['a later equal key wins, at the place of the first', '(K\x01NK\x02NI01\nK\x03d.', dict([1, 3], [2, null])],
    [
      'text of Python 2 is the same key as unicode',
      '(U\x01aK\x01X\x01\0\0\0aK\x02d.',
      { dict: [[{ text: '61' }, { int: '2' }]] },
    ],
    ['LIST, APPEND', '(K\x01lNa.', [{ int: '1' }, null]],
    ['BINUNICODE8', '\x8d\x01\0\0\0\0\0\0\0a.', 'a'],
    ['BINBYTES8', '\x8e\x01\0\0\0\0\0\0\0a.', { bytes: '61' }],
    ['BYTEARRAY8', '\x96\x01\0\0\0\0\0\0\0a.', { bytearray: '61' }],
    ['LONG1 without bytes is zero', '\x8a\x00.', { int: '0' }],
    ['LONG4', '\x8b\x02\0\0\0\xff\x80.', { int: '-32513' }],
    ['LONG1 of eight bytes', '\x8a\x08\0\0\0\0\0\0\0\x80.', { int: '-9223372036854775808' }],
    ['LONG without L, negative zero', 'L-0\n.', { int: '0' }],
    ['INT of C: octal', 'I012\n.', { int: '10' }],
    ['INT of C: hexadecimal', 'I0x1F\n.', { int: '31' }],
    ['INT of two characters that are zero', 'I-0\n.', false],
    ['INT of two characters that are one', 'I+1\n.', true],
    ['INT with white space behind it', 'I1 \n.', { int: '1' }],
    ['INT up to NUL', 'I7\0x\n.', { int: '7' }],
    ['INT of NUL', 'I\0x\n.', false],
    ['LONG of a literal', 'L1_000L\n.', { int: '1000' }],
    ['PUT and GET of a number with a sign', 'K\x07p+1\n0g1_\n.'.replace('_', ''), { int: '7' }],
    ['FLOAT inf', 'F-inf\n.', { float: '-Infinity' }],
    ['FLOAT nan', 'Fnan\n.', { float: 'NaN' }],
    ['EMPTY_SET, ADDITEMS', '\x8f(K\x01I01\n\x90.', { set: [{ int: '1' }] }],
    ['FROZENSET', '(K\x01\x91.', { frozenset: [{ int: '1' }] }],
    ['a surrogate in UTF-8', 'X\x03\0\0\0\xed\xa0\x80.', '\ud800'],
    ['a byte order mark is text', 'X\x03\0\0\0\xef\xbb\xbf.', '\ufeff'],
  ])('%s', (_, pickle, expected) => {
    expect(notationOf(pickle)).toEqual(expected);
  });

  it('reads a value that contains itself', () => {
    const list = read(']q\0h\0a.') as PyValue[];
    expect(list[0]).toBe(list);
  });

  it('shares what the memo shares', () => {
    const shared = read(pickleOf('shared', 2).toString('latin1')) as PyDict;
    expect(shared.values[0]).toBe(shared.values[1]);
  });

  it('reads tuples of tuples without a limit of its own, for it never walks them', () => {
    let value = read(`N${'\x85'.repeat(90_000)}.`);
    let depth = 0;
    for (; value instanceof PyTuple; value = value.items[0] as PyValue) depth++;
    expect(depth).toBe(90_000);
  });

  it.each<[string, string, string, number]>([
    ['an empty file', '', 'ends without STOP', 0],
    ['a missing STOP', 'N', 'ends without STOP', 1],
    ['STOP without a value', '.', 'stack is empty', 1],
    ['STOP above a mark', 'N(.', 'stack is empty', 3],
    ['a protocol to come', '\x80\x06N.', 'pickle protocol above 5', 2],
    ['a byte that is no opcode', '\xff', 'no opcode 0xff', 1],
    ['JSON', '{"uid": 1}', 'no opcode 0x7b', 1],
    ['a count beyond the end', 'X\xff\xff\xff\x7fab', 'a count runs past the end', 5],
    ['a count beyond all files', '\x8d\0\0\0\0\0\0\0\x80ab', 'a count runs past the end', 9],
    ['a negative count', 'T\xff\xff\xff\xffab', 'negative count', 5],
    ['a frame beyond the end', '\x80\x04\x95\xff\0\0\0\0\0\0\0N.', 'a count runs past the end', 11],
    ['text that is not UTF-8', 'X\x02\0\0\0\xc3(.', 'text is not UTF-8', 7],
    ['an empty place of the memo', 'h\x07.', 'memo place is empty', 2],
    ['a place that is no number', 'Np-1\n.', 'no memo place', 5],
    ['PUT of nothing', 'q\0.', 'stack is empty', 2],
    ['TUPLE2 of one value', 'N\x86.', 'stack is empty', 2],
    ['TUPLE1 across a mark', 'N(\x85.', 'stack is empty', 3],
    ['TUPLE without a mark', 'Nt.', 'no mark', 2],
    ['POP of nothing', '0.', 'no mark', 1],
    ['APPEND to a dict', '}Na.', 'APPEND to what is no list', 3],
    ['APPENDS to a dict', '}(Ne.', 'APPENDS to what is no list', 4],
    ['APPENDS to nothing', '(Ne.', 'APPENDS to what is no list', 3],
    ['SETITEM on a list', ']NNs.', 'item for what is no dict', 4],
    ['SETITEM across a mark', '}(NNs.', 'item for what is no dict', 5],
    ['SETITEMS of a key alone', '}(Nu.', 'key without a value', 4],
    ['ADDITEMS to a frozenset', '(\x91(N\x90.', 'ADDITEMS to what is no set', 5],
    ['a list as a key', '}]Ns.', 'unhashable key', 4],
    ['a set in a set', '\x8f(\x8f\x90.', 'unhashable item', 4],
    ['INT of words', 'Ione\n.', 'no decimal integer', 5],
    ['FLOAT of words', 'F1.5.5\n.', 'no decimal float', 7],
    ['FLOAT beyond range', 'F1e999\n.', 'no decimal float', 7],
    ['STRING without quotes', 'Sabc\n.', 'no quoted byte string', 5],
    ['UNICODE with a broken escape', 'V\\u12\n.', 'no raw-unicode-escape text', 6],
    ['a line without an end', 'Vabc', 'ends in the middle of a line', 1],
    ['a persistent id', 'Pfake-id\n.', 'persistent id', 1],
    ['a persistent id from the stack', 'NQ.', 'persistent id', 2],
    ['a code of the extension registry', '\x82\x01.', 'code of the extension registry', 1],
    ['a buffer outside of the pickle', '\x97.', 'buffer outside of the pickle', 1],
  ])('refuses %s', (_, pickle, reason, offset) => {
    expect(failureOf(pickle)).toEqual({ type: MalformedSession, reason, offset });
  });
});

function failureOf(pickle: string): unknown {
  try {
    return notationOf(pickle);
  } catch (error) {
    if (!(error instanceof MalformedSession || error instanceof UnsupportedSession)) throw error;
    return { type: error.constructor, reason: error.reason, offset: error.offset };
  }
}

function dict(...pairs: [number, number | null][]): Notation {
  return { dict: pairs.map(([key, value]) => [{ int: String(key) }, value === null ? null : { int: String(value) }]) };
}
