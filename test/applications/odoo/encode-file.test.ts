import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { encodeFile } from '../../../src/applications/odoo/encode-file.js';
import { FILE_FORMATS, type FileFormat, fileFormatOf } from '../../../src/applications/odoo/file-format.js';
import type { ValueEncoding } from '../../../src/applications/odoo/profile.js';
import { MalformedSession, UnsupportedSession } from '../../../src/errors.js';
import { encodeJson } from '../../../src/python/json-write.js';
import { unpickle } from '../../../src/python/pickle/read.js';
import { ByteSink } from '../../../src/python/sink.js';
import type { PyDict, PyValue } from '../../../src/python/values.js';
import { dictOf, type Notation, toNotation } from '../../support/python-notation.js';
import { askPython, hasPython } from '../../support/python-oracle.js';
import { jsonData, pythonValues } from '../../support/python-values.js';

const formatOf = (odoo: string) => fileFormatOf(odoo) as FileFormat;
const PICKLED = FILE_FORMATS.filter(({ protocol }) => protocol !== null);
const JSON_FILES = FILE_FORMATS.filter(({ protocol }) => protocol === null);

/** The file, and whether it is the value's own bytes. */
function fileOf(odoo: string, encoding: ValueEncoding, value: Buffer): { bytes: Buffer; isVerbatim: boolean } {
  const sink = new ByteSink(64, 2 ** 22);
  const root = value[0] === 0x80 ? unpickle(value, 0, value.length) : null;
  const isMade = encodeFile(formatOf(odoo), encoding, value, root, sink);
  return { bytes: isMade ? Buffer.from(sink.view()) : value, isVerbatim: !isMade };
}

function jsonOf(value: PyValue, dialect: 'plain' | 'c2c'): Buffer {
  const sink = new ByteSink(64, 2 ** 22);
  encodeJson(value, dialect, sink);
  return Buffer.from(sink.view());
}

const sessions = fc.dictionary(fc.string({ maxLength: 8 }), jsonData).map((members) => dictOf(Object.entries(members)));
const richSessions = fc
  .dictionary(fc.string({ maxLength: 8 }), pythonValues, { maxKeys: 3 })
  .map((members) => dictOf(Object.entries(members)));

