import { describe, expect, it } from 'vitest';
import { DjangoSignedSession } from '../../../src/applications/formats/django-signed.js';
import { b, fixtures, foundAt, verdictOf } from '../content.js';

describe('JSON', () => {
  it.each([
    ['{}', 'whole'],
    ['[]', 'whole'],
    [' {"a" : [1, -2.5e3, true, false, null, "x\\u00e9\\n"] } ', 'whole'],
    ['{"a":1,}', 'malformed: a name in double quotes is missing at 7'],
    ['{"a":1 "b":2}', 'malformed: a comma is missing between two members at 7'],
    ['{"a" 1}', 'malformed: a colon is missing behind a name at 5'],
    ['{"a":01}', 'malformed: a comma is missing between two members at 6'],
    ['{"a":1.}', 'malformed: a digit is missing behind a decimal point at 7'],
    ['{"a":1e+}', 'malformed: a digit is missing in an exponent at 8'],
    ['{"a":-}', 'malformed: a value is missing at 6'],
    ['{"a":-0.5E-7}', 'whole'],
    ['{"a":NaN}', 'malformed: a value is missing at 5'],
    ['{"a":tru}', 'malformed: a value is missing at 8'],
    ['{"a":"\\x"}', 'malformed: an unknown escape stands in a text at 7'],
    ['{"a":"\\u12g4"}', 'malformed: an escape has fewer than four hex digits at 10'],
    ['{"a":"\t"}', 'malformed: a control character stands unescaped in a text at 6'],
    ['{"a":"\xff"}', 'malformed: the text is not valid UTF-8 at 0'],
    ['[1,]', 'malformed: a value is missing at 3'],
    ['"a"', 'malformed: a session is a JSON object, and this does not start with { at 0'],
    ['{"a":1}{"b":2}', 'torn: there are bytes behind the end of the session at 7'],
    ['{"a":[1,2', 'torn: the content ends in the middle of a value at 9'],
  ])('%s is %s', (text, verdict) => {
    expect(verdictOf('json', b(text))).toBe(verdict);
  });

  it('is what JSON.parse takes, by the real store; and torn wherever it is cut', () => {
    for (const { name, bytes } of fixtures('express')) {
      expect(verdictOf('json', bytes), name).toBe('whole');
      for (let length = 1; length < bytes.length; length++) {
        expect(verdictOf('json', bytes.subarray(0, length)), `${name} ${length}`).toMatch(/^torn/);
      }
    }
  });

  it('shows members, the last of equal ones', () => {
    const text = b('{"cookie":{"expires":"2026-01-01T00:00:00.000Z","maxAge":5},"user":1,"user":"","list":[{"x":7}]}');
    expect(foundAt('json', text, 'cookie.expires')).toBe('2026-01-01T00:00:00.000Z');
    expect(foundAt('json', text, 'cookie.maxAge')).toBe(5);
    expect(foundAt('json', text, 'user')).toBe('');
    expect(foundAt('json', text, 'list')).toBe('filled');
    expect(foundAt('json', text, 'list.x')).toBe('absent');
  });

  it('nests as deep as PHP lets it, without recursion', () => {
    expect(verdictOf('json', b(`${'['.repeat(4096)}${']'.repeat(4096)}`))).toBe('whole');
    expect(verdictOf('json', b('['.repeat(100_000)))).toMatch(/^malformed: nested deeper than 4096/);
  });
});

describe('gob', () => {
  it("is followed to its end in what Go's own encoder made", () => {
    for (const { name, bytes } of fixtures('gob')) {
      expect(verdictOf('gob', bytes), name).toBe('whole');
      for (let length = 1; length < bytes.length; length++) {
        const verdict = verdictOf('gob', bytes.subarray(0, length));
        if (name !== 'types within types') expect(verdict, `${name} ${length}`).toMatch(/^torn/);
      }
      if (name === 'types within types') continue;
      expect(verdictOf('gob', Buffer.concat([bytes, b('x')])), name).toMatch(/^torn: there are bytes behind/);
    }
  });

  it('shows plain members', () => {
    const of = (name: string) => fixtures('gob').find((fixture) => fixture.name === name)?.bytes as Buffer;
    expect(foundAt('gob', of('login'), 'uid')).toBe(42);
    expect(foundAt('gob', of('name'), 'uname')).toBe('jané');
    expect(foundAt('gob', of('struct'), 'user')).toBe('opaque');
    expect(foundAt('gob', of('struct and more'), 'uid')).toBe(7);
    expect(foundAt('gob', of('struct and more'), 'ok')).toBe(true);
    expect(foundAt('gob', of('empty'), 'uid')).toBe('absent');
  });

  it.each([
    ['\0', 'malformed: a message of gob is empty at 0'],
    ['\x80', 'malformed: a number of gob has more than eight bytes at 0'],
    ['\x03\xff\x81\x04', 'torn: the content ends in the middle of a value at 4'],
  ])('%j is %s', (text, verdict) => {
    expect(verdictOf('gob', b(text))).toBe(verdict);
  });
});

