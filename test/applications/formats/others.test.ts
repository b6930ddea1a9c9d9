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
    expect(foundAt('django-signed', of('pickled'), '_auth_user_id')).toBe('9');
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
    [
      `.e30:1xWswB:${'x'.repeat(43)}`,
      'malformed: the compressed content is cut, damaged, no zlib or holds more than 16 MiB at 1',
    ],
    [`e30:1xWswB:${'x'.repeat(44)}`, 'malformed: the signature is too long at 11'],
    [`e30:1xWswB:${'x'.repeat(42)}*`, 'malformed: the signature is no base64 at 53'],
    ['just a text', 'malformed: this is neither a signed session of Django nor base64 at 4'],
    ['aGVsbG8=', 'malformed: the content has no hash before it at 0'],
    // What is no dict is no session, for whichever reader.
    [`W10:1xWswB:${'x'.repeat(43)}`, 'malformed: a session of Django is a dict at 0'],
    [`gARdlC4:1xWswB:${'x'.repeat(43)}`, 'malformed: a session is a dict at 0'],
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
    ["(dp0\nS'a'\np1\nI01\nsS'b'\nF1.5\ns.", 'whole'],
    ["(S'a'\nL5L\nd.", 'whole'],
    ['}(K\x01NK\x02\x88u0}.', 'whole'],
    ['cos\nsystem\n.', 'malformed: a session is a dict at 0'],
    ['\x80\x04]K\x01a.', 'malformed: a session is a dict at 0'],
    ['}s.', 'malformed: a value is taken that is not there at 1'],
    ['K\x01s.', 'malformed: a value is taken that is not there at 2'],
    ['}(K\x01u.', 'malformed: a member has a name and no value at 4'],
    ['}(K\x01su.', 'malformed: a value is taken that is not there at 4'],
    ['}K\x01K\x02u.', 'malformed: a mark is missing at 5'],
    ['.', 'malformed: a value is taken that is not there at 0'],
    ['}h\x05.', 'malformed: a value is named that did not come before at 1'],
    ['}\x94h\x00K\x01s.', 'malformed: a dict has a key that Python does not take at 6'],
    ['}K\x01a.', 'malformed: what is filled is no container of this kind at 3'],
    ['}K\x01)R.', 'malformed: what is called is no class at 4'],
    ['}cos\nsystem\nK\x01R.', 'malformed: arguments are no tuple at 14'],
    ['}K\x01K\x02\x93.', 'malformed: a class has a name that is no text at 5'],
    ['}K\x01b.', 'malformed: a state is given to what is no object at 3'],
    ['}P1\ns.', 'malformed: a value lives outside of the pickle at 1'],
    ['\x80\x06}.', 'malformed: a pickle of a protocol above 5 at 0'],
    ['}\x8c\x02a\xffNs.', 'malformed: text is not UTF-8 at 1'],
    ['}S5\nNs.', 'malformed: no quoted byte string at 1'],
    ['}I1x\nNs.', 'malformed: no decimal integer at 1'],
    ['}F1x\nNs.', 'malformed: no decimal float at 1'],
    ['}gx\nNs.', 'malformed: no memo place at 1'],
    ["}S'\\x1'\nNs.", 'malformed: no quoted byte string at 1'],
    ['}V\\u12\nNs.', 'malformed: no raw-unicode-escape text at 1'],
    ['}\x8c\x03\xed\xa0\x80Ns.', 'whole'],
    ['}\x8c\x04\xed\xa0\x80\xffNs.', 'malformed: text is not UTF-8 at 1'],
    ['\x80\x04\x95\x02\0\0\0\0\0\0\0}.', 'whole'],
    ['\x80\x04\x95\x03\0\0\0\0\0\0\0}.', 'torn: the content ends in the middle of a value at 13'],
    ['\x80\x04}.x', 'torn: there are bytes behind the end of the session at 4'],
    ['\x80\x04}', 'torn: the content ends in the middle of a value at 3'],
    ['\x80\x04\xfe.', 'malformed: no opcode of pickle has this number at 2'],
    ['\x80\x04B\xff\xff\xff\xffab.', 'torn: the content ends in the middle of a value at 10'],
  ])('%j is %s: it is followed and never run', (text, verdict) => {
    expect(verdictOf('pickle', b(text))).toBe(verdict);
  });
});

describe("a file of cachelib's", () => {
  const sessions = fixtures('flask').filter(({ name }) => name !== 'count');

  it('is whole as Python writes it in every protocol, and nowhere that it is cut', () => {
    for (const { name, bytes } of sessions) {
      const pickle = bytes.subarray(4);
      expect(verdictOf('pickle', pickle), name).toBe('whole');
      const step = pickle.length > 5000 ? 97 : 1;
      for (let length = 0; length < pickle.length; length += step) {
        expect(verdictOf('pickle', pickle.subarray(0, length)), `${name} ${length}`).not.toBe('whole');
      }
    }
  });

  it('shows members at the top in every protocol', () => {
    for (const { name, bytes } of sessions) {
      const pickle = bytes.subarray(4);
      if (name.startsWith('login')) {
        expect(foundAt('pickle', pickle, '_user_id'), name).toBe('42');
        expect(foundAt('pickle', pickle, '_fresh'), name).toBe(true);
      }
      if (name.startsWith('values')) {
        expect(foundAt('pickle', pickle, 'small'), name).toBe(-3);
        expect(foundAt('pickle', pickle, 'float'), name).toBe(0.1);
        expect(foundAt('pickle', pickle, 'none'), name).toBe('null');
        expect(foundAt('pickle', pickle, 'ordered'), name).toBe('opaque');
      }
      if (name.startsWith('long')) expect(foundAt('pickle', pickle, 'basket_1099'), name).toBe('filled');
    }
  });

  it('is no session where it is the count of files', () => {
    const count = fixtures('flask').find(({ name }) => name === 'count')?.bytes as Buffer;
    expect(verdictOf('pickle', count.subarray(4))).toBe('malformed: a session is a dict at 0');
  });
});

