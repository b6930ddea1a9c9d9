import { MalformedSession, UnsupportedSession } from '../../errors.js';
import {
  MAX_INT_DIGITS,
  MAX_NESTING,
  MAX_OBJECTS,
  PyBytes,
  PyDict,
  PyInstance,
  PySet,
  PyText,
  PyTuple,
  type PyValue,
} from '../values.js';

/**
 * Reads one pickle front to back; nothing it hands out lies beyond `end`. Offsets in errors count from `start`.
 *
 * No reason tells what was read, not even a count: in a damaged file it may be eight bytes of a token.
 */
export class Cursor {
  at: number;

  constructor(
    readonly bytes: Buffer,
    readonly start: number,
    readonly end: number,
  ) {
    this.at = start;
  }

  get offset(): number {
    return this.at - this.start;
  }

  malformed(reason: string): MalformedSession {
    return new MalformedSession(reason, this.offset);
  }

  /** For bytes that stop before the pickle does. */
  private cutShort(reason: string): MalformedSession {
    return new MalformedSession(reason, this.offset, true);
  }

  unsupported(reason: string): UnsupportedSession {
    return new UnsupportedSession(reason, this.offset);
  }

  /** Steps over `count` bytes and answers where they begin. */
  take(count: number): number {
    const at = this.at;
    // A count that lies is refused before anything is allocated for it.
    if (count > this.end - at) throw this.cutShort('a count runs past the end');
    this.at = at + count;
    return at;
  }

  uint8(): number {
    if (this.at >= this.end) throw this.cutShort('ends without STOP');
    return this.bytes[this.at++] as number;
  }

  uint16(): number {
    return this.bytes.readUInt16LE(this.take(2));
  }

  int32(): number {
    return this.bytes.readInt32LE(this.take(4));
  }

  uint32(): number {
    return this.bytes.readUInt32LE(this.take(4));
  }

  /** A count of eight bytes. What a double cannot hold exactly is far more than any file has left. */
  uint64(): number {
    const at = this.take(8);
    return this.bytes.readUInt32LE(at) + this.bytes.readUInt32LE(at + 4) * 2 ** 32;
  }

  /** Steps to the content of a frame, all of which has to be there. */
  frame(): void {
    this.at = this.take(this.uint64());
  }

  /** A count that CPython reads as signed and refuses below zero. */
  count32(): number {
    const count = this.int32();
    if (count < 0) throw this.malformed('negative count');
    return count;
  }

  float64(): number {
    return this.bytes.readDoubleBE(this.take(8));
  }

  /** The bytes up to the next newline, one character each; the newline is stepped over. */
  line(): string {
    const newline = this.bytes.indexOf(0x0a, this.at);
    if (newline < 0 || newline >= this.end) throw this.cutShort('ends in the middle of a line');
    const line = this.bytes.toString('latin1', this.at, newline);
    this.at = newline + 1;
    return line;
  }
}

/** Places in the memo. Picklers number them from 0 or 1 and give each to one object or text of the file. */
export const MAX_MEMO = 200_000;

/** Marks below each other: one for each container that is being filled, see MAX_NESTING. */
export const MAX_MARKS = MAX_NESTING;

/** Keys are compared byte by byte if their hashes agree; hostile ones of up to this length cost nothing to speak of. */
const CHEAP_KEY = 256;

/** Ints up to this size are compared in next to no time. */
const CHEAP_INT = 2n ** 1024n;

/**
 * Objects that any file may make, however small: lists and dicts that share their parts are larger than their pickle.
 */
const FREE_OBJECTS = 4096;

/** Characters that are copied or compared in the time it takes to make an object. */
const CHARACTERS_PER_OBJECT = 16;

/**
 * What a pickle may still make the machine do. The opcodes themselves are bounded by the size of the file; this bounds
 * what a few bytes, repeated, can do with something big in the memo, by the size of the file: picklers spend at least
 * one byte for each object, entry and part of a key.
 */
export class Allowance {
  private readonly most: number;
  private left: number;

  constructor(private readonly cursor: Cursor) {
    this.most = Math.min(MAX_OBJECTS, FREE_OBJECTS + cursor.end - cursor.start);
    this.left = this.most;
  }

  /** Accounts for new objects, or for entries that are copied from one to another. */
  spend(objects: number): void {
    this.left -= objects;
    if (this.left < 0) throw this.cursor.malformed(`more than ${this.most} objects`);
  }

  spendOnText(length: number): void {
    this.spend(Math.ceil(length / CHARACTERS_PER_OBJECT));
  }

  /**
   * Whether Python takes the value for a key of a dict or an item of a set. Accounts for what comparing it costs: what
   * a tuple or a frozen set holds is looked at once, however often it is asked for.
   */
  takesKey(key: PyValue, depth = 0): boolean {
    if (typeof key === 'string') return this.takesText(key.length);
    if (typeof key === 'bigint') {
      if (key > CHEAP_INT || key < -CHEAP_INT) this.spendOnText(MAX_INT_DIGITS);
      return true;
    }
    if (typeof key !== 'object' || key === null) return true;
    if (key instanceof PyText) return this.takesText(key.latin1.length);
    if (key instanceof PyBytes) return !key.isMutable && this.takesText(key.bytes.length);
    if (key instanceof PyTuple) return key.hasIdentity || this.takesParts(key, key.items, depth);
    if (key instanceof PySet) return key.isFrozen && (key.hasIdentity || this.takesParts(key, key.items, depth));
    if (key instanceof PyInstance) return key.base === undefined || this.takesKey(key.base, depth);
    return !Array.isArray(key) && !(key instanceof PyDict);
  }

  private takesText(length: number): true {
    if (length > CHEAP_KEY) this.spendOnText(length);
    return true;
  }

  private takesParts(key: PyTuple | PySet, parts: readonly PyValue[], depth: number): boolean {
    if (depth >= MAX_NESTING) throw this.cursor.malformed(`key nested more than ${MAX_NESTING} deep`);
    this.spend(parts.length);
    for (const part of parts) if (!this.takesKey(part, depth + 1)) return false;
    key.identity();
    return true;
  }
}
