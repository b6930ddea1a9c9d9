import type { OwnVersion } from '../session.js';
import {
  checksum,
  DIGEST_BYTES,
  FILE_BYTES,
  type RecordState,
  type SessionColumns,
  StoredRecord,
  writeFilePart,
} from './record.js';

/** A target that goes back holds an older one; past so many it can't be told from the application's. 16 bytes each. */
const MOST_VERSIONS = 8;

const SOURCE_OFFSET = FILE_BYTES;
const PASS_OFFSET = SOURCE_OFFSET + 2;
const BATCH_OFFSET = PASS_OFFSET + 4;
const VERSIONS_OFFSET = BATCH_OFFSET + 4;
const VERSION_BYTES = 8 + DIGEST_BYTES;
const CHECKSUM_BYTES = 4;

/** What becomes of a session that is recorded. */
export interface Fate {
  state: RecordState;
  versions: readonly OwnVersion[];
  /** See `SessionRecord`. */
  isUnacknowledged?: boolean;
}

/** Encodes the records of single sessions, one after another; what it returns holds until the next one. */
export class SingleEncoder {
  readonly #whole = Buffer.alloc(VERSIONS_OFFSET + MOST_VERSIONS * VERSION_BYTES + CHECKSUM_BYTES);

  /** The record of the session at a place in `noted`. */
  encode(noted: SessionColumns, at: number, id: Uint8Array, pass: number, batch: number, fate: Fate): Buffer {
    const whole = this.#whole;
    writeFilePart(whole, 0, fate.state, noted, at, fate.isUnacknowledged === true);
    whole.writeUInt16BE(noted.source[at] as number, SOURCE_OFFSET);
    whole.writeUInt32BE(pass, PASS_OFFSET);
    whole.writeUInt32BE(batch, BATCH_OFFSET);
    let end = VERSIONS_OFFSET;
    for (const { expiryMs, digest } of fate.versions.slice(0, MOST_VERSIONS)) {
      whole.writeDoubleBE(expiryMs, end);
      whole.write(digest, end + 8, 'hex');
      end += VERSION_BYTES;
    }
    whole.writeUInt32BE(checksum(id, whole.subarray(0, end)), end);
    return whole.subarray(0, end + CHECKSUM_BYTES);
  }
}

/**
 * The record of a session that has an entry of its own: one that changed since it was packed, or one of several stores.
 */
export class SingleRecord extends StoredRecord {
  private constructor(
    readonly id: Buffer,
    bytes: Buffer,
  ) {
    super(bytes, 0);
  }

  /** Returns null for bytes that are no record of this id, or were damaged. */
  static from(id: Buffer, bytes: Buffer): SingleRecord | null {
    const end = bytes.length - CHECKSUM_BYTES;
    if (end < VERSIONS_OFFSET || (end - VERSIONS_OFFSET) % VERSION_BYTES !== 0) return null;
    const isIntact = checksum(id, bytes.subarray(0, end)) === bytes.readUInt32BE(end);
    return isIntact ? new SingleRecord(id, bytes) : null;
  }

  get source(): number {
    return this.bytes.readUInt16BE(SOURCE_OFFSET);
  }

  get pass(): number {
    return this.bytes.readUInt32BE(PASS_OFFSET);
  }

  get batch(): number {
    return this.bytes.readUInt32BE(BATCH_OFFSET);
  }

  get lastExpiryMs(): number {
    const hasNone = this.state !== 'ours' || this.bytes.length - CHECKSUM_BYTES === VERSIONS_OFFSET;
    return hasNone ? 0 : this.bytes.readDoubleBE(VERSIONS_OFFSET);
  }

  get versions(): OwnVersion[] {
    const versions: OwnVersion[] = [];
    const end = this.bytes.length - CHECKSUM_BYTES;
    for (let offset = VERSIONS_OFFSET; offset < end; offset += VERSION_BYTES) versions.push(this.versionAt(offset));
    return versions;
  }
}
