import { describe, expect, it } from 'vitest';
import type { ReaderEncoding } from '../../../src/applications/odoo/encode-value.js';
import type { Profile } from '../../../src/applications/odoo/profile.js';
import { profileNamed } from '../../../src/applications/odoo/profiles.js';
import { diffSessions } from '../../../src/applications/odoo/session-diff.js';
import { type Decoded, ValueDecoder } from '../../../src/applications/odoo/stored-values.js';
import type { PyDict } from '../../../src/python/values.js';

const readerOf = (name: string): ReaderEncoding => profileNamed(name) as Profile;
const plain: ReaderEncoding = { ...readerOf('generic'), encoding: 'json' };
const verbatim: ReaderEncoding = { ...readerOf('generic'), encoding: 'verbatim' };
const c2c = readerOf('camptocamp');

const decode = (value: string | Buffer, reader: ReaderEncoding): Decoded =>
  new ValueDecoder(reader).decode(Buffer.from(value as string));

function sessionOf(value: string | Buffer, reader: ReaderEncoding): PyDict {
  const decoded = decode(value, reader);
  if (decoded.state !== 'read') throw new Error(`${decoded.state}: ${decoded.reason}`);
  return decoded.session;
}

const isSame = (one: string | Buffer, other: string | Buffer, reader: ReaderEncoding): boolean =>
  diffSessions(sessionOf(one, reader), sessionOf(other, reader)) === null;

const pickle = (body: string, protocol = 4) => Buffer.from(`\x80${String.fromCharCode(protocol)}${body}`, 'latin1');

describe('two values of a JSON reader', () => {
  it.each([
    ['the order of keys', '{"a": 1, "b": {"c": 2, "d": 3}}', '{"b": {"d": 3, "c": 2}, "a": 1}'],
    ['white space', '{"a": [1, 2]}', ' {\n\t"a":[1,2]\r\n} '],
    ['escapes of text', '{"a": "\\u00e9\\u0041\\/\\n"}', '{"a": "éA/\\u000a"}'],
    ['escapes of keys', '{"\\u0061": 1}', '{"a": 1}'],
    ['a character past U+FFFF as itself or in two halves', '{"a": "\\ud83d\\ude00"}', '{"a": "😀"}'],
    ['how a float is written', '{"a": 1.50, "b": 1e3}', '{"a": 15e-1, "b": 1000.0}'],
    ['an integer zero with a sign', '{"a": -0}', '{"a": 0}'],
    ['NaN', '{"a": NaN, "b": -Infinity}', '{"b": -Infinity, "a": NaN}'],
    ['a key that comes twice', '{"a": 1, "a": 2}', '{"a": 2}'],
    ['integers of any size', '{"a": 123456789012345678901234567890}', '{"a":123456789012345678901234567890}'],
  ])('are the same whatever %s', (_, one, other) => {
    expect(isSame(one, other, plain)).toBe(true);
    expect(isSame(one, other, c2c)).toBe(true);
  });

  it.each([
    ['an int and a float', '{"a": 1}', '{"a": 1.0}'],
    ['an int and a truth', '{"a": 1}', '{"a": true}'],
    ['0.0 and -0.0', '{"a": 0.0}', '{"a": -0.0}'],
    ['big ints that are one double', '{"a": 9007199254740993}', '{"a": 9007199254740992}'],
    ['a big int and its double', '{"a": 1e22}', '{"a": 10000000000000000000000}'],
    ['NaN and null', '{"a": NaN}', '{"a": null}'],
    ['a number and its text', '{"a": 1}', '{"a": "1"}'],
    ['null and no key', '{"a": null}', '{}'],
    ['the order of a list', '{"a": [1, 2]}', '{"a": [2, 1]}'],
    ['a lone surrogate and its escape', '{"a": "\\ud800"}', '{"a": "\\\\ud800"}'],
    ['something deep inside', '{"a": [{"b": [{"c": 1}]}]}', '{"a": [{"b": [{"c": 2}]}]}'],
  ])('are two where there are %s', (_, one, other) => {
    expect(isSame(one, other, plain)).toBe(false);
    expect(isSame(one, other, c2c)).toBe(false);
  });
});

describe("camptocamp's wrappers", () => {
  const wrapped = (type: string, value: string) => `{"a": {"_type": "${type}", "value": ${value}}}`;
  it.each([
    ['a set in another order', wrapped('set', '[1, "x", null]'), wrapped('set', '[null, 1, "x"]')],
    [
      'a set in a set',
      wrapped('set', '[{"_type": "date_isoformat", "value": "2024-02-29"}, 1]'),
      wrapped('set', '[1, {"value": "2024-02-29", "_type": "date_isoformat"}]'),
    ],
    [
      'a datetime with its microseconds',
      wrapped('datetime_isoformat', '"2024-02-29T01:02:03"'),
      wrapped('datetime_isoformat', '"2024-02-29T01:02:03.000000"'),
    ],
  ])('make %s the same, and do not for a reader of plain JSON', (_, one, other) => {
    expect(isSame(one, other, c2c)).toBe(true);
    if (!one.includes('}, 1]')) expect(isSame(one, other, plain)).toBe(false);
  });

  it.each([
    ['a set and its list', wrapped('set', '[1]'), '{"a": [1]}'],
    ['a date and its text', wrapped('date_isoformat', '"2024-02-29"'), '{"a": "2024-02-29"}'],
    [
      'a date and a datetime',
      wrapped('date_isoformat', '"2024-02-29"'),
      wrapped('datetime_isoformat', '"2024-02-29T00:00:00"'),
    ],
    ['two sets', wrapped('set', '[1]'), wrapped('set', '[1, 2]')],
    ['two of a type that nobody knows', wrapped('decimal', '"1.0"'), wrapped('decimal', '"1.00"')],
    [
      'a zone and none',
      wrapped('datetime_isoformat', '"2024-02-29T01:02:03+00:00"'),
      wrapped('datetime_isoformat', '"2024-02-29T01:02:03"'),
    ],
  ])('keep %s apart', (_, one, other) => {
    expect(isSame(one, other, c2c)).toBe(false);
  });
});

