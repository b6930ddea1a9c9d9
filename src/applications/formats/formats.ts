/**
 * READ FIRST. Serialisations that a template's `check` may name. Each is read to its end without being decoded: what
 * counts is whether the bytes are whole, and which members a session has.
 *
 *   scanner, member-paths           what all of them have in common
 *   json-text, django-signed        JSON, and JSON that Django signs
 *   php-session, php-values, php-tokens, igbinary   PHP's handlers
 *   laravel-encrypted               ciphertext, which is only looked at for its form
 *   envelopes                       base64 and zlib, around several of them
 *   gob, secure-cookie; pickle-walk, pickle-stack   Go's and Python's
 *   rails-cache, marshal, marshal-tokens   entries of Rails' cache, of Ruby's values
 *
 * This file names them all.
 */

import { DjangoSignedSession } from './django-signed.js';
import { GobSession } from './gob.js';
import { IgbinarySession } from './igbinary.js';
import { JsonSession } from './json-text.js';
import { LaravelEncryptedSession } from './laravel-encrypted.js';
import type { FoundMembers } from './member-paths.js';
import { PhpBinarySession, PhpSerializedSession, PhpSession } from './php-session.js';
import { PickleWalk } from './pickle-walk.js';
import { RailsCacheSession } from './rails-cache.js';
import type { Scanner } from './scanner.js';
import { SecureCookieSession } from './secure-cookie.js';

class Unchecked implements Scanner {
  scan(bytes: Uint8Array, _start: number, _end: number, _found: FoundMembers): Uint8Array {
    return bytes;
  }
}

/** A serialisation that a template's `check` may name. */
export interface Format {
  /** For people. */
  title: string;
  scanner: () => Scanner;
  /** Whether content may be of this format, by its first bytes alone. */
  startsLike: (bytes: Uint8Array, start: number, end: number) => boolean;
}

const LARAVEL_HEAD = Buffer.from('eyJ');
const isDigit = (byte: number | undefined) => byte !== undefined && byte >= 0x30 && byte <= 0x39;

function isSerializedArray(bytes: Uint8Array, start: number, end: number): boolean {
  return (
    bytes[start] === 0x61 &&
    (end - start < 2 || bytes[start + 1] === 0x3a) &&
    (end - start < 3 || isDigit(bytes[start + 2]))
  );
}

/** All that `check` knows. The order is that in which content is asked what it is. */
export const FORMATS = {
  igbinary: {
    title: 'igbinary',
    scanner: () => new IgbinarySession(),
    startsLike: (bytes, start) => bytes[start] === 0 && bytes[start + 1] === 0 && bytes[start + 2] === 0,
  },
  php_serialize: { title: 'php_serialize', scanner: () => new PhpSerializedSession(), startsLike: isSerializedArray },
  json: {
    title: 'JSON',
    scanner: () => new JsonSession(),
    startsLike: (bytes, start) => bytes[start] === 0x7b || bytes[start] === 0x5b,
  },
  'laravel-encrypted': {
    title: 'encrypted by Laravel',
    scanner: () => new LaravelEncryptedSession(),
    startsLike: (bytes, start) => LARAVEL_HEAD.equals(bytes.subarray(start, start + 3)),
  },
  php_binary: {
    title: 'php_binary',
    scanner: () => new PhpBinarySession(),
    startsLike: (bytes, start, end) => {
      // Behind the name, of the length that the first byte says, a value starts; a name never starts with a control
      // byte.
      const length = bytes[start] as number;
      const value = start + 1 + length;
      return length < 0x20
        ? value >= end || isValueStart(bytes[value])
        : length < 0x80 && value + 1 < end && isLongName(bytes, start);
    },
  },
  php: {
    title: 'php',
    scanner: () => new PhpSession(),
    startsLike: (bytes, start) => (bytes[start] as number) >= 0x20,
  },
  gob: {
    title: 'gob',
    scanner: () => new GobSession(),
    startsLike: (bytes, start) => (bytes[start] as number) < 0x80 && (bytes[start + 1] as number) >= 0xf8,
  },
  'django-signed': {
    title: 'signed by Django',
    scanner: () => new DjangoSignedSession(),
    startsLike: (bytes, start) => (bytes[start] as number) > 0x20 && (bytes[start] as number) < 0x7f,
  },
  pickle: { title: 'pickle', scanner: () => new PickleWalk(), startsLike: (bytes, start) => bytes[start] === 0x80 },
  'rails-cache': {
    title: "an entry of Rails' cache",
    scanner: () => new RailsCacheSession(),
    // Of 7.1, of 7.0 plain and packed, of 6.1.
    startsLike: (bytes, start) =>
      bytes[start] === 0
        ? bytes[start + 1] === 0x11 || bytes[start + 1] === 0x04
        : bytes[start + 1] === (bytes[start] === 1 ? 0x78 : bytes[start] === 4 ? 8 : -1),
  },
  securecookie: {
    title: "gorilla's securecookie",
    scanner: () => new SecureCookieSession(),
    // The time of a save begins with 1 until the year 2033, and with 2 after it.
    startsLike: (bytes, start) => bytes[start] === 0x4d,
  },
  none: { title: 'unchecked', scanner: () => new Unchecked(), startsLike: () => true },
} as const satisfies Record<string, Format>;

export type FormatName = keyof typeof FORMATS;
export const FORMAT_NAMES = Object.keys(FORMATS) as FormatName[];

function isValueStart(byte: number | undefined): boolean {
  return byte !== undefined && 'NbidsSaOCErR'.includes(String.fromCharCode(byte));
}

/** A name of 32 to 127 bytes, whose length looks like a letter: a bar or a `:` behind a type tells the two apart. */
function isLongName(bytes: Uint8Array, start: number): boolean {
  const length = bytes[start] as number;
  const value = start + 1 + length;
  return isValueStart(bytes[value]) && bytes[value + 1] === 0x3a && !bytes.subarray(start, value).includes(0x7c);
}

/** The format of content among those allowed, by its first bytes; null where it starts like none of them. */
export function formatOf(
  allowed: readonly FormatName[],
  bytes: Uint8Array,
  start: number,
  end: number,
): FormatName | null {
  for (const name of FORMAT_NAMES) {
    if (allowed.includes(name) && FORMATS[name].startsLike(bytes, start, end)) return name;
  }
  return null;
}

export function isFormatName(name: string): name is FormatName {
  return Object.hasOwn(FORMATS, name);
}
