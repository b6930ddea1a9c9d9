import { hash } from 'node:crypto';
import { crc32 } from 'node:zlib';
import { DIGEST_DIGITS, type Layout, type OwnVersion } from '../session.js';

/** A session file as it was when it was last taken: if all of this is as it was, so is the session. */
export interface FileMark {
  /** Place of its store in the list of sources. */
  source: number;
  layout: Layout;
  /** Whole milliseconds since the epoch; not a number where the file has to be read whatever it looks like:
   * it was withdrawn, or so young when it was read that a further save could look the same. */
  mtimeMs: number;
  size: number;
  /** Low half of the inode number: a save by rename makes a new file. */
  inode: number;
}

/**
 * What the ledger knows of one session. docs/ledger-format.md fixes the bytes.
 *
 * `ours`: a value of ours was sent. `kept`: the key was there before, with another's value. `skipped`: the file holds
 * no session that moves. `ended`: the session ended and its copy was deleted, `mtimeMs` is when; a target that went
 * back to an earlier state may hold that copy again.
 */
export interface SessionRecord extends FileMark {
  /** The encrypted sid (`sid-cipher.ts`). */
  id: Buffer;
  state: RecordState;
  /** Place in the bitmap of sessions that a pass has seen. */
  ordinal: number;
  pass: number;
  batch: number;
  /**
   * No reply was ever in for any of the versions when the newest was sent. `kept`: the ledger was incomplete then, so
   * that the value may be a version of ours that it does not know.
   */
  isUnacknowledged: boolean;
  /**
   * Values of ours that the key may hold, the newest first: in the end the newest one, but an older one where it was
   * never acknowledged or the target went back. `ended` and `skipped`: those that were there.
   */
  versions: readonly OwnVersion[];
}

export const RECORD_STATES = ['ours', 'kept', 'skipped', 'ended'] as const;
export type RecordState = (typeof RECORD_STATES)[number];

/** Size of what all records begin with. */
export const FILE_BYTES = 24;
export const DIGEST_BYTES = DIGEST_DIGITS / 2;
/** In the byte of the layout: no version was acknowledged when the record was written, or it was kept in doubt. */
const UNACKNOWLEDGED = 2;

/** Writes what all records begin with: the session at a place in `noted`, its file and its ordinal. */
export function writeFilePart(
  bytes: Buffer,
  start: number,
  state: RecordState,
  noted: SessionColumns,
  at: number,
  isUnacknowledged = false,
): void {
  const sid = noted.sid[at] as string;
  bytes[start] = RECORD_STATES.indexOf(state);
  bytes[start + 1] = (noted.layout[at] === 'flat' ? 0 : 1) + (isUnacknowledged ? UNACKNOWLEDGED : 0);
  bytes[start + 2] = sid.charCodeAt(0);
  bytes[start + 3] = sid.charCodeAt(1);
  bytes.writeDoubleBE(noted.mtimeMs[at] as number, start + 4);
  bytes.writeUInt32BE(noted.size[at] as number, start + 12);
  bytes.writeUInt32BE(noted.inode[at] as number, start + 16);
  bytes.writeUInt32BE(noted.ordinal[at] as number, start + 20);
}

/** A record as it stands in the ledger: every field is read when it is asked for, because most are not. */
export abstract class StoredRecord implements SessionRecord {
  constructor(
    protected readonly bytes: Buffer,
    protected readonly start: number,
  ) {}

  abstract readonly id: Buffer;
  abstract readonly source: number;
  abstract readonly pass: number;
  abstract readonly batch: number;
  abstract readonly versions: OwnVersion[];
  /** Until when the newest copy of ours may live, epoch milliseconds; 0 where there is none. */
  abstract readonly lastExpiryMs: number;

  get state(): RecordState {
    return RECORD_STATES[this.bytes[this.start] as number] ?? 'kept';
  }

  get layout(): Layout {
    return ((this.bytes[this.start + 1] as number) & 1) === 0 ? 'flat' : 'hashed';
  }

  get isUnacknowledged(): boolean {
    return ((this.bytes[this.start + 1] as number) & UNACKNOWLEDGED) !== 0;
  }

  /** The shard that the session belongs to, see `shardNumber`; where it is flat, would belong to. */
  get shard(): number {
    return this.source * 2 ** 16 + this.bytes.readUInt16BE(this.start + 2);
  }

  get mtimeMs(): number {
    return this.bytes.readDoubleBE(this.start + 4);
  }

  get size(): number {
    return this.bytes.readUInt32BE(this.start + 12);
  }

  get inode(): number {
    return this.bytes.readUInt32BE(this.start + 16);
  }

  get ordinal(): number {
    return this.bytes.readUInt32BE(this.start + 20);
  }

  protected versionAt(offset: number): OwnVersion {
    const { bytes } = this;
    const digest = bytes.toString('hex', offset + 8, offset + 8 + DIGEST_BYTES);
    return { expiryMs: bytes.readDoubleBE(offset), digest };
  }
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

/** Covers what names the record as well: one under a damaged name must not be taken for another session's. */
export function checksum(name: Uint8Array, covered: Uint8Array): number {
  return crc32(covered, crc32(name));
}

export function digestOf(value: Uint8Array): string {
  return hash('sha1', value, 'hex').slice(0, DIGEST_DIGITS);
}

/** Writes the bytes of {@link digestOf}. */
export function writeDigest(bytes: Uint8Array, start: number, value: Uint8Array): void {
  // As characters: bytes in memory of their own take four times as long.
  const digest = hash('sha1', value, 'binary');
  for (let i = 0; i < DIGEST_BYTES; i++) bytes[start + i] = digest.charCodeAt(i);
}

/**
 * Sessions that are to be recorded, as columns: one object and its arrays serve batch after batch, so that recording
 * makes next to no garbage.
 */
export class SessionColumns {
  count = 0;
  readonly sid: string[] = [];
  readonly layout: Layout[] = [];
  /** What the ledger held so far. */
  readonly before: (SessionRecord | null)[] = [];
  readonly source: Uint16Array;
  readonly mtimeMs: Float64Array;
  readonly size: Uint32Array;
  readonly inode: Uint32Array;
  /** Given when the session is recorded. */
  readonly ordinal: Uint32Array;

  /** @param most sessions that it can hold */
  constructor(most: number) {
    this.source = new Uint16Array(most);
    this.mtimeMs = new Float64Array(most);
    this.size = new Uint32Array(most);
    this.inode = new Uint32Array(most);
    this.ordinal = new Uint32Array(most);
  }

  /** Returns the session's place. `mtimeMs`, `size` and `inode` are those of a `FileMark`. */
  add(
    sid: string,
    layout: Layout,
    source: number,
    file: { mtimeMs: number; size: number; inode: number },
    before: SessionRecord | null,
  ): number {
    const at = this.count++;
    this.sid[at] = sid;
    this.layout[at] = layout;
    this.before[at] = before;
    this.source[at] = source;
    this.mtimeMs[at] = file.mtimeMs;
    this.size[at] = file.size;
    this.inode[at] = file.inode;
    return at;
  }

  /** Adds the session at a place of another. */
  addFrom(other: SessionColumns, at: number): void {
    const file = {
      mtimeMs: other.mtimeMs[at] as number,
      size: other.size[at] as number,
      inode: other.inode[at] as number,
    };
    const layout = other.layout[at] as Layout;
    this.add(other.sid[at] as string, layout, other.source[at] as number, file, other.before[at] ?? null);
  }

  clear(): void {
    this.count = 0;
    this.sid.length = 0;
    this.layout.length = 0;
    this.before.length = 0;
  }
}