describe("Django's envelope", () => {
  const of = (name: string) => fixtures('django').find((fixture) => fixture.name === name)?.bytes as Buffer;

  it("is opened in every form that Django's own backend wrote", () => {
    const envelope = new DjangoSignedSession();
    for (const { name, bytes, data } of fixtures('django')) {
      expect(verdictOf('django-signed', bytes), name).toBe('whole');
      envelope.open(bytes, 0, bytes.length);
      expect(envelope.isOldForm, name).toBe(name === 'of Django 3.0');
      expect(envelope.isPickle, name).toBe(name === 'pickled');
      if (!envelope.isPickle) expect(JSON.parse(envelope.payload.toString()), name).toEqual(data);
    }
  });

  it('shows the user in and out of zlib', () => {
    expect(foundAt('django-signed', of('login'), '_auth_user_id')).toBe('42');
    expect(foundAt('django-signed', of('of Django 3.0'), '_auth_user_id')).toBe('5');
    expect(foundAt('django-signed', of('expiry in seconds'), '_session_expiry')).toBe(3600);
    expect(foundAt('django-signed', of('pickled'), '_auth_user_id')).toBe('absent');
  });

  it('is never whole when it is cut', () => {
    for (const { name, bytes } of fixtures('django')) {
      for (let length = 1; length < bytes.length; length++) {
        const verdict = verdictOf('django-signed', bytes.subarray(0, length));
        expect(verdict, `${name} ${length}`).not.toBe('whole');
      }
    }
  });

  it.each([
    ['e30:1xWswB:short', 'torn: the content ends in the middle of a value at 16'],
    ['e30:1xWswB', 'torn: the content ends in the middle of a value at 10'],
    ['e!0:1xWswB:x', 'malformed: the signed content is no base64 at 1'],
    [`.e30:1xWswB:${'x'.repeat(43)}`, 'malformed: the compressed content is no zlib, or holds more than 16 MiB at 1'],
    [`e30:1xWswB:${'x'.repeat(44)}`, 'malformed: the signature is too long at 11'],
    [`e30:1xWswB:${'x'.repeat(42)}*`, 'malformed: the signature is no base64 at 53'],
    ['just a text', 'malformed: this is neither a signed session of Django nor base64 at 4'],
    ['aGVsbG8=', 'malformed: the content has no hash before it at 0'],
  ])('%s is %s', (text, verdict) => {
    expect(verdictOf('django-signed', b(text))).toBe(verdict);
  });

  it("takes Python's NaN, as Django does", () => {
    const text = `${Buffer.from('{"a":NaN,"b":-Infinity}').toString('base64url')}:1xWswB:${'x'.repeat(43)}`;
    expect(verdictOf('django-signed', b(text))).toBe('whole');
  });
});

describe('a pickle', () => {
  it.each([
    ['\x80\x04}\x94\x8c\x01aK\x01s.', 'whole'],
    ['}q\0(X\x03\0\0\0uidK\x07u.', 'whole'],
    ['cos\nsystem\n.', 'whole'],
    ['\x80\x04}.x', 'torn: there are bytes behind the end of the session at 4'],
    ['\x80\x04}', 'torn: the content ends in the middle of a value at 3'],
    ['\x80\x04\xfe.', 'malformed: no opcode of pickle has this number at 2'],
    ['\x80\x04B\xff\xff\xff\xffab.', 'torn: the content ends in the middle of a value at 10'],
  ])('%j is %s: it is followed and never run', (text, verdict) => {
    expect(verdictOf('pickle', b(text))).toBe(verdict);
  });
});

describe("Laravel's encrypted content", () => {
  const payload = (members: object) => Buffer.from(JSON.stringify(members)).toString('base64');

  it('is whole with iv, value and mac, and torn where it is cut', () => {
    const whole = b(payload({ iv: 'aXY=', value: 'dmFsdWU=', mac: 'ab', tag: '' }));
    expect(verdictOf('laravel-encrypted', whole)).toBe('whole');
    for (let length = 1; length < whole.length; length++) {
      expect(verdictOf('laravel-encrypted', whole.subarray(0, length)), String(length)).toMatch(/^torn/);
    }
  });

  it.each([
    [payload({ iv: 'x', value: 'y' }), 'malformed: the encrypted content lacks iv, value or mac at 0'],
    ['eyJ!', 'malformed: the encrypted content is no base64 at 3'],
  ])('%s is %s', (text, verdict) => {
    expect(verdictOf('laravel-encrypted', b(text))).toBe(verdict);
  });
});
