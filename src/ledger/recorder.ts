import type { Layout } from '../session.js';
import { RecordFinder } from './finder.js';
import { batchKey, sessionKey } from './keys.js';
import { isIn } from './ordinals.js';
import { PackEncoder, type Sent } from './pack.js';
import { PackIndex } from './pack-index.js';
import { encodeReceipts, type ReceiptKeeper } from './receipts.js';
import { type FileMark, isSameFile, type SessionColumns, type SessionRecord } from './record.js';
import { digestsOf, fateOf, type LedgerShare, RecordDoubt, type RecordRights, skippedAfter } from './record-doubt.js';
import { SidCipher } from './sid-cipher.js';
import { type Fate, SingleEncoder } from './single.js';
import { Store, type StoreBatch } from './store.js';

export const COUNTER = { batch: 0, ordinal: 1 } as const;

/**
 * A lane's hand on the ledger. Sessions are recorded before they are sent, together with a mark that their batch is
 * under way; the mark goes when all replies are in. So after a crash whatever Redis may hold of ours is on record, and
 * what may never have arrived is known to be in doubt. LevelDB hands each write to the kernel before it returns: a
 * killed process loses none.
 */
export class Recorder {
  /** What the target can be trusted to hold of a record. */
  readonly doubt: RecordDoubt;
  readonly #cipher: SidCipher;
  readonly #finder: RecordFinder;
  readonly #single = new SingleEncoder();
  /** By the size of an id. */
  readonly #packs = new Map<number, PackEncoder>();
  /** Marks of batches that are settled but still marked. */
  readonly #settledBatches: Buffer[] = [];

  private constructor(
    readonly share: LedgerShare,
    readonly store: Store,
    readonly receipts: ReceiptKeeper | null,
  ) {
    this.doubt = new RecordDoubt(share);
    this.#cipher = new SidCipher(Buffer.from(share.secret, 'hex'), share.isTextId);
    this.#finder = new RecordFinder(store, share.index && new PackIndex(share.index));
  }

  /** @param receipts who leaves receipts of what is sent; null where none are left */
  static async open(share: LedgerShare, receipts: ReceiptKeeper | null = null): Promise<Recorder> {
    return new Recorder(share, await Store.open(share.directory, false), receipts);
  }

  /**
   * The records of these sessions, null where there is none.
   * @param layouts where they were met now; one that was moved since this very pass met it has a newer record than the
   *   index knows
   * @throws {OperatorError} when one is damaged
   */
  async recall(sids: readonly string[], layouts: readonly Layout[] = []): Promise<(SessionRecord | null)[]> {
    const ids = this.#cipher.idsOf(sids);
    const records = await this.#finder.find(ids);
    // Flat files move to their shards, never back: a new one that is flat comes from nowhere else.
    const mayHaveMoved = (layout: Layout, at: number) => layout !== (records[at]?.layout ?? 'flat');
    const moved = layouts.flatMap((layout, at) => (mayHaveMoved(layout, at) ? [at] : []));
    if (this.share.index === null || moved.length === 0) return records;
    const singles = await this.#finder.singles(moved.map((at) => ids[at] as Buffer));
    for (const [i, at] of moved.entries()) records[at] = singles[i] ?? (records[at] as SessionRecord | null);
    return records;
  }

  /** Whether the session was settled and its file is the one that was recorded. */
  isUnchanged(record: SessionRecord, file: FileMark): boolean {
    return (
      record.state !== 'ended' && !this.doubt.isInDoubt(record) && isSameFile(record, file) && !this.isToRepair(record)
    );
  }

  /** Whether the target was seen to lack the session, or to hold it otherwise than it was sent. */
  isToRepair({ ordinal }: SessionRecord): boolean {
    const { toRepair } = this.share;
    return toRepair !== null && isIn(toRepair, ordinal);
  }

  rightsFor(record: SessionRecord | null): RecordRights | null {
    // It was seen to be gone, or otherwise than it was sent.
    if (record !== null && this.isToRepair(record)) return this.share.isWhole ? 'c' : 'ce';
    return this.doubt.rightsFor(record);
  }

  /**
   * Records sessions as sent, and their batch as under way, in the ledger and by receipts. `expiryMs` and `valueAt`
   * tell what is about to be sent of the session at a place in `noted`. Returns the batch's number, for {@link settle}.
   */
  async begin(noted: SessionColumns, expiryMs: Float64Array, valueAt: (at: number) => Uint8Array): Promise<number> {
    const batch = this.#nextBatch();
    const write = this.#begun();
    const sent = { expiryMs, digests: digestsOf(noted.count, valueAt) };
    this.#put(write, noted, batch, sent);
    const left = this.#leaveReceipts(noted, batch, sent);
    await this.#commit(write.put(batchKey(this.share.pass, batch), EMPTY));
    await left;
    return batch;
  }

