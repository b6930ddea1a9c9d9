import { MalformedSession, UnsupportedSession } from '../../errors.js';

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

  unsupported(reason: string): UnsupportedSession {
    return new UnsupportedSession(reason, this.offset);
  }

  /** Steps over `count` bytes and answers where they begin. */
  take(count: number): number {
    const at = this.at;
    // A count that lies is refused before anything is allocated for it.
    if (count > this.end - at) throw this.malformed('a count runs past the end');
    this.at = at + count;
    return at;
  }

  uint8(): number {
    if (this.at >= this.end) throw this.malformed('ends without STOP');
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
    if (newline < 0 || newline >= this.end) throw this.malformed('ends in the middle of a line');
    const line = this.bytes.toString('latin1', this.at, newline);
    this.at = newline + 1;
    return line;
  }
}
