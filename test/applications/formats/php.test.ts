import { describe, expect, it } from 'vitest';
import { FORMAT_NAMES, formatOf } from '../../../src/applications/formats/formats.js';
import { b, fixtures, foundAt, verdictOf } from '../content.js';

const HANDLERS = ['php', 'php_binary', 'php_serialize', 'igbinary'] as const;
const PHP = fixtures('php');

describe("PHP's own sessions", () => {
  it.each(PHP.map((fixture) => [fixture.handler as 'php', fixture.name, fixture.bytes] as const))(
    '%s: %s is whole and known by its first bytes',
    (handler, _, bytes) => {
      expect(verdictOf(handler, bytes)).toBe('whole');
      expect(formatOf(HANDLERS, bytes, 0, bytes.length)).toBe(handler);
    },
  );

  it('are torn wherever they are cut, but where php and php_binary could have ended', () => {
    for (const { handler = 'php', name, bytes } of PHP) {
      const whole = [];
      for (let length = 1; length < bytes.length; length++) {
        const verdict = verdictOf(handler, bytes.subarray(0, length));
        if (verdict === 'whole') whole.push(length);
        else expect(verdict, `${handler} ${name} ${length}`).toMatch(/^torn/);
      }
      if (handler === 'php_serialize' || handler === 'igbinary') expect(whole, `${handler} ${name}`).toEqual([]);
      else expect(whole.length, `${handler} ${name}`).toBeLessThan(20);
    }
  });

  it('are never whole for another handler, whose reader would delete them', () => {
    for (const { handler, name, bytes } of PHP) {
      for (const other of HANDLERS) {
        if (other !== handler) expect(verdictOf(other, bytes), `${handler} ${name} as ${other}`).not.toBe('whole');
      }
    }
  });

  it('are torn with the tail of a longer one behind them, where the format knows its end', () => {
    for (const { handler = 'php', bytes } of PHP) {
      if (handler === 'php' || handler === 'php_binary') continue;
      expect(verdictOf(handler, Buffer.concat([bytes, bytes.subarray(-7)]))).toMatch(/^torn: there are bytes behind/);
    }
  });
});

