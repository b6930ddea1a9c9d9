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
 * Bytes that may become of a file of `size` bytes where files have at most `maxSize`: what a few bytes of references are
 * written out to, and the time for it, is bounded by the file that has them.
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
