import { describe, expect, it } from 'vitest';
import { MalformedSession, UnsupportedSession } from '../../../src/errors.js';
import { unpickle } from '../../../src/python/pickle/read.js';
import { encodePickle } from '../../../src/python/pickle/write.js';
import { ByteSink } from '../../../src/python/sink.js';
import { type Notation, toNotation } from '../../support/python-notation.js';

function read(latin1: string): Notation {
  return toNotation(unpickle(Buffer.from(latin1, 'latin1')));
}

function failureOf(latin1: string): MalformedSession | UnsupportedSession {
  try {
    // Nothing but a copy of the pickle can hold an object that is no data.
    encodePickle(unpickle(Buffer.from(latin1, 'latin1')), 5, new ByteSink(64, 1 << 20));
  } catch (error) {
    if (error instanceof MalformedSession || error instanceof UnsupportedSession) return error;
    throw error;
  }
  throw new Error('nothing was refused');
}

describe('a class in a pickle', () => {
  it.each<[string, string, string, number]>([
    ['GLOBAL and REDUCE', "cos\nsystem\n(S'rm -rf /'\ntR.", 'class os.system', 11],
    ['GLOBAL alone', 'cposix\nsystem\n.', 'class posix.system', 14],
    ['STACK_GLOBAL', '\x80\x04\x8c\x08builtins\x8c\x04eval\x93.', 'class builtins.eval', 19],
    ['INST', "(S'id'\nios\nsystem\n.", 'class os.system', 18],
    ['OBJ', "(cos\nsystem\nS'id'\no.", 'class os.system', 12],
    [
      'a dotted name',
      '\x80\x04\x8c\x08datetime\x8c\x13datetime.__reduce__\x93.',
      'class datetime.datetime.__reduce__ itself',
      34,
    ],
    ['Decimal', "cdecimal\nDecimal\n(S'1'\ntR.", 'class decimal.Decimal', 17],
  ])('is refused by name: %s', (_, pickle, reason, offset) => {
    expect(failureOf(pickle)).toEqual(new UnsupportedSession(reason, offset));
  });

  it('is shown with at most 64 characters', () => {
    const { reason } = failureOf(`c${'package.'.repeat(12)}module\nName\n)\x81.`);
    expect(reason).toBe(`class ${'package.'.repeat(12).slice(0, 61)}...`);
  });

  it.each([
    ['control characters', 'c\x1b[2J\nName\n.'],
    ['letters beyond ASCII', 'cmod\xfcl\nName\n.'],
    ['no dot', 'c\nName\n.'],
    ['a token', `c${'facade00'.repeat(8)}\nName\n.`],
    ['text of protocol 0 behind a damaged opcode', 'csecret\np12\n.'],
    ['a megabyte', `c${'a.'.repeat(2 ** 20)}\nName\n.`],
  ])('is not shown if it looks like no name: %s', (_, pickle) => {
    expect(failureOf(pickle)).toMatchObject({ name: 'MalformedSession', reason: 'name of a class is no name' });
  });

  it.each(['__proto__', 'constructor', 'toString'])(
    'named like a part of a JavaScript object is refused: %s',
    (name) => {
      expect(failureOf(`cdatetime\n${name}\n.`)).toBeInstanceOf(UnsupportedSession);
    },
  );

  it('cannot be left as a value, wherever it is', () => {
    const type = 'cdatetime\ndatetime\n';
    for (const pickle of [
      `${type}.`,
      `](${type}e.`,
      `}${type}Ns.`,
      `}N${type}s.`,
      `${type}\x85\x85.`,
      `(${type}\x91.`,
    ]) {
      expect(failureOf(pickle)).toMatchObject({ what: 'class datetime.datetime itself' });
    }
  });

  it('may be dropped again', () => {
    expect(read('Ncdatetime\ndatetime\n0.')).toBe(null);
  });

  it('is found in a value that contains itself', () => {
    expect(failureOf(']q\0cdatetime\ndatetime\nah\0a.').reason).toBe('class datetime.datetime itself');
    expect(read('cdatetime\ndatetime\n0]K\x01a.')).toEqual([{ int: '1' }]);
  });

  it.each<[string, string, Notation]>([
    ['a set of Python 2 by INST', '((lI1\nai__builtin__\nset\n.', { set: [{ int: '1' }] }],
    ['a set by OBJ', '(c__builtin__\nset\n](K\x01K\x01eo.', { set: [{ int: '1' }] }],
    ['a set without arguments', 'cbuiltins\nset\n)R.', { set: [] }],
    ['bytes without arguments', 'c__builtin__\nbytes\n)R.', { bytes: '' }],
    ['bytes of Latin-1', 'c_codecs\nencode\nV\xff\nVlatin1\n\x86R.', { bytes: 'ff' }],
    ['a bytearray of bytes', '\x80\x03cbuiltins\nbytearray\nC\x01\xff\x85R.', { bytearray: 'ff' }],
    ['a date', 'cdatetime\ndate\nU\x04\x07\xe4\x02\x1d\x85R.', { date: [2020, 2, 29] }],
    [
      'a datetime with a time zone of None',
      'cdatetime\ndatetime\nU\n\x07\xe4\x02\x1d\0\0\0\0\0\0N\x86R.',
      { datetime: [2020, 2, 29, 0, 0, 0, 0] },
    ],
    ['an OrderedDict of pairs', 'ccollections\nOrderedDict\n]]U\x01aaNaa\x85R.', { dict: [[{ text: '61' }, null]] }],
    ['BUILD without a state', 'ccollections\nOrderedDict\n)R}b.', { dict: [] }],
    ['NEWOBJ_EX without keywords', 'ccollections\nOrderedDict\n)}\x92.', { dict: [] }],
    [
      'MultiDict of werkzeug 3',
      'cwerkzeug.datastructures.structures\nMultiDict\n)\x81}U\x01a](K\x01K\x02esb.',
      { dict: [[{ text: '61' }, { int: '1' }]] },
    ],
    [
      'a MultiDict leaves out a key without values',
      'cwerkzeug.datastructures\nMultiDict\n)\x81}(U\x01a]U\x01bK\x01\x85ub.',
      { dict: [[{ text: '62' }, { int: '1' }]] },
    ],
    [
      'a MultiDict of a MultiDict',
      'cwerkzeug.datastructures\nMultiDict\nq\0}U\x01a]]K\x01aas\x85Rq\x010h\0h\x01\x85R.',
      { dict: [[{ text: '61' }, [{ int: '1' }]]] },
    ],
  ])('becomes data: %s', (_, pickle, expected) => {
    expect(read(pickle)).toEqual(expected);
  });

  it('loses nothing of a time zone: one that is not understood is refused', () => {
    const aware = 'cdatetime\ndatetime\nU\n\x07\xe4\x02\x1d\0\0\0\0\0\0ca.b\nZone\n)R\x86R.';
    expect(failureOf(aware).reason).toBe('class datetime.datetime with a time zone');
    expect(failureOf(aware.replace('datetime\nU\n\x07\xe4\x02\x1d', 'time\nU\x06')).reason).toBe(
      'class datetime.time with a time zone',
    );
  });

  it.each([
    'K\x01',
    ']',
    '}',
    'C\x01a',
    'U\x01a',
    'cdatetime\ntimezone\n',
    'cbuiltins\nset\n)R',
    'cdatetime\ntimedelta\n)R',
  ])('takes no %j for a time zone, as CPython does not', (zone) => {
    for (const date of ['datetime\nU\n\x07\xe4\x02\x1d\0\0\0\0\0\0', 'time\nU\x06\0\0\0\0\0\0']) {
      const failure = failureOf(`cdatetime\n${date}${zone}\x86R.`);
      expect(failure).toMatchObject({
        name: 'MalformedSession',
        reason: expect.stringContaining('unexpected arguments'),
      });
    }
  });

  it.each([
    ['text', 'U\x01aU\x02xy', [[{ text: '61' }, 'x']]],
    ['an empty text', 'U\x01aU\0', []],
    ['an empty list', 'U\x01a]', []],
    ['an empty tuple', 'U\x01a)', []],
    ['text beyond the first plane', '\x8c\x01aX\x05\0\0\0\xf0\x9f\x9b\x92x', [['a', '\u{1f6d2}']]],
  ])('gives what MultiDict.items() gives for a state with %s', (_, pair, expected) => {
    expect(read(`cwerkzeug.datastructures\nMultiDict\n)\x81}(${pair}ub.`)).toEqual({ dict: expected });
  });

  it.each(['K\x05', 'N', '}', '\x88'])(
    'leaves a MultiDict whose state has a %j to be copied with its pickle',
    (value) => {
      expect(failureOf(`cwerkzeug.datastructures\nMultiDict\n)\x81}(U\x01a${value}ub.`).reason).toBe(
        'class of a MultiDict without a list',
      );
    },
  );

  it.each([']', 'C\x01a', 'K\x01', 'cbuiltins\nset\n)R'])('sets no attributes of %j, which has none', (value) => {
    expect(failureOf(`${value}}b.`)).toMatchObject({ name: 'MalformedSession' });
  });

  it.each<[string, string, string]>([
    ['a call of a value', 'N)R.', 'calls what is no class'],
    ['arguments that are no tuple', 'c__builtin__\nset\n]R.', 'arguments are no tuple'],
    ['a set of text', 'c__builtin__\nset\nU\x02ab\x85R.', '__builtin__.set with unexpected arguments'],
    ['a set of lists', 'c__builtin__\nset\n]]a\x85R.', '__builtin__.set with unexpected arguments'],
    [
      'a datetime of numbers',
      'cdatetime\ndatetime\nK\x01K\x01K\x01\x87R.',
      'datetime.datetime with unexpected arguments',
    ],
    [
      'a state of the wrong size',
      'cdatetime\ndate\nU\x03\x07\xe4\x01\x85R.',
      'datetime.date with unexpected arguments',
    ],
    [
      'bytes of text beyond Latin-1',
      'c_codecs\nencode\nV\\u0100\nVlatin1\n\x86R.',
      '_codecs.encode with unexpected arguments',
    ],
    ['another codec', 'c_codecs\nencode\nVa\nVrot13\n\x86R.', '_codecs.encode with unexpected arguments'],
    [
      'a mapping of three in a row',
      'ccollections\nOrderedDict\n]NNN\x87a\x85R.',
      'collections.OrderedDict with unexpected arguments',
    ],
    [
      'a mapping with a list for a key',
      'ccollections\nOrderedDict\n]]N\x86a\x85R.',
      'collections.OrderedDict with unexpected arguments',
    ],
    ['object', 'c__builtin__\nobject\n)R.', '__builtin__.object with unexpected arguments'],
    [
      '_reconstructor of values',
      'ccopy_reg\n_reconstructor\nNNN\x87R.',
      'copy_reg._reconstructor with unexpected arguments',
    ],
    [
      'a state that is no mapping',
      'cwerkzeug.datastructures\nMultiDict\n)\x81K\x01b.',
      'unexpected state of a MultiDict',
    ],
    ['a class name that is no text', 'NN\x93.', 'name of a class is no text'],
  ])('is malformed where CPython would fail: %s', (_, pickle, reason) => {
    expect(failureOf(pickle)).toMatchObject({ name: 'MalformedSession', reason });
  });

  it.each<[string, string]>([
    ['attributes', 'ccollections\nOrderedDict\n)R}U\x01aNsb.'],
    ['arguments for __new__', 'ccollections\nOrderedDict\n]\x85\x81.'],
    ['keyword arguments', 'ccollections\nOrderedDict\n)}U\x01aNs\x92.'],
  ])('is unsupported with %s', (_, pickle) => {
    expect(failureOf(pickle)).toBeInstanceOf(UnsupportedSession);
  });
});
