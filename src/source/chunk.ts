/**
 * A chunk: some hundred directory entries of one store, packed into one transferable buffer, so that handing them to
 * a lane costs the same whether there are two or five hundred.
 *
 * Bytes per entry: type (1: may be a regular file, 0: surely not), length of the path (2 bytes, big endian), path
 * relative to the store as raw bytes.
 */
export interface Chunk {
  /** Index into the run's list of sources. */
  source: number;
  count: number;
  entries: Uint8Array<ArrayBuffer>;
}

const HEADER_BYTES = 3;

/** Collects entries into chunks of at most `maxEntries`. */
export class ChunkPacker {
  #buffer = Buffer.allocUnsafeSlow(64 * 1024);
  #length = 0;
  count = 0;

  /** Appends one entry. `path` holds one character per byte (latin1), as the walk reads it. */
  add(path: string, mayBeFile: boolean): void {
    const needed = this.#length + HEADER_BYTES + path.length;
    if (needed > this.#buffer.length) {
      const grown = Buffer.allocUnsafeSlow(Math.max(needed, this.#buffer.length * 2));
      this.#buffer.copy(grown, 0, 0, this.#length);
      this.#buffer = grown;
    }
    this.#buffer[this.#length] = mayBeFile ? 1 : 0;
    this.#buffer.writeUInt16BE(path.length, this.#length + 1);
    this.#buffer.write(path, this.#length + HEADER_BYTES, 'latin1');
    this.#length = needed;
    this.count++;
  }

  /** Empties the packer into a chunk of its own memory. */
  take(source: number): Chunk {
    const chunk = { source, count: this.count, entries: new Uint8Array(this.#buffer.subarray(0, this.#length)) };
    this.#length = 0;
    this.count = 0;
    return chunk;
  }
}

/** Steps through a chunk's entries: `while (cursor.next()) use(cursor.path, cursor.mayBeFile)`. */
export class ChunkCursor {
  readonly #buffer: Buffer;
  #offset = 0;
  path = '';
  mayBeFile = false;

  constructor(chunk: Chunk) {
    this.#buffer = Buffer.from(chunk.entries.buffer, chunk.entries.byteOffset, chunk.entries.length);
  }

  next(): boolean {
    if (this.#offset >= this.#buffer.length) return false;
    this.mayBeFile = this.#buffer[this.#offset] === 1;
    const start = this.#offset + HEADER_BYTES;
    const end = start + this.#buffer.readUInt16BE(this.#offset + 1);
    this.path = this.#buffer.toString('latin1', start, end);
    this.#offset = end;
    return true;
  }
}
