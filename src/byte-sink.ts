/** Thrown when a value grows past the cap of its sink, as a small pickle full of references can make it. */
export class SinkFull extends Error {
  override readonly name = 'SinkFull';
}

/**
 * A growing byte buffer, reused from file to file. Encoders append to it; nothing is copied until the writer takes
 * `view()`. `length` may be set back to a mark to drop what came after it.
 */
export class ByteSink {
  buffer: Buffer;
  length = 0;

  /** @param maxBytes the size at which `reserve` throws {@link SinkFull} */
  constructor(
    initialBytes: number,
    readonly maxBytes: number,
  ) {
    this.buffer = Buffer.allocUnsafeSlow(Math.min(initialBytes, maxBytes));
  }

  /** Makes room for `count` more bytes at `buffer[length]`; the caller writes them and moves `length` itself. */
  reserve(count: number): void {
    const needed = this.length + count;
    if (needed <= this.buffer.length) return;
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