  /**
   * Notes that every reply of the batch is in. What the target kept is no longer ours; what was withheld is as it was.
   * Older versions stay on record: a target that goes back holds one of them. The batch's mark goes with the next
   * write: until then it is in doubt, which does no harm.
   */
  async settle(
    batch: number,
    noted: SessionColumns,
    expiryMs: Float64Array,
    valueAt: (at: number) => Uint8Array,
    isKept: (at: number) => boolean,
    isWithheld: (at: number) => boolean = () => false,
  ): Promise<void> {
    this.#settledBatches.push(batchKey(this.share.pass, batch));
    const unsure: number[] = [];
    for (let at = 0; at < noted.count; at++) {
      const before = noted.before[at] ?? null;
      if (isKept(at) || (before !== null && this.doubt.mayCreate(before))) unsure.push(at);
    }
    if (unsure.length === 0) return;
    const write = this.#begun();
    const ids = this.#cipher.idsOf(unsure.map((at) => noted.sid[at] as string));
    const sent = { expiryMs, digests: digestsOf(noted.count, valueAt, unsure) };
    for (const [i, at] of unsure.entries()) {
      const before = noted.before[at];
      let fate: Fate = { ...fateOf(noted, at, sent, this.doubt), isUnacknowledged: false };
      const isUnacknowledged = this.doubt.isKeptInDoubt(before ?? null);
      if (isWithheld(at)) fate = { state: before?.state ?? 'kept', versions: before?.versions ?? [] };
      else if (isKept(at)) fate = { state: 'kept', versions: fate.versions.slice(0, 1), isUnacknowledged };
      this.#putSingle(write, noted, at, ids[i] as Buffer, batch, fate);
    }
    await this.#commit(write);
  }

  /**
   * Records sessions of which nothing of ours is in the target, unless it goes back, and whose files hold none that
   * moves.
   */
  async skip(noted: SessionColumns): Promise<void> {
    const write = this.#begun();
    // No batch has this number and a mark: what is skipped is never in doubt.
    this.#put(write, noted, this.#nextBatch(), null);
    await this.#commit(write);
  }

  /** Records the files of sessions anew whose records stand otherwise. */
  async confirm(noted: SessionColumns): Promise<void> {
    const write = this.#begun();
    const batch = this.#nextBatch();
    const ids = this.#cipher.idsOf(noted.sid);
    for (const [at, record] of noted.before.entries()) {
      if (record === null) continue;
      noted.ordinal[at] = record.ordinal;
      this.#putSingle(write, noted, at, ids[at] as Buffer, batch, record);
    }
    await this.#commit(write);
  }

  async close(): Promise<void> {
    if (this.#settledBatches.length > 0) await this.#commit(this.#begun());
    await this.store.close();
  }

  #nextBatch(): number {
    return Atomics.add(this.share.counters, COUNTER.batch, 1);
  }

  /** A write that also takes away the marks of batches settled since the last one. */
  #begun(): StoreBatch {
    const write = this.store.batch();
    for (const key of this.#settledBatches.splice(0)) write.del(key);
    return write;
  }

  /** Adds the records of all sessions to a write: new ones packed, the others each by itself. */
  #put(write: StoreBatch, noted: SessionColumns, batch: number, sent: Sent | null): void {
    const { pass, counters, mode } = this.share;
    const isPacking = this.share.isPacking && (mode === 'fresh' || countNew(noted) >= LEAST_PACKED);
    const ids = this.#cipher.encrypt(noted.sid);
    for (let at = 0, start = 0; at < noted.count; at++) {
      const idBytes = this.#cipher.bytesOf(noted.sid[at] as string);
      const before = noted.before[at] ?? null;
      noted.ordinal[at] = before?.ordinal ?? Atomics.add(counters, COUNTER.ordinal, 1);
      if (before === null && isPacking) this.#packFor(idBytes).add(noted, at, ids, start, sent);
      else {
        const id = ids.subarray(start, start + idBytes);
        this.#putSingle(
          write,
          noted,
          at,
          id,
          batch,
          sent === null ? skippedAfter(before) : fateOf(noted, at, sent, this.doubt),
        );
      }
      start += idBytes;
    }
    for (const pack of this.#packs.values()) {
      if (pack.count === 0) continue;
      const { key, bytes } = pack.take(pass, batch);
      write.put(key, bytes);
    }
  }

  #putSingle(write: StoreBatch, noted: SessionColumns, at: number, id: Buffer, batch: number, fate: Fate): void {
    write.put(sessionKey(id), this.#single.encode(noted, at, id, this.share.pass, batch, fate));
  }

  #leaveReceipts(noted: SessionColumns, batch: number, { expiryMs, digests }: Sent): Promise<void> {
    const { receipts, share } = this;
    if (receipts === null) return Promise.resolve();
    const left = receipts.keep(share.pass, batch, encodeReceipts(noted.sid, noted.count, expiryMs, digests));
    // Told when its turn comes.
    left.catch(() => {});
    return left;
  }

  #packFor(idBytes: number): PackEncoder {
    let pack = this.#packs.get(idBytes);
    if (pack === undefined) {
      pack = new PackEncoder(idBytes);
      this.#packs.set(idBytes, pack);
    }
    return pack;
  }

  #commit(write: StoreBatch): Promise<void> {
    return this.store.commit(write);
  }
}

/**
 * Fewer new sessions are recorded one by one: a key, a checksum and a place in the index for each pack would cost more.
 * A fresh pass packs them all: it looks nothing up, and a session that it meets twice must not overwrite its own
 * record.
 */
const LEAST_PACKED = 8;

const EMPTY = Buffer.alloc(0);

function countNew({ before }: SessionColumns): number {
  let count = 0;
  for (const record of before) if (record === null) count++;
  return count;
}
