import type { OwnVersion } from '../session.js';
import { type PackName, packKey, packNameOf } from './keys.js';
import { checksum, DIGEST_BYTES, FILE_BYTES, type SessionColumns, StoredRecord, writeFilePart } from './record.js';

/** A record in a pack: the file, then the one version that was sent; zeros where none was. */
const RECORD_BYTES = FILE_BYTES + 8 + DIGEST_BYTES;
const CHECKSUM_BYTES = 4;
/** In place of a state, where the session is no longer on record. */
const GONE = 0xff;
/** Sessions that the memory of a new encoder holds. */
const USUAL_COUNT = 512;

/** What is sent of the session at a place among those noted. */
export interface Sent {
  expiryMs: Float64Array;
  /** The digest of each value, {@link DIGEST_BYTES} after one another. */
  digests: Buffer;
}

/** Puts sessions that are recorded for the first time into one pack; all ids in it are of one size. */
export class PackEncoder {
  count = 0;
  #records = Buffer.alloc(USUAL_COUNT * RECORD_BYTES);
  #ids: Buffer;

  constructor(readonly idBytes: number) {
    this.#ids = Buffer.alloc(USUAL_COUNT * idBytes);
  }

  /**
   * Adds the session at a place in `noted`, whose id begins at `start` in `ids`.
   * @param sent null for one that does not move
   */
  add(noted: SessionColumns, at: number, ids: Buffer, start: number, sent: Sent | null): void {
    const { idBytes } = this;
    const offset = this.count * RECORD_BYTES;
    if (offset === this.#records.length) this.#grow();
    const records = this.#records;
    writeFilePart(records, offset, sent === null ? 'skipped' : 'ours', noted, at);
    if (sent === null) records.fill(0, offset + FILE_BYTES, offset + RECORD_BYTES);
    else {
      records.writeDoubleBE(sent.expiryMs[at] as number, offset + FILE_BYTES);
      const start = at * DIGEST_BYTES;
      sent.digests.copy(records, offset + FILE_BYTES + 8, start, start + DIGEST_BYTES);
    }
    ids.copy(this.#ids, this.count * idBytes, start, start + idBytes);
    this.count++;
  }

  /** Empties the encoder into a pack. */
  take(pass: number, batch: number): { key: Buffer; bytes: Buffer } {
    const { idBytes, count } = this;
    const key = packKey({ pass, batch, idBytes, count });
    const records = this.#records.subarray(0, count * RECORD_BYTES);
    this.count = 0;
    return { key, bytes: sealed(key, records, this.#ids.subarray(0, count * idBytes)) };
  }

  #grow(): void {
    this.#records = Buffer.concat([this.#records], 2 * this.#records.length);
    this.#ids = Buffer.concat([this.#ids], 2 * this.#ids.length);
  }
}

/**
 * The records of sessions that one round trip brought in, as one entry of the ledger: a fourth of what as many entries
 * cost. Its bytes are the records one after another, then the ids, then a checksum. All are of one source.
 */
export class Pack {
  readonly count: number;
  readonly name: PackName;
  readonly #ids: number;

  private constructor(
    readonly key: Buffer,
    readonly bytes: Buffer,
  ) {
    this.name = packNameOf(key);
    this.count = (bytes.length - CHECKSUM_BYTES) / (RECORD_BYTES + this.name.idBytes);
    this.#ids = this.count * RECORD_BYTES;
  }

  /** Returns null for bytes that are no pack of this key, or were damaged. */
  static from(key: Buffer, bytes: Buffer): Pack | null {
    const end = bytes.length - CHECKSUM_BYTES;
    if (end < 0 || checksum(key, bytes.subarray(0, end)) !== bytes.readUInt32BE(end)) return null;
    return new Pack(key, bytes);
  }

  /** The id at a position, as a view. */
  idAt(position: number): Buffer {
    const start = this.#ids + position * this.name.idBytes;
    return this.bytes.subarray(start, start + this.name.idBytes);
  }

  /** The first four bytes of the id at a position. */
  idStartAt(position: number): number {
    return this.bytes.readUInt32BE(this.#ids + position * this.name.idBytes);
  }

  has(position: number, id: Buffer): boolean {
    const { bytes, name } = this;
    if (id.length !== name.idBytes || this.isGone(position)) return false;
    const start = this.#ids + position * name.idBytes;
    return id.compare(bytes, start, start + name.idBytes) === 0;
  }

  isGone(position: number): boolean {
    return this.bytes[position * RECORD_BYTES] === GONE;
  }

  /** Whether more than half of the pack is no longer on record. */
  get isMostlyGone(): boolean {
    let gone = 0;
    for (let position = 0; position < this.count; position++) if (this.isGone(position)) gone++;
    return 2 * gone > this.count;
  }

  recordAt(position: number): PackedRecord {
    return new PackedRecord(this, this.bytes, position);
  }

  /** The pack's bytes with these sessions off the record. Positions stay as they are. */
  without(positions: Iterable<number>): Buffer {
    const bytes = Buffer.from(this.bytes.subarray(0, -CHECKSUM_BYTES));
    for (const position of positions) {
      bytes.fill(0, position * RECORD_BYTES, (position + 1) * RECORD_BYTES);
      bytes[position * RECORD_BYTES] = GONE;
      const start = this.#ids + position * this.name.idBytes;
      bytes.fill(0, start, start + this.name.idBytes);
    }
    return sealed(this.key, bytes);
  }

  /** Positions of sessions that are still on record. */
  livingPositions(): number[] {
    const living: number[] = [];
    for (let position = 0; position < this.count; position++) if (!this.isGone(position)) living.push(position);
    return living;
  }

  /** A pack, under a key of its own, with these positions alone. */
  only(positions: readonly number[]): Pack {
    const key = packKey({ ...this.name, count: positions.length });
    const records = positions.map((at) => this.bytes.subarray(at * RECORD_BYTES, (at + 1) * RECORD_BYTES));
    return new Pack(key, sealed(key, ...records, ...positions.map((at) => this.idAt(at))));
  }
}

/** A session's record in a pack. */
export class PackedRecord extends StoredRecord {
  /** Stores of several sources are recorded session by session. */
  readonly source = 0;

  constructor(
    readonly pack: Pack,
    bytes: Buffer,
    readonly position: number,
  ) {
    super(bytes, position * RECORD_BYTES);
  }

  get id(): Buffer {
    return this.pack.idAt(this.position);
  }

  get pass(): number {
    return this.pack.name.pass;
  }

  get batch(): number {
    return this.pack.name.batch;
  }

  get lastExpiryMs(): number {
    return this.state === 'ours' ? this.bytes.readDoubleBE(this.start + FILE_BYTES) : 0;
  }

  get versions(): OwnVersion[] {
    return this.state === 'ours' ? [this.versionAt(this.start + FILE_BYTES)] : [];
  }
}

function sealed(key: Buffer, ...parts: readonly Buffer[]): Buffer {
  const length = parts.reduce((sum, part) => sum + part.length, 0);
  const bytes = Buffer.concat(parts as Buffer[], length + CHECKSUM_BYTES);
  bytes.writeUInt32BE(checksum(key, bytes.subarray(0, length)), length);
  return bytes;
}
