import { describe, expect, it } from 'vitest';
import { encodeValue } from '../../../src/applications/odoo/encode-value.js';
import { pickleProtocolOf, SessionParser } from '../../../src/applications/odoo/parse.js';
import { MalformedSession, UnsupportedSession } from '../../../src/errors.js';
import { ByteSink } from '../../../src/python/sink.js';
import { newFacts } from '../../../src/session.js';

const JSON_READER = { encoding: 'c2c-json', pickleProtocol: 5, oldestVerbatimProtocol: 0 } as const;
const PICKLE_READER = { encoding: 'pickle', pickleProtocol: 5, oldestVerbatimProtocol: 0 } as const;

/** What a reader gets of the session `{'x': ...}`; the file itself where it is copied. */
function valueFor(reader: typeof JSON_READER | typeof PICKLE_READER, latin1: string): string {
  const bytes = Buffer.from(`\x80\x04}\x8c\x01x${latin1}s.`, 'latin1');
  const sink = new ByteSink(64, 1 << 20);
  const root = new SessionParser().parse(bytes, bytes.length, newFacts());
  const isMade = encodeValue(reader, bytes, pickleProtocolOf(bytes), root, sink);
  return isMade ? sink.view().toString('latin1') : bytes.toString('latin1');
}

function reasonFor(latin1: string): string {
  try {
    valueFor(JSON_READER, latin1);
  } catch (error) {
    if (error instanceof UnsupportedSession) return error.reason;
    throw error;
  }
  throw new Error('nothing was refused');
}

const text = (value: string) => `\x8c${String.fromCharCode(value.length)}${value}`;
const type = (module: string, name: string) => `${text(module)}${text(name)}\x93`;
const UTC = 'cdatetime\ntimezone\ncdatetime\ntimedelta\nK\0K\0K\0\x87R\x85R';
const NOON = 'C\n\x07\xea\x0b\x1a\x0c\0\0\0\0\0';

describe('for a reader of JSON, an object of a subclass', () => {
  it.each([
    ['of dict', `${type('odoo.tools.misc', 'frozendict')})\x81}b(${text('lang')}${text('en')}u`, '{"lang": "en"}'],
    ['of dict, without items, known by name', `${type('odoo.tools.misc', 'frozendict')})\x81`, '{}'],
    ['defaultdict', `ccollections\ndefaultdict\ncbuiltins\nlist\n\x85R${text('a')}]K\x01as`, '{"a": [1]}'],
    ['Counter', `ccollections\nCounter\n}${text('a')}K\x02s\x85R`, '{"a": 2}'],
    ['of OrderedDict', `${type('addons.a', 'Sorted')})R${text('a')}Ns`, '{"a": null}'],
    ['of str', `${type('markupsafe', 'Markup')}${text('<b>')}\x85\x81`, '"<b>"'],
    ['of str, with attributes', `${type('a.b', 'Name')}${text('n')}\x85\x81}${text('k')}Nsb`, '"n"'],
    ['of int', `${type('a.b', 'Id')}K\x07\x85\x81`, '7'],
    ['of float', `${type('a.b', 'Price')}G\x3f\xf0\0\0\0\0\0\0\x85\x81`, '1.0'],
    ['an enum of ints', `${type('a.b', 'Step')}K\x02\x85R`, '2'],
    ['of list', `${type('a.b', 'Rows')})\x81(K\x01K\x02e`, '[1, 2]'],
    ['of tuple', `${type('a.b', 'Pair')}K\x01K\x02\x86\x85\x81`, '[1, 2]'],
    ['a named tuple', `${type('a.geo', 'Point')}K\x01K\x02\x86\x81`, '[1, 2]'],
    ['of protocol 1', `ccopy_reg\n_reconstructor\nca.b\nName\nc__builtin__\nunicode\n${text('n')}\x87R`, '"n"'],
    [
      'a datetime of UTC',
      `cdatetime\ndatetime\n${NOON}${UTC}\x86R`,
      '{"_type": "datetime_isoformat", "value": "2026-11-26T12:00:00+00:00"}',
    ],
    [
      'a datetime of pytz',
      `cdatetime\ndatetime\n${NOON}cpytz\n_p\n(${text('Europe/Brussels')}M\x10\x0eK\0${text('CET')}tR\x86R`,
      '{"_type": "datetime_isoformat", "value": "2026-11-26T12:00:00+01:00"}',
    ],
  ])('becomes what json.dumps makes of its base: %s', (_, pickle, json) => {
    expect(valueFor(JSON_READER, pickle)).toBe(`{"x": ${json}}`);
  });

  it.each([
    ['an object of its own kind', `${type('a.b', 'Thing')})\x81}${text('k')}Nsb`, 'class a.b.Thing: member x'],
    ['Decimal', `cdecimal\nDecimal\n${text('1')}\x85R`, 'class decimal.Decimal: member x'],
    ['UUID', `cuuid\nUUID\n)\x81}${text('int')}K\x01sb`, 'class uuid.UUID: member x'],
    ['a call of a function', `ca.b\nmake\nK\x01\x85R`, 'class a.b.make: member x'],
    ['a class itself', 'ca.b\nThing\n', 'class a.b.Thing itself: member x'],
    ['bytes, deeper', `}${text('image')}C\x01as`, 'JSON cannot hold a bytes: member x.image'],
    ['a name from elsewhere', `}${text('\x1b]0;')}C\x01as`, 'JSON cannot hold a bytes: member x.\\x1b]0;'],
    ['a token', `}${text('0a'.repeat(20))}C\x01as`, 'JSON cannot hold a bytes: member x.0a0a0a0a*'],
  ])('is refused where there is none, and the member named: %s', (_, pickle, reason) => {
    expect(reasonFor(pickle)).toBe(reason);
  });
});

