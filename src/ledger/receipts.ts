import { DIGEST_DIGITS, isSameVersion, type OwnVersion } from '../session.js';

/**
 * A receipt says of one session what was sent of it: a hash of the sid, the expiry, the digest of the value. Receipts
 * lie in the target beside the marker, those of one round trip under one key, so that a lost ledger can be filled up
 * again.
 */
export const RECEIPT_BYTES = 22;
const EXPIRY_OFFSET = 8;
const DIGEST_OFFSET = 14;
const DIGEST_BYTES = DIGEST_DIGITS / 2;
/** Seeds of the two halves of a sid's hash. */
const HIGH = 0x811c9dc5;
const LOW = 0x01000193;

/**
 * What all keys of a run's receipts begin and end with. They lie in the database of the markers, never among sessions.
 */
export interface ReceiptKeys {
  before: string;
  after: string;
}

/** The round trip that receipts are of. */
export interface ReceiptOrigin {
  run: string;
  pass: number;
  batch: number;
}

/** The receipts of one round trip, and until when the last of its copies lives, epoch milliseconds. */
export interface EncodedReceipts {
  bytes: Buffer;
  lastExpiryMs: number;
}

/** Leaves receipts in the target. */
export interface ReceiptKeeper {
  /**
   * Resolves when the target has the receipts of a round trip of a pass.
   * @throws {OperatorError} when it refuses them, or is given up
   */
  keep(pass: number, batch: number, receipts: EncodedReceipts): Promise<void>;
}

/** What receipts say of one session. */
export interface Receipts {
  /** What was sent, the newest first. */
  versions: OwnVersion[];
  /** Of the newest, and of the oldest, among them. */
  newest: ReceiptOrigin;
  oldest: ReceiptOrigin;
}

/** Encodes the receipts of so many sessions; `digests` holds the digests of their values, one after another. */
export function encodeReceipts(
  sids: readonly string[],
  count: number,
  expiryMs: Float64Array,
  digests: Buffer,
): EncodedReceipts {
  const bytes = Buffer.allocUnsafe(count * RECEIPT_BYTES);
  let lastExpiryMs = 0;
  for (let at = 0; at < count; at++) {
    const start = at * RECEIPT_BYTES;
    const endMs = expiryMs[at] as number;
    if (endMs > lastExpiryMs) lastExpiryMs = endMs;
    writeHash(bytes, start, sids[at] as string);
    writeInt16(bytes, start + EXPIRY_OFFSET, endMs / 2 ** 32);
    writeInt32(bytes, start + EXPIRY_OFFSET + 2, endMs);
    // By hand, as a call of copy takes longer than eight bytes do.
    for (let i = 0; i < DIGEST_BYTES; i++) {
      bytes[start + DIGEST_OFFSET + i] = digests[at * DIGEST_BYTES + i] as number;
    }
  }
  return { bytes, lastExpiryMs };
}

/** All receipts that a target has of some runs, to be asked by sid. Each takes 38 to 46 bytes of memory. */
export class ReceiptTable {
  readonly #bytes: Buffer;
  readonly #origin: Uint32Array;
  /** The receipt of the same hash that was added before; -1 for none. */
  readonly #before: Int32Array;
  /** The newest receipt of each hash; -1 for none. */
  readonly #buckets: Int32Array;
  readonly #origins: ReceiptOrigin[] = [];
  readonly #hash = Buffer.alloc(EXPIRY_OFFSET);
  #count = 0;

  /** @param most receipts that it can hold */
  constructor(most: number) {
    this.#bytes = Buffer.alloc(most * RECEIPT_BYTES);
    this.#origin = new Uint32Array(most);
    this.#before = new Int32Array(most);
    this.#buckets = new Int32Array(2 ** Math.ceil(Math.log2(2 * most + 2))).fill(-1);
  }

  get count(): number {
    return this.#count;
  }

  /**
   * Adds the receipts of one round trip, later than all that were added before. Bytes that are no receipts are passed
   * over.
   */
  add(origin: ReceiptOrigin, bytes: Buffer): void {
    this.#origins.push(origin);
    for (let start = 0; start + RECEIPT_BYTES <= bytes.length; start += RECEIPT_BYTES) {
      const at = this.#count;
      if (at === this.#origin.length) return;
      this.#count++;
      bytes.copy(this.#bytes, at * RECEIPT_BYTES, start, start + RECEIPT_BYTES);
      this.#origin[at] = this.#origins.length - 1;
      const bucket = this.#bucketOf(bytes.readInt32BE(start), bytes.readInt32BE(start + 4));
      this.#before[at] = this.#buckets[bucket] as number;
      this.#buckets[bucket] = at;
    }
  }

  /** What is known of a session; null for nothing. */
  of(sid: string): Receipts | null {
    writeHash(this.#hash, 0, sid);
    let at = this.#buckets[this.#bucketOf(this.#hash.readInt32BE(0), this.#hash.readInt32BE(4))] as number;
    if (at === -1) return null;
    const newest = this.#originOf(at);
    const versions: OwnVersion[] = [];
    let oldest = newest;
    for (; at !== -1; at = this.#before[at] as number) {
      const version = this.#versionAt(at);
      const isKnown = versions.some((one) => isSameVersion(one, version));
      if (!isKnown) versions.push(version);
      oldest = this.#originOf(at);
    }
    return { versions, newest, oldest };
  }

  /** The bucket of a hash: its own, or the first that is free. */
  #bucketOf(high: number, low: number): number {
    const mask = this.#buckets.length - 1;
    for (let bucket = (high ^ low) & mask; ; bucket = (bucket + 1) & mask) {
      const at = this.#buckets[bucket] as number;
      if (at === -1) return bucket;
      const start = at * RECEIPT_BYTES;
      if (this.#bytes.readInt32BE(start) === high && this.#bytes.readInt32BE(start + 4) === low) return bucket;
    }
  }

  #originOf(at: number): ReceiptOrigin {
    return this.#origins[this.#origin[at] as number] as ReceiptOrigin;
  }

  #versionAt(at: number): OwnVersion {
    const start = at * RECEIPT_BYTES;
    return {
      expiryMs: this.#bytes.readUIntBE(start + EXPIRY_OFFSET, 6),
      digest: this.#bytes.toString('hex', start + DIGEST_OFFSET, start + RECEIPT_BYTES),
    };
  }
}

/**
 * Writes 64 bits of a sid, which do not lead back to it: FNV-1a twice (http://www.isthe.com/chongo/tech/comp/fnv), each
 * mixed as MurmurHash3 does at its end, as ids of 40 hexadecimal digits differ in few bits of each character.
 */
function writeHash(bytes: Buffer, start: number, sid: string): void {
  let high = HIGH;
  let low = LOW;
  for (let i = 0; i < sid.length; i++) {
    const character = sid.charCodeAt(i);
    high = Math.imul(high ^ character, 0x01000193);
    low = Math.imul(low ^ character, 0x01000193);
  }
  writeInt32(bytes, start, mixed(high));
  writeInt32(bytes, start + 4, mixed(low));
}

/** The lowest bits, the highest byte first, as `writeInt32BE` would with its checks. */
function writeInt32(bytes: Buffer, start: number, value: number): void {
  writeInt16(bytes, start, value >>> 16);
  writeInt16(bytes, start + 2, value);
}

function writeInt16(bytes: Buffer, start: number, value: number): void {
  bytes[start] = value >>> 8;
  bytes[start + 1] = value;
}

function mixed(hash: number): number {
  const once = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  const twice = Math.imul(once ^ (once >>> 13), 0xc2b2ae35);
  return twice ^ (twice >>> 16);
}