describe("an entry of Rails' cache", () => {
  it('is whole in all formats, and nowhere that it is cut or goes on', () => {
    for (const { name, bytes } of fixtures('rails')) {
      expect(verdictOf('rails-cache', bytes), name).toBe('whole');
      const step = bytes.length > 400 ? 29 : 1;
      for (let length = 0; length < bytes.length; length += step) {
        expect(verdictOf('rails-cache', bytes.subarray(0, length)), `${name} ${length}`).not.toBe('whole');
      }
      const more = verdictOf('rails-cache', Buffer.concat([bytes, b('x')]));
      if (!/packed/.test(name)) expect(more, name).toMatch(/^torn: there are bytes behind/);
    }
  });

  it('says when it ends, and what is in it', () => {
    for (const { name, bytes, ends } of fixtures('rails')) {
      const end = foundAt('rails-cache', bytes, '@expires_at');
      if (ends === null) expect(end, name).toBe('absent');
      else expect(Math.abs(Number(end) - Number(ends)), name).toBeLessThan(0.001);
      if (/login/.test(name)) expect(foundAt('rails-cache', bytes, 'user_id'), name).toBe(42);
      if (/login/.test(name)) expect(foundAt('rails-cache', bytes, 'flash.flashes.notice'), name).toBe('grün 😀');
      if (/devise/.test(name)) expect(foundAt('rails-cache', bytes, 'warden*'), name).toBe('filled');
      if (/long/.test(name)) expect(foundAt('rails-cache', bytes, 'user_id'), name).toBe(2 ** 70);
      if (/values/.test(name)) {
        expect(foundAt('rails-cache', bytes, 'big'), name).toBe(-(2 ** 80));
        expect(foundAt('rails-cache', bytes, 'object'), name).toBe('opaque');
        expect(foundAt('rails-cache', bytes, 'default.b'), name).toBe(1);
        expect(foundAt('rails-cache', bytes, 'indifferent.a'), name).toBe(1);
        expect(foundAt('rails-cache', bytes, 'symbol'), name).toBe('grün');
      }
    }
  });

  const head = (type: number, seconds: number, version = -1) => {
    const bytes = Buffer.alloc(15);
    bytes.writeUInt16BE(0x11);
    bytes.writeUInt8(type, 2);
    bytes.writeDoubleLE(seconds, 3);
    bytes.writeInt32LE(version, 11);
    return bytes.toString('latin1');
  };
  it.each([
    ['a: 1', "malformed: this starts like no entry of Rails' cache at 0"],
    [`${head(1, -1)}\x04\x08{\0`, 'whole'],
    [`${head(1, Number.NaN)}\x04\x08{\0`, 'malformed: the end of the entry is no number at 3'],
    [`${head(2, -1)}hello`, 'malformed: the entry is a text and no session at 2'],
    [`${head(9, -1)}hello`, 'malformed: an entry of a kind that is not known at 2'],
    [`${head(1, -1)}\xcc\x80\x81`, 'malformed: its serializer is another one than Marshal at 15'],
    [
      `${head(0x81, -1)}(\xb5/\xfd`,
      'malformed: the compressed content is cut, damaged, no zlib or holds more than 16 MiB at 15',
    ],
    [`${head(1, -1)}\x04\x08[\0`, 'malformed: the entry is no session, which is a hash at 17'],
    [`${head(1, -1)}\x04\x07{\0`, "malformed: this is no document of Ruby's Marshal 4.8 at 15"],
    [`${head(1, -1)}\x04\x08{\x06i\x06@\x07`, 'malformed: a link leads to no object before it at 21'],
    [`${head(1, -1)}\x04\x08{\x06i\x06;\x00`, 'malformed: a symbol is named that did not come before at 22'],
    [`${head(1, -1)}\x04\x08{\x06i\x06?`, "malformed: no value of Ruby's Marshal starts like this at 21"],
    [`${head(1, -1)}\x04\x08{\x06i\x06f\x06x`, 'malformed: a float is no number at 21'],
    [`${head(1, -1)}\x04\x08{\x06i\x06"\xfa`, 'malformed: a length is below zero at 22'],
    ['\0\x04\x08{\0', 'malformed: an entry is an array, and this is none at 1'],
    ['\0\x04\x08[\0', 'malformed: an entry has one to three parts at 1'],
    ['\0\x04\x08[\x07{\0T', 'malformed: the end of the entry is no number at 1'],
    ['\x04\x08o:\x06A\0', "malformed: this is no entry of Rails' cache at 0"],
    ['\x04\x08o: ActiveSupport::Cache::Entry\0', 'malformed: the entry holds no value at 0'],
  ])('%j is %s', (text, verdict) => {
    expect(verdictOf('rails-cache', b(text))).toBe(verdict);
  });

  it('nests as deep as others do, without recursion', () => {
    const nested = (levels: number) => `${head(1, -1)}\x04\x08{\x06i\x06${'[\x06'.repeat(levels)}0`;
    expect(verdictOf('rails-cache', b(nested(4000)))).toBe('whole');
    expect(verdictOf('rails-cache', b(nested(100_000)))).toMatch(/^malformed: nested deeper than 4096/);
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