describe('a class itself', () => {
  it.each([
    ['pairs', `cdatetime\ntime\n${text('secret')}Ns`],
    ['items', 'cdatetime\ntime\nK\x01a'],
    ['pairs, of an unknown class', `${type('a.b', 'Env')}${text('secret')}Ns`],
    ['items, of an unknown class', `${type('a.b', 'Env')}](K\x01e0K\x01a`],
  ])('takes no %s, which the next file would find in it', (_, pickle) => {
    expect(() => valueFor(PICKLE_READER, pickle)).toThrow(MalformedSession);
    expect(reasonFor('cdatetime\ntime\n')).toBe('class datetime.time itself: member x');
  });
});

describe('for a reader of pickles', () => {
  it.each([
    ['an object of its own kind', `${type('a.b', 'Thing')})\x81}${text('k')}Nsb`],
    ['Decimal', `cdecimal\nDecimal\n${text('1')}\x85R`],
    ['a subclass of dict', `${type('a.b', 'Env')})\x81${text('k')}Ns`],
    ['a class itself', 'ca.b\nThing\n'],
  ])('is copied with its file: %s', (_, pickle) => {
    expect(valueFor(PICKLE_READER, pickle)).toContain(pickle);
  });

  it.each(['cos\nsystem\n', 'cposix\nsystem\n', 'cbuiltins\neval\n', 'csubprocess\nPopen\n'])(
    'moves nothing that runs a command: %j',
    (type) => {
      expect(() => valueFor(PICKLE_READER, `${type}${text('id')}\x85R`)).toThrow(UnsupportedSession);
    },
  );

  it('gets all values of a MultiDict, pickled anew', () => {
    const form = `cwerkzeug.datastructures\nImmutableMultiDict\n](${text('a')}K\x01\x86${text('a')}K\x02\x86e\x85R`;
    const older = { ...PICKLE_READER, pickleProtocol: 2 } as unknown as typeof PICKLE_READER;
    expect(valueFor(older, form)).toContain(
      'cwerkzeug.datastructures\nImmutableMultiDict\n](X\x01\0\0\0aK\x01\x86X\x01\0\0\0aK\x02\x86e\x85R',
    );
    expect(valueFor(JSON_READER, form)).toBe('{"x": {"a": 1}}');
  });
});
