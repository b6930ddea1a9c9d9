import { encodePickle } from '../python/pickle/write.js';
import { ByteSink } from '../python/sink.js';
import { PyDict, type PyValue } from '../python/values.js';
import type { FormatName } from './formats/formats.js';

/** Content of a made-up session: what every format can hold. */
export type Made = string | number | { [name: string]: Made };

/** What {@link encodeMade} can write; the others are told apart by nothing but the reader's settings. */
export const MADE_FORMATS = [
  'php',
  'php_serialize',
  'php_binary',
  'json',
  'gob',
  'django-signed',
  'pickle',
  'rails-cache',
  'securecookie',
  'none',
] as const;

const SIGNATURE = 'x'.repeat(43);
const MOST_BYTES = 16 * 1024 * 1024;

/** A session in one of the formats, as far as its checks can tell a real one: the signature of Django's is none. */
export function encodeMade(members: Readonly<Record<string, Made>>, format: FormatName): Buffer {
  const entries = Object.entries(members);
  switch (format) {
    case 'php':
      return Buffer.from(entries.map(([name, value]) => `${name}|${phpValue(value)}`).join(''));
    case 'php_binary':
      return Buffer.from(
        entries.map(([name, value]) => `${String.fromCharCode(name.length)}${name}${phpValue(value)}`).join(''),
      );
    case 'php_serialize':
      return Buffer.from(phpValue(members));
    case 'json':
    case 'none':
      return Buffer.from(JSON.stringify(members));
    case 'django-signed':
      return Buffer.from(`${Buffer.from(JSON.stringify(members)).toString('base64url')}:1xWswB:${SIGNATURE}`);
    case 'pickle': {
      const sink = new ByteSink(256, MOST_BYTES);
      encodePickle(pythonValue(members), 4, sink);
      return Buffer.from(sink.view());
    }
    case 'rails-cache':
      return railsEntry(members);
    case 'securecookie':
      return secureCookie(members);
    case 'gob':
      return gobOf(entries);
    default:
      throw new RangeError(`no session is made up in ${format}`);
  }
}

function phpValue(value: Made): string {
  if (typeof value === 'number') return Number.isInteger(value) ? `i:${value};` : `d:${value};`;
  if (typeof value === 'string') return `s:${Buffer.byteLength(value)}:"${value}";`;
  const entries = Object.entries(value);
  return `a:${entries.length}:{${entries.map(([name, inner]) => phpValue(name) + phpValue(inner)).join('')}}`;
}

function pythonValue(value: Made): PyValue {
  if (typeof value !== 'object') return value;
  const dict = new PyDict();
  for (const [name, inner] of Object.entries(value)) dict.set(name, pythonValue(inner));
  return dict;
}

/** With a signature that is none. */
function secureCookie({ '@saved_at': savedAt = 0, ...members }: Readonly<Record<string, Made>>): Buffer {
  const gob = base64Url(gobOf(Object.entries(members)));
  return Buffer.from(base64Url(Buffer.from(`${Number(savedAt)}|${gob}|${'x'.repeat(32)}`)));
}

/** With the padding that Go writes. */
const base64Url = (bytes: Buffer) => bytes.toString('base64').replaceAll('+', '-').replaceAll('/', '_');

/** An entry in the format of 7.1; without an end it has a negative one. */
function railsEntry({ '@expires_at': ends = -1, ...members }: Readonly<Record<string, Made>>): Buffer {
  const head = Buffer.alloc(15);
  head.writeUInt16BE(0x0011);
  head.writeUInt8(1, 2);
  head.writeDoubleLE(Number(ends), 3);
  head.writeInt32LE(-1, 11);
  return Buffer.concat([head, Buffer.of(4, 8), rubyValue(members, { isEncodingKnown: false })]);
}

/** Ruby's Marshal; the encoding of a text is named in full once, and by its place from then on. */
function rubyValue(value: Made, seen: { isEncodingKnown: boolean }): Buffer {
  if (typeof value === 'number') return Buffer.concat([Buffer.from('i'), rubyInteger(value)]);
  if (typeof value === 'string') {
    const bytes = Buffer.from(value);
    const encoding = seen.isEncodingKnown ? [0x3b, 0, 0x54] : [0x3a, 6, 0x45, 0x54];
    seen.isEncodingKnown = true;
    return Buffer.concat([Buffer.from('I"'), rubyInteger(bytes.length), bytes, Buffer.of(6, ...encoding)]);
  }
  const entries = Object.entries(value);
  const parts = entries.flatMap(([name, inner]) => [rubyValue(name, seen), rubyValue(inner, seen)]);
  return Buffer.concat([Buffer.from('{'), rubyInteger(entries.length), ...parts]);
}

/** Zero, up to 122 in one byte, above it in up to four. */
function rubyInteger(value: number): Buffer {
  if (value === 0) return Buffer.of(0);
  if (value > 0 && value < 123) return Buffer.of(value + 5);
  const bytes = Buffer.alloc(4);
  bytes.writeInt32LE(value);
  return Buffer.concat([Buffer.of(value < 0 ? 0xfc : 4), bytes]);
}

/** The definition of map[interface{}]interface{}, with which Go's encoder starts each of them. */
const GOB_HEAD = Buffer.from('0eff81040102ff82000110011000', 'hex');
const GOB_TYPE = Buffer.from('ff8200', 'hex');

/** Texts and integers alone: what is nested is written as JSON. */
function gobOf(entries: readonly [string, Made][]): Buffer {
  const parts = entries.flatMap(([name, value]) => [
    gobText(name),
    typeof value === 'number' ? gobInteger(value) : gobText(textOf(value)),
  ]);
  const message = Buffer.concat([GOB_TYPE, gobUint(entries.length), ...parts]);
  return Buffer.concat([GOB_HEAD, Buffer.of(0), gobUint(message.length), message]);
}

const textOf = (value: Made) => (typeof value === 'string' ? value : JSON.stringify(value));

function gobUint(value: number): Buffer {
  if (value < 0x80) return Buffer.of(value);
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64BE(BigInt(value));
  const digits = bytes.subarray(bytes.findIndex((byte) => byte !== 0));
  return Buffer.concat([Buffer.of(256 - digits.length), digits]);
}

function gobInterface(type: string, id: number, value: Buffer): Buffer {
  return Buffer.concat([
    gobUint(type.length),
    Buffer.from(type),
    Buffer.of(id * 2),
    gobUint(value.length + 1),
    Buffer.of(0),
    value,
  ]);
}

function gobText(text: string): Buffer {
  const bytes = Buffer.from(text);
  return gobInterface('string', 6, Buffer.concat([gobUint(bytes.length), bytes]));
}

function gobInteger(value: number): Buffer {
  return gobInterface('int64', 2, gobUint(value < 0 ? -value * 2 - 1 : value * 2));
}
