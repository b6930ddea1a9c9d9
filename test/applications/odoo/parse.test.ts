import { describe, expect, it } from 'vitest';
import { pickleProtocolOf, SessionParser } from '../../../src/applications/odoo/parse.js';
import { MalformedSession } from '../../../src/errors.js';
import { PyDict } from '../../../src/python/values.js';
import { newFacts } from '../../../src/session.js';

const parser = new SessionParser();

/** What Python 3 makes of {"uid": 7, "db": "shop"} in protocols 0, 1, 2 and 4. */
const PICKLES: readonly [number, string][] = [
  [1, '(dp0\nVuid\np1\nI7\nsVdb\np2\nVshop\np3\ns.'],
  [1, '}q\0(X\x03\0\0\0uidq\x01K\x07X\x02\0\0\0dbq\x02X\x04\0\0\0shopq\x03u.'],
  [2, '\x80\x02}q\0(X\x03\0\0\0uidq\x01K\x07X\x02\0\0\0dbq\x02X\x04\0\0\0shopq\x03u.'],
  [4, '\x80\x04\x95\x18\0\0\0\0\0\0\0}\x94(\x8c\x03uid\x94K\x07\x8c\x02db\x94\x8c\x04shop\x94u.'],
];

describe('the format of a session file', () => {
  it.each(PICKLES)('is told from its bytes: pickle, protocol %i: %j', (protocol, latin1) => {
    const bytes = Buffer.from(latin1, 'latin1');
    const facts = newFacts();
    expect(parser.parse(bytes, bytes.length, facts)).toBeInstanceOf(PyDict);
    expect(facts).toMatchObject({ format: 'pickle', isAuthenticated: true, db: 'shop' });
    expect(pickleProtocolOf(bytes)).toBe(protocol);
  });

  it.each(['{"uid": 7, "db": "shop"}', ' \n\r\t{"uid": 7, "db": "shop"}'])(
    'is told from its bytes: JSON: %j',
    (text) => {
      const bytes = Buffer.from(text);
      const facts = newFacts();
      expect(parser.parse(bytes, bytes.length, facts)).toBeNull();
      expect(facts).toMatchObject({ format: 'json', isAuthenticated: true, db: 'shop' });
    },
  );

  it.each(['\0\0\0\0', 'hello', '[]', '"{}"', '\xef\xbb\xbf{}', '<html>', '\x1f\x8b\x08', '\x7fELF'])(
    'is none: %j',
    (latin1) => {
      const bytes = Buffer.from(latin1, 'latin1');
      const parse = () => parser.parse(bytes, bytes.length, newFacts());
      expect(parse).toThrow(MalformedSession);
      expect(parse).toThrow('neither a pickle nor a JSON object starts like this (byte 0)');
    },
  );
});