describe('two values of a pickle reader', () => {
  const muk = readerOf('muk');
  const keerati = readerOf('keerati');
  it('are the same whatever protocol, memo and order they were pickled with', () => {
    // {"uid": 7, "s": {1, 2}}
    const one = pickle('}(\x8c\x03uidK\x07\x8c\x01s\x8f(K\x01K\x02\x90u.');
    const other = pickle(
      '}q\x00(X\x01\x00\x00\x00sq\x01c__builtin__\nset\n]q\x02(K\x02K\x01e\x85Rq\x03X\x03\x00\x00\x00uidJ\x07\x00\x00\x00u.',
      2,
    );
    expect(isSame(one, other, muk)).toBe(true);
  });

  it('are the same where Python 2 had text as bytes in one', () => {
    expect(isSame(pickle('}(U\x02dbU\x04shopu.', 2), pickle('}(X\x02\0\0\0dbX\x04\0\0\0shopu.', 2), keerati)).toBe(
      true,
    );
  });

  it.each([
    ['a list and a tuple', '}\x8c\x01a]K\x01as.', '}\x8c\x01aK\x01\x85s.'],
    ['an int and a float', '}\x8c\x01aK\x01s.', '}\x8c\x01aG\x3f\xf0\0\0\0\0\0\0s.'],
    ['text and bytes', '}\x8c\x01a\x8c\x01xs.', '}\x8c\x01aC\x01xs.'],
    ['a set and a frozenset', '}\x8c\x01a\x8f(K\x01\x90s.', '}\x8c\x01a(K\x01\x91s.'],
  ])('are two where there are %s', (_, one, other) => {
    expect(isSame(pickle(one), pickle(other), muk)).toBe(false);
  });
});

describe('a value that its reader can make nothing of', () => {
  it.each<[string, string | Buffer, ReaderEncoding, string]>([
    ['nothing', '', c2c, 'it is empty'],
    ['text', 'nonsense', c2c, 'neither a pickle nor a JSON object starts like this'],
    ['JSON that ends early', '{"uid": 7', c2c, 'ends in the middle'],
    ['a list', '[1]', plain, 'starts like this'],
    ['a pickle for a JSON reader', pickle('}.'), c2c, 'it is a pickle, and the reader takes JSON'],
    ['JSON for a pickle reader', '{"uid": 7}', readerOf('muk'), 'it is JSON, and the reader takes a pickle'],
    ['a pickle that is cut', pickle('}\x8c\x03ui'), readerOf('muk'), '(byte '],
    ['a pickle of a list', pickle('].'), readerOf('muk'), 'the pickle holds no dict'],
    ['a protocol of Python 3 for Python 2', pickle('}.', 4), readerOf('keerati'), 'protocol 4, and the reader takes 2'],
    ['a protocol from the future', pickle('}.', 9), readerOf('muk'), 'protocol above 5'],
  ])('is %s', (_, value, reader, reason) => {
    const decoded = decode(value, reader);
    expect(decoded).toMatchObject({ state: 'broken', reason: expect.stringContaining(reason) });
  });

  it('is not one with a class that only this program does not know', () => {
    const decoded = decode(pickle('}\x8c\x01acdecimal\nDecimal\n\x8c\x011\x85Rs.'), readerOf('muk'));
    expect(decoded).toMatchObject({ state: 'read' });
    const { session } = decoded as Extract<Decoded, { state: 'read' }>;
    expect(() => diffSessions(session, session)).toThrow('holds an object of class decimal.Decimal');
  });

  it('never is one for a reader that takes files as they are, in either format', () => {
    expect(decode('{"uid": 7}', verbatim)).toMatchObject({ state: 'read', format: 'json' });
    expect(decode(pickle('}.', 5), verbatim)).toMatchObject({ state: 'read', format: 'pickle' });
  });
});

describe("a wrapper that camptocamp's reader fails at", () => {
  it.each([
    ['{"_type": "datetime_isoformat", "value": "nonsense"}'],
    ['{"_type": "datetime_isoformat", "value": "2024-13-01T00:00:00"}'],
    ['{"_type": "date_isoformat", "value": "2023-02-29"}'],
    ['{"_type": "date_isoformat", "value": 7}'],
    ['{"_type": "set", "value": [[1]]}'],
    ['{"_type": "set"}'],
  ])('is broken to verify, as it is to export: %s', (wrapper) => {
    const decoder = new ValueDecoder({ encoding: 'c2c-json', pickleProtocol: 5, oldestVerbatimProtocol: 0 });
    expect(decoder.decode(Buffer.from(`{"a": [${wrapper}]}`)).state).toBe('broken');
  });
});
