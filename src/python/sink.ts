import { UnsupportedSession } from '../errors.js';
import { escapeBytes } from '../masking.js';
import { PyDate, PyDateTime, PyTime } from './dates.js';
import { baseOf, PyBytes, PyDict, PyInstance, PySet, PyText, PyTuple, type PyValue } from './values.js';

/** Thrown when a value grows past the cap of its sink, as a small pickle full of references can make it. */
export class SinkFull extends Error {
  override readonly name = 'SinkFull';
}

/** An encoder may make this many times a file: a pickled character of three bytes becomes `\uXXXX` in JSON. */
const MAX_GROWTH = 4;

/** Bytes that an encoder may make of any file. */
const FREE_BYTES = 256 * 1024;

/** A small file may grow by more, for Python pickles a text that is there twice only once. */
const GROWTH_OF_SMALL = 16;

/**
 * Bytes that may become of a file of `size` bytes where files have at most `maxSize`: what a few bytes of references
 * are written out to, and the time for it, is bounded by the file that has them.
 */
export function mostEncoded(size: number, maxSize: number): number {
  return Math.min(maxSize * MAX_GROWTH, FREE_BYTES + size * GROWTH_OF_SMALL);
}

/**
 * A growing byte buffer, reused from file to file. Encoders append to it; nothing is copied until the writer takes
 * `view()`. `length` may be set back to a mark to drop what came after it.
 */
export class ByteSink {
  buffer: Buffer;
  length = 0;

  /** @param maxBytes the size at which `reserve` throws {@link SinkFull}; may be changed for what is appended next */
  constructor(
    initialBytes: number,
    public maxBytes: number,
  ) {
    this.buffer = Buffer.allocUnsafeSlow(Math.min(initialBytes, maxBytes));
  }

  /** Makes room for `count` more bytes at `buffer[length]`; the caller writes them and moves `length` itself. */
  reserve(count: number): void {
    const needed = this.length + count;
    if (needed <= this.buffer.length && needed <= this.maxBytes) return;
    if (needed > this.maxBytes) throw new SinkFull(`more than ${this.maxBytes} bytes`);
    const grown = Buffer.allocUnsafeSlow(Math.min(this.maxBytes, Math.max(needed, this.buffer.length * 2)));
    this.buffer.copy(grown, 0, 0, this.length);
    this.buffer = grown;
  }

  /** Appends text whose characters are all below U+0100, one byte each. */
  latin1(text: string): void {
    this.reserve(text.length);
    this.length += this.buffer.write(text, this.length, 'latin1');
  }

  bytes(source: Uint8Array, start = 0, end = source.length): void {
    this.reserve(end - start);
    this.buffer.set(start === 0 && end === source.length ? source : source.subarray(start, end), this.length);
    this.length += end - start;
  }

  byte(value: number): void {
    this.reserve(1);
    this.buffer[this.length++] = value;
  }

  /** The bytes so far, valid until the next append. */
  view(): Buffer {
    return this.buffer.subarray(0, this.length);
  }
}

/**
 * Appends a few characters below U+0100, a byte for each. For the signs between values a loop is several times faster
 * than `ByteSink.latin1`, which leaves JavaScript for each of them (measured: JSON of a session in 0.6 µs instead of
 * 1.7).
 */
export function writeFew(text: string, sink: ByteSink): void {
  const { length } = text;
  sink.reserve(length);
  const { buffer } = sink;
  const at = sink.length;
  for (let i = 0; i < length; i++) buffer[at + i] = text.charCodeAt(i);
  sink.length = at + length;
}

/** Characters of one name that are shown. */
const LONGEST_NAME = 40;

/** A run of characters that may be an id or a token, unlike the names that programmers give. */
const TOKEN_LIKE = /(?=[\w-]{0,80}\d)([\w-]{8})[\w-]{16,}/g;

/** The error, if it says what can't be carried over, with the name of the member in which that is. */
export function withinMember(error: unknown, key: PyValue): unknown {
  if (error instanceof UnsupportedSession) error.members.push(memberName(key));
  return error;
}

/** A key as it may be shown: its text is a file's, and may be anything. */
function memberName(key: PyValue): string {
  const base = baseOf(key);
  const text = base instanceof PyText ? (base.decode() ?? base.latin1) : base;
  if (typeof text !== 'string') return typeof text === 'number' ? String(text) : '(a key that is no text)';
  const shown = escapeBytes(text.slice(0, 200)).replace(TOKEN_LIKE, '$1*');
  return shown.length <= LONGEST_NAME ? shown : `${shown.slice(0, LONGEST_NAME - 3)}...`;
}

/** Half of a character past U+FFFF without its other half, which `Buffer.write` would replace by U+FFFD. */
const LONE_SURROGATE = /\p{Surrogate}/u;

/** Bytes of the text in UTF-8. A lone surrogate takes three, as many as what replaces it. */
export function utf8Length(text: string): number {
  return Buffer.byteLength(text, 'utf8');
}

/** Appends text as UTF-8, lone surrogates included: Python's `surrogatepass`, which pickle uses on both sides. */
export function writeUtf8(text: string, length: number, sink: ByteSink): void {
  sink.reserve(length);
  if (length === text.length || !LONE_SURROGATE.test(text)) {
    sink.length += sink.buffer.write(text, sink.length, 'utf8');
    return;
  }
  for (const character of text) {
    const point = character.codePointAt(0) as number;
    if (point >= 0xd800 && point <= 0xdfff) {
      sink.byte(0xe0 | (point >> 12));
      sink.byte(0x80 | ((point >> 6) & 0x3f));
      sink.byte(0x80 | (point & 0x3f));
    } else {
      sink.length += sink.buffer.write(character, sink.length, 'utf8');
    }
  }
}

/** Python's name of a value's type, for a reason that must not show the value. */
export function typeName(value: PyValue): string {
  if (value instanceof PyBytes) return value.isMutable ? 'bytearray' : 'bytes';
  if (value instanceof PySet) return value.isFrozen ? 'frozenset' : 'set';
  if (value instanceof PyDateTime) return 'datetime';
  if (value instanceof PyDate) return 'date';
  if (value instanceof PyTime) return 'time';
  if (value instanceof PyTuple) return 'tuple';
  if (value instanceof PyDict) return 'dict';
  if (value instanceof PyInstance) return value.className;
  return Array.isArray(value) ? 'list' : typeof value;
}
