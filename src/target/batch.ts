import { ByteSink } from '../byte-sink.js';
import { codeOf, UNSETTLED } from '../session.js';

/**
 * Sessions per Redis round trip. Redis serves other clients between reads of 16 KiB whatever the batch's size, and more
 * than 128 bring no throughput (measured on a unix socket: 64 / 128 / 512 differ by less than the noise).
 */
export const MAX_BATCH_SESSIONS = 128;

/** A batch is full from this size on; only a single session larger than this makes it larger. */
export const MAX_BATCH_BYTES = 128 * 1024;

/** Command bytes around the key and the value of one session; `after` ends in the length's `$`. */
interface Frame {
  before: Buffer;
  after: Buffer;
}

/**
 * The writes of one round trip, encoded as they are added: `SET key value NX PXAT expiry`, the expiry absolute so that
 * neither a slow run nor a second try stretches it. Remembers where each key and value lies, for whoever has to look
 * a key up again, and the outcome of each.
 */
export class WriteBatch {
  readonly bytes = new ByteSink(MAX_BATCH_BYTES, Number.MAX_SAFE_INTEGER);
  count = 0;
  /** Position of the session in its chunk. */
  readonly entry = new Uint32Array(MAX_BATCH_SESSIONS);
  readonly keyStart = new Uint32Array(MAX_BATCH_SESSIONS);
  readonly keyEnd = new Uint32Array(MAX_BATCH_SESSIONS);
  readonly valueStart = new Uint32Array(MAX_BATCH_SESSIONS);
  readonly valueEnd = new Uint32Array(MAX_BATCH_SESSIONS);
  readonly expiryMs = new Float64Array(MAX_BATCH_SESSIONS);
  readonly outcome = new Uint8Array(MAX_BATCH_SESSIONS);

  readonly #frames = new Map<number, Frame>();

  /** @param keyBefore and @param keyAfter what stands around the sid in the reader's key */
  constructor(
    readonly keyBefore: string,
    readonly keyAfter: string,
  ) {}

  get isFull(): boolean {
    return this.count === MAX_BATCH_SESSIONS || this.bytes.length >= MAX_BATCH_BYTES;
  }

  /** Appends the session `sid` (ASCII) with the value `source[start, end)`; `entry` is its position in the chunk. */
  add(entry: number, sid: string, source: Buffer, start: number, end: number, expiryMs: number): void {
    const { bytes, count } = this;
    const frame = this.#frameFor(sid.length);
    bytes.bytes(frame.before);
    this.keyStart[count] = bytes.length - Buffer.byteLength(this.keyBefore);
    bytes.latin1(sid);
    this.keyEnd[count] = bytes.length + Buffer.byteLength(this.keyAfter);
    bytes.bytes(frame.after);
    bytes.latin1(`${end - start}\r\n`);
    this.valueStart[count] = bytes.length;
    bytes.reserve(end - start);
    source.copy(bytes.buffer, bytes.length, start, end);
    bytes.length += end - start;
    this.valueEnd[count] = bytes.length;
    const expiry = String(expiryMs);
    bytes.latin1(`\r\n$2\r\nNX\r\n$4\r\nPXAT\r\n$${expiry.length}\r\n${expiry}\r\n`);
    this.entry[count] = entry;
    this.expiryMs[count] = expiryMs;
    this.outcome[count] = UNSETTLED;
    this.count++;
  }

  key(index: number): Buffer {
    return this.bytes.buffer.subarray(this.keyStart[index], this.keyEnd[index]);
  }

  value(index: number): Buffer {
    return this.bytes.buffer.subarray(this.valueStart[index], this.valueEnd[index]);
  }

  /** Empties the batch, and lets go of the memory that an outsized session made it take. */
  clear(): void {
    this.count = 0;
    this.bytes.length = 0;
    if (this.bytes.buffer.length > 4 * MAX_BATCH_BYTES) this.bytes.buffer = Buffer.allocUnsafeSlow(MAX_BATCH_BYTES);
  }

  #frameFor(sidLength: number): Frame {
    let frame = this.#frames.get(sidLength);
    if (frame === undefined) {
      const keyBytes = Buffer.byteLength(this.keyBefore) + sidLength + Buffer.byteLength(this.keyAfter);
      frame = {
        before: Buffer.from(`*6\r\n$3\r\nSET\r\n$${keyBytes}\r\n${this.keyBefore}`),
        after: Buffer.from(`${this.keyAfter}\r\n$`),
      };
      this.#frames.set(sidLength, frame);
    }
    return frame;
  }
}

/** Codes that a writer gives, looked up once. */
export const CODE = {
  written: codeOf('written'),
  updated: codeOf('updated'),
  same: codeOf('same'),
  kept: codeOf('kept'),
} as const;
