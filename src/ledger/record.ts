import { hash } from 'node:crypto';
import { crc32 } from 'node:zlib';
import { DIGEST_DIGITS, type Layout, type OwnVersion } from '../session.js';

/** A session file as it was when it was last taken: if all of this is as it was, so is the session. */
export interface FileMark {
  /** Place of its store in the list of sources. */
  source: number;
  layout: Layout;
  /** Whole milliseconds since the epoch. */
  mtimeMs: number;
  size: number;
  /** Low half of the inode number: every save of Odoo makes a new file. */
  inode: number;
}

/**
 * What the ledger knows of one session. MIGRATION.md, "The ledger", fixes the bytes.
 *
 * `ours`: a value of ours was sent. `kept`: the key was there before, with another's value. `skipped`: the file holds no
 * session that moves.
 */
export interface SessionRecord extends FileMark {
  key: Buffer;
  state: RecordState;
  /** Place in the bitmap of sessions that a pass has seen. */
  ordinal: number;
  pass: number;
  batch: number;
  /** Values of ours that the key may hold, the newest first: more than one only while it is not known which. */
  versions: readonly OwnVersion[];
}

export const RECORD_STATES = ['ours', 'kept', 'skipped'] as const;
export type RecordState = (typeof RECORD_STATES)[number];

/** Versions are kept until it is known which one the target holds; runs that fail one after another may add up. */
const MOST_VERSIONS = 8;

const FIXED_BYTES = 32;
const VERSION_BYTES = 16;
const CHECKSUM_BYTES = 4;

/** A whole record, and the part of it that its checksum covers. */
interface Form {
  whole: Buffer;
  covered: Buffer;
}

/** Encodes records one after another into memory of its own; what it returns holds until the next one. */
export class RecordEncoder {
  /** By number of versions. */
  readonly #forms: readonly Form[] = Array.from({ length: MOST_VERSIONS + 1 }, (_, versions) => {
    const whole = Buffer.alloc(FIXED_BYTES + versions * VERSION_BYTES + CHECKSUM_BYTES);
    return { whole, covered: whole.subarray(0, -CHECKSUM_BYTES) };
  });

  encode(record: SessionRecord): Buffer {
    const { source, layout, mtimeMs, size, inode, ordinal, pass, batch, versions } = record;
    const { whole, covered } = this.#forms[Math.min(versions.length, MOST_VERSIONS)] as Form;
    whole[0] = RECORD_STATES.indexOf(record.state);
    whole[1] = layout === 'flat' ? 0 : 1;
    whole.writeUInt16BE(source, 2);
    whole.writeDoubleBE(mtimeMs, 4);
    whole.writeUInt32BE(size, 12);
    whole.writeUInt32BE(inode, 16);
    whole.writeUInt32BE(ordinal, 20);
    whole.writeUInt32BE(pass, 24);
    whole.writeUInt32BE(batch, 28);
    for (let i = 0, offset = FIXED_BYTES; offset < covered.length; i++, offset += VERSION_BYTES) {
      const { expiryMs, digest } = versions[i] as OwnVersion;
      whole.writeDoubleBE(expiryMs, offset);
      whole.write(digest, offset + 8, 'hex');
    }
    whole.writeUInt32BE(checksum(record.key, covered), covered.length);
    return whole;
  }
}

/**
 * A record as it stands in the ledger: every field is read when it is asked for, because most are not. Its bytes may have
 * been damaged, see {@link isIntact}.
 */
export class StoredRecord implements SessionRecord {
  private constructor(
    readonly key: Buffer,
    readonly bytes: Buffer,
  ) {}

  /** Returns null for bytes that can't be a record. */
  static from(key: Buffer, bytes: Buffer): StoredRecord | null {
    const versionsBytes = bytes.length - FIXED_BYTES - CHECKSUM_BYTES;
    return versionsBytes < 0 || versionsBytes % VERSION_BYTES !== 0 ? null : new StoredRecord(key, bytes);
  }

  /** Whether this is what was written under this key. */
  get isIntact(): boolean {
    const { bytes } = this;
    const end = bytes.length - CHECKSUM_BYTES;
    return checksum(this.key, bytes.subarray(0, end)) === bytes.readUInt32BE(end);
  }

  get state(): RecordState {
    return RECORD_STATES[this.bytes[0] as number] ?? 'kept';
  }

  get layout(): Layout {
    return this.bytes[1] === 0 ? 'flat' : 'hashed';
  }

  get source(): number {
    return this.bytes.readUInt16BE(2);
  }

  get mtimeMs(): number {
    return this.bytes.readDoubleBE(4);
  }

  get size(): number {
    return this.bytes.readUInt32BE(12);
  }

  get inode(): number {
    return this.bytes.readUInt32BE(16);
  }

  get ordinal(): number {
    return this.bytes.readUInt32BE(20);
  }

  get pass(): number {
    return this.bytes.readUInt32BE(24);
  }

  get batch(): number {
    return this.bytes.readUInt32BE(28);
  }

  get versions(): OwnVersion[] {
    const { bytes } = this;
    const versions: OwnVersion[] = [];
    for (let offset = FIXED_BYTES; offset < bytes.length - CHECKSUM_BYTES; offset += VERSION_BYTES) {
      const digest = bytes.toString('hex', offset + 8, offset + VERSION_BYTES);
      versions.push({ expiryMs: bytes.readDoubleBE(offset), digest });
    }
    return versions;
  }
}

/** Returns null for bytes that are no record of this key, or were damaged. */
export function decodeRecord(key: Buffer, bytes: Buffer): StoredRecord | null {
  const record = StoredRecord.from(key, bytes);
  return record?.isIntact === true ? record : null;
}

/** Whether a file is, as far as can be seen without opening it, the one that was recorded. */
export function isSameFile(record: SessionRecord, file: FileMark): boolean {
  return (
    record.mtimeMs === file.mtimeMs &&
    record.size === file.size &&
    record.inode === file.inode &&
    record.source === file.source &&
    record.layout === file.layout
  );
}

/** Covers the key as well: a record under a damaged key must not be taken for another session's. */
function checksum(key: Buffer, covered: Buffer): number {
  return crc32(covered, crc32(key));
}

export function digestOf(value: Uint8Array): string {
  return hash('sha1', value, 'hex').slice(0, DIGEST_DIGITS);
}