describe('a JSON value', () => {
  it.each(JSON_FILES.map(({ odoo }) => odoo))('is the file of Odoo %s, byte for byte', (odoo) => {
    for (const text of [
      '{"a": 1E400,\t"a":1.0, "b":NaN}',
      '{}',
      ' {"_type": "set"}\n',
      '{"x": {"_type": "y", "value": 1}}',
    ]) {
      for (const encoding of ['json', 'verbatim'] as const) {
        expect(fileOf(odoo, encoding, Buffer.from(text))).toEqual({ bytes: Buffer.from(text), isVerbatim: true });
      }
    }
    const text = Buffer.from('{"x": {"_type": "y", "value": 1}, "y": "_type"}');
    expect(fileOf(odoo, 'c2c-json', text)).toEqual({ bytes: text, isVerbatim: true });
  });

  it('with a time zone is a file of an Odoo that loads zones, and of none that takes such a file for empty', () => {
    const value = Buffer.from('{"at": {"_type": "datetime_isoformat", "value": "2024-02-29T12:00:00+02:00"}}');
    for (const { odoo, isRestricted, protocol } of PICKLED) {
      if (!isRestricted && protocol !== 2)
        expect(fileOf(odoo, 'c2c-json', value).bytes.toString()).toContain('timezone');
      else expect(() => fileOf(odoo, 'c2c-json', value)).toThrow('a datetime with a time zone');
    }
    expect(PICKLED.filter(({ isRestricted }) => isRestricted).map(({ odoo }) => odoo)).toEqual(['17']);
  });

  it('with a MultiDict is no file of an Odoo that loads no class of werkzeug', () => {
    const form = 'cwerkzeug.datastructures\nMultiDict\n](X\x01\0\0\0aK\x01\x86e\x85R';
    const value = Buffer.from(`\x80\x02}X\x04\0\0\0form${form}s.`, 'latin1');
    expect(() => fileOf('17', 'pickle', value)).toThrow('class werkzeug.datastructures.MultiDict');
    expect(fileOf('16', 'pickle', value).bytes.toString('latin1')).toContain('MultiDict');
  });

  it('with a type of camptocamp has no place in a JSON file', () => {
    const value = Buffer.from('{"at": {"_type": "date_isoformat", "value": "2024-02-29"}}');
    expect(() => fileOf('19', 'c2c-json', value)).toThrow(UnsupportedSession);
    expect(fileOf('19', 'json', value).isVerbatim).toBe(true);
  });

  it.each(PICKLED.map(({ odoo }) => odoo))('is the same JSON again behind a file of Odoo %s', (odoo) => {
    fc.assert(
      fc.property(sessions, (session) => {
        const value = jsonOf(session, 'plain');
        const { bytes } = fileOf(odoo, 'json', value);
        expect(bytes[1]).toBe(formatOf(odoo).protocol);
        expect(jsonOf(unpickle(bytes, 0, bytes.length), 'plain')).toEqual(value);
      }),
    );
  });

  it.each(['9', '12', '16', '17'])('with types of camptocamp is the same again behind a file of Odoo %s', (odoo) => {
    let compared = 0;
    fc.assert(
      fc.property(richSessions, (session) => {
        let value: Buffer;
        try {
          value = jsonOf(session, 'c2c');
        } catch {
          return;
        }
        compared++;
        const { bytes } = fileOf(odoo, 'c2c-json', value);
        expect(jsonOf(unpickle(bytes, 0, bytes.length), 'c2c')).toEqual(value);
      }),
      { numRuns: 500 },
    );
    expect(compared).toBeGreaterThan(50);
  });

  it('has the ints among the keys of saved actions again up to Odoo 15, and text from there on', () => {
    const value = Buffer.from('{"saved_actions": {"next": 3, "actions": {"2": {}}}}');
    for (const { odoo } of PICKLED) {
      const { bytes } = fileOf(odoo, 'c2c-json', value);
      const saved = (unpickle(bytes, 0, bytes.length) as PyDict).values[0] as PyDict;
      expect((saved.values[1] as PyDict).keys, odoo).toEqual(Number(odoo) <= 15 ? [2] : ['2']);
      expect(jsonOf(unpickle(bytes, 0, bytes.length), 'c2c')).toEqual(value);
    }
  });

  it('that the reader itself fails at becomes no file', () => {
    const value = Buffer.from('{"at": {"_type": "date_isoformat", "value": "soon"}}');
    expect(() => fileOf('12', 'c2c-json', value)).toThrow(MalformedSession);
    expect(() => fileOf('18', 'c2c-json', value)).toThrow(MalformedSession);
    expect(() => fileOf('12', 'c2c-json', Buffer.from('{"_type": "set", "value": []}'))).toThrow(MalformedSession);
  });
});