describe('the values of PHP', () => {
  it.each([
    ['N;', 'whole'],
    ['b:1;', 'whole'],
    ['b:2;', 'malformed: a boolean is neither 0 nor 1 at 4'],
    ['i:-9223372036854775808;', 'whole'],
    ['i:+5;', 'whole'],
    ['i:;', 'malformed: a number is missing or has no end at 4'],
    ['i:--5;', 'malformed: a number is missing or has no end at 5'],
    [`i:${'9'.repeat(30)};`, 'malformed: a number has too many digits at 4'],
    ['d:0.5;', 'whole'],
    ['d:1.0E+25;', 'whole'],
    ['d:-INF;', 'whole'],
    ['d:NAN;', 'whole'],
    ['d:.;', 'malformed: a float is no number at 4'],
    ['d:1e;', 'malformed: a float is no number at 4'],
    ['s:0:"";', 'whole'],
    ['s:3:"\xc3\xa9!";', 'whole'],
    ['s:2:"abc";', 'malformed: a text is not as long as it says at 9'],
    ['s:9:"abc";', 'torn: the content ends in the middle of a value at 12'],
    ['S:2:"\\41b";', 'whole'],
    ['a:0:{}', 'whole'],
    ['a:1:{i:0;N;}', 'whole'],
    ['a:1:{i:+5;N;}', 'whole'],
    ['a:1:{b:1;N;}', 'malformed: a key is neither a number nor a text at 7'],
    ['a:1:{i:0;N;i:1;N;}', 'malformed: a } is missing behind the last member at 13'],
    ['a:2:{i:0;N;}', 'malformed: a key is neither a number nor a text at 13'],
    ['a:99999:{i:0;N;}', 'torn: the content ends in the middle of a value at 18'],
    ['O:8:"stdClass":1:{s:1:"a";i:1;}', 'whole'],
    ['O:3:"A B":0:{}', 'malformed: a class has a name that PHP does not know at 8'],
    ['O:12:"App\\Entity\\X":0:{}', 'whole'],
    ['C:3:"Foo":5:{}};;}}', 'whole'],
    ['C:3:"Foo":4:{abc}', 'torn: the content ends in the middle of a value at 19'],
    ['E:11:"Suit:Hearts";', 'whole'],
    ['E:4:"Suit";', 'malformed: an enum names no case at 7'],
    ['a:2:{i:0;a:0:{}i:1;R:2;}', 'whole'],
    ['a:2:{i:0;i:5;i:1;R:9;}', 'malformed: a reference leads to no value before it at 19'],
    ['r:0;', 'malformed: a reference leads to no value before it at 2'],
    ['r:1;', 'whole'],
    ['X:1;', 'malformed: no value of PHP starts like this at 2'],
  ])('reads x|%s as PHP does: %s', (value, verdict) => {
    expect(verdictOf('php', b(`x|${value}`))).toBe(verdict);
  });

  it.each([
    ['php', 'x|i:1;y', 'torn: a variable has a name and no value at 6'],
    ['php', '', 'whole'],
    ['php_binary', '\x01xi:1;\x85', 'torn: the content ends in the middle of a value at 7'],
    ['php_binary', '\x81xi:1;', 'whole'],
    ['php_binary', '\x05xi:1;', 'torn: the content ends in the middle of a value at 6'],
    ['php_binary', '\x02xi:1;', 'malformed: no value of PHP starts like this at 3'],
    ['php_serialize', 'i:1;', 'malformed: a session is a serialised array, and this does not start with a: at 0'],
    ['php_serialize', 'a:0:{}x', 'torn: there are bytes behind the end of the session at 6'],
    ['igbinary', '\0\0\0\x03\x14\0', 'malformed: igbinary starts with version 1 or 2 at 0'],
    ['igbinary', '\0\0\0\x02\x06\x01', 'malformed: a session is an array of igbinary at 4'],
    ['igbinary', '\0\0\0\x02\x14\x01\x11\x01a\x0e\x05', 'malformed: a text is named that did not come before at 10'],
    ['igbinary', '\0\0\0\x02\x14\x01\x11\x01a\x01\x09', 'malformed: a reference leads to no value before it at 10'],
    ['igbinary', '\0\0\0\x02\x14\x01\x11\x01a\x7f', 'malformed: no value of igbinary starts like this at 9'],
    ['igbinary', '\0\0\0\x02\x14\x01\x05\x00', 'malformed: a key is neither a number nor a text at 6'],
  ] as const)('%s: %j is %s', (format, text, verdict) => {
    expect(verdictOf(format, b(text))).toBe(verdict);
  });

  it('may nest 4096 levels deep, as PHP lets them, and no deeper', () => {
    const nested = (levels: number) => b(`x|${'a:1:{i:0;'.repeat(levels)}N;${'}'.repeat(levels)}`);
    expect(verdictOf('php', nested(4096))).toBe('whole');
    expect(verdictOf('php', nested(4097))).toMatch(/^malformed: nested deeper than 4096 levels/);
  });
});

describe('what is looked for in a session of PHP', () => {
  const OBJECTS = 'cart|O:4:"Cart":2:{s:8:"\0*\0total";d:19.9;s:10:"\0Cart\0note";s:2:"hi";}n|i:-5;list|a:1:{i:7;b:1;}';

  it.each([
    ['cart.total', 19.9],
    ['cart.note', 'hi'],
    ['cart', 'filled'],
    ['ca*.note', 'hi'],
    ['n', -5],
    ['list.7', true],
    ['list.8', 'absent'],
    ['note', 'absent'],
  ])('%s is %s, whatever its visibility', (path, value) => {
    expect(foundAt('php', b(OBJECTS), path)).toBe(value);
  });

  it.each(HANDLERS)('is found alike in %s', (handler) => {
    const symfony = PHP.find((fixture) => fixture.handler === handler && fixture.name === 'symfony');
    const bytes = symfony?.bytes as Buffer;
    expect(foundAt(handler, bytes, '_sf2_meta.u')).toBe(1_700_000_000);
    expect(foundAt(handler, bytes, '_sf2_attributes._security_*')).toBe('O:1:"T":0:{}');
    expect(foundAt(handler, bytes, '_symfony_flashes')).toBe('filled');
  });

  it('is the true one of several behind a *', () => {
    expect(foundAt('php', b('login_a|i:0;login_b|i:9;login_c|N;'), 'login_*')).toBe(9);
  });
});

it('no format takes bytes that none of its writers starts with', () => {
  for (const name of FORMAT_NAMES) {
    if (name !== 'none') expect(formatOf([name], b('\x01\x02\x03\x04'), 0, 4), name).toBeNull();
  }
});