describe('a pickled value', () => {
  const pickled = (odoo: string, session: PyDict) => fileOf(odoo, 'c2c-json', jsonOf(session, 'c2c')).bytes;
  const session = dictOf([
    ['uid', 7],
    ['n', 2n ** 70n],
  ]);

  it.each([
    ['10', 2, true],
    ['10', 4, false],
    ['10', 5, false],
    ['12', 2, false],
    ['12', 4, true],
    ['12', 5, false],
    ['16', 2, false],
    ['16', 4, true],
    ['16', 5, false],
    ['17', 4, false],
    ['17', 5, false],
  ])('for Odoo %s of protocol %i is copied: %s', (odoo, protocol, isVerbatim) => {
    const value = pickled({ 2: '10', 4: '12', 5: '17' }[protocol] as string, session);
    expect(value[1]).toBe(protocol);
    const file = fileOf(odoo, 'pickle', value);
    expect(file.isVerbatim).toBe(isVerbatim);
    expect(file.bytes[1]).toBe(isVerbatim ? protocol : formatOf(odoo).protocol);
    expect(toNotation(unpickle(file.bytes, 0, file.bytes.length))).toEqual(toNotation(session));
  });

  it('becomes JSON as Odoo 18 dumps it', () => {
    const value = pickled('17', session);
    expect(fileOf('18', 'pickle', value).bytes.toString()).toBe('{"uid": 7, "n": 1180591620717411303424}');
  });

  it('with a type that JSON has no shape for becomes no JSON file', () => {
    const value = Buffer.from('\x80\x04}(\x8c\x03uidK\x07\x8c\x01bC\x01\xffu.', 'latin1');
    expect(() => fileOf('18', 'pickle', value)).toThrow(UnsupportedSession);
    expect(fileOf('16', 'pickle', value).isVerbatim).toBe(true);
  });

  it('names no class in a file of Odoo 17, which would read the session as empty', () => {
    const ordered = Buffer.from(
      '\x80\x04}(\x8c\x01occollections\nOrderedDict\n)R\x8c\x01bcbuiltins\nbytearray\nC\x01x\x85Ru.',
      'latin1',
    );
    expect(fileOf('16', 'pickle', ordered).bytes.includes('OrderedDict')).toBe(true);
    const { bytes } = fileOf('17', 'pickle', ordered);
    expect(bytes.toString('latin1')).not.toMatch(/OrderedDict|builtins|collections/);
    expect(toNotation(unpickle(bytes, 0, bytes.length))).toEqual({
      dict: [
        ['o', { dict: [] }],
        ['b', { bytearray: '78' }],
      ],
    });
  });
});

describe.skipIf(!hasPython)('CPython', () => {
  it.each(['9', '15', '17'])('loads a file of Odoo %s as what json.loads makes of its value', (odoo) => {
    const values = fc.sample(sessions, 200).map((session) => jsonOf(session, 'plain').toString());
    const loaded = askPython(
      values.map((text) => ['loads', fileOf(odoo, 'json', Buffer.from(text)).bytes.toString('hex')]),
    );
    const parsed = askPython(values.map((text) => ['json-loads', text]));
    expect(loaded.filter((answer: Notation) => answer === null)).toEqual([]);
    expect(loaded).toEqual(parsed);
  });
});

describe('a pickled time with a zone', () => {
  /** `{'at': datetime.datetime(2024, 2, 29, tzinfo=...)}` as `pickle.dumps` writes it by protocol 2, less its memos. */
  const begin =
    '\x80\x02}X\x02\0\0\0atcdatetime\ndatetime\nc_codecs\nencode\nX\x0b\0\0\0\x07\xc3\xa8\x02\x1d\0\0\0\0\0\0';
  const encoding = 'X\x06\0\0\0latin1\x86R';
  const getter = 'c__builtin__\ngetattr\nczoneinfo\nZoneInfo\nX\x09\0\0\0_unpickle\x86R';

  it.each([
    ['datetime.timezone', 'cdatetime\ntimezone\ncdatetime\ntimedelta\nK\0K\0K\0\x87R\x85R'],
    ['zoneinfo.ZoneInfo', `${getter}X\x03\0\0\0UTCK\x01\x86R`],
  ])('of %s is the file of an Odoo on Python 3, and refused for one on Python 2, which cannot load it', (_, zone) => {
    const value = Buffer.from(`${begin}${encoding}${zone}\x86Rs.`, 'latin1');
    expect(fileOf('12', 'pickle', value).bytes.includes('timezone')).toBe(true);
    expect(() => fileOf('10', 'pickle', value)).toThrow(/time zone/);
  });
});
