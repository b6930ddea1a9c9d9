import type { Layout } from '../session.js';
import { batchKey } from './keys.js';
import type { NotedSessions } from './noted.js';
import { decodeRecord, digestOf, type FileMark, isSameFile, RecordEncoder, type SessionRecord } from './record.js';
import { SidCipher, underOtherLayout } from './sid-cipher.js';
import { damaged, guarded, openStore, type Store } from './store.js';

/** What a lane needs to take part in a pass that is recorded. */
export interface LedgerShare {
  directory: string;
  secret: string;
  pass: number;
  /**
   * `fresh`: nothing is recorded yet. `compare`: files that are as recorded are not read. `reload`: the target lost data,
   * every file is read and sent again. `cutover`: Odoo runs on the target, what was recorded once is left alone.
   */
  mode: 'fresh' | 'compare' | 'reload' | 'cutover';
  /** Layouts under which sessions are recorded. */
  layouts: readonly Layout[];
  /** `pass * 2^32 + batch` of every batch that an earlier run left without all its replies. */
  openBatches: readonly number[];
  /** Shared by all lanes: the next batch number, the next ordinal. */
  counters: Uint32Array<SharedArrayBuffer>;
}

export const COUNTER = { batch: 0, ordinal: 1 } as const;

/**
 * A lane's hand on the ledger. Sessions are recorded before they are sent, together with a mark that their batch is
 * under way; the mark goes when all replies are in. So after a crash whatever Redis may hold of ours is on record, and
 * what may never have arrived is known to be in doubt. LevelDB hands each write to the kernel before it returns: a
 * killed process loses none.
 */
export class Recorder {
  readonly #openBatches: ReadonlySet<number>;
  readonly #cipher: SidCipher;
  readonly #encoder = new RecordEncoder();
  /** Marks of batches that are settled but still marked. */
  readonly #settledBatches: Buffer[] = [];

  private constructor(
    readonly share: LedgerShare,
    readonly store: Store,
  ) {
    this.#openBatches = new Set(share.openBatches);
    this.#cipher = new SidCipher(Buffer.from(share.secret, 'hex'));
  }

  static async open(share: LedgerShare): Promise<Recorder> {
    return new Recorder(share, await openStore(share.directory, false));
  }

  /** The records of these sessions, null where there is none. @throws {OperatorError} when one is damaged */
  async recall(sids: readonly string[], layouts: readonly Layout[]): Promise<(SessionRecord | null)[]> {
    const keys: Buffer[] = [];
    this.#cipher.forEachKey(sids, layouts, (key) => keys.push(Buffer.from(key)));
    const records = await this.#read(keys);
    const mayBeUnder = this.share.layouts;
    const missing = keys.flatMap((_, i) =>
      records[i] === null && mayBeUnder.some((layout) => layout !== layouts[i]) ? [i] : [],
    );
    if (missing.length === 0) return records;
    const others = await this.#read(missing.map((i) => underOtherLayout(keys[i] as Buffer)));
    for (const [at, i] of missing.entries()) records[i] = others[at] as SessionRecord | null;
    return records;
  }

  /** Whether the session was settled and its file is the one that was recorded. */
  isUnchanged(record: SessionRecord, file: FileMark): boolean {
    return !this.isInDoubt(record) && isSameFile(record, file);
  }

  /** Whether it is not known if the target has the record's newest version. */
  isInDoubt({ pass, batch }: SessionRecord): boolean {
    return this.#openBatches.has(pass * 2 ** 32 + batch);
  }

  /**
   * Records sessions as sent, and their batch as under way. `expiryMs` and `valueAt` tell what is about to be sent of the
   * session at a place in `noted`. Returns the batch's number, for {@link settle}.
   */
  async begin(noted: NotedSessions, expiryMs: Float64Array, valueAt: (at: number) => Uint8Array): Promise<number> {
    const batch = Atomics.add(this.share.counters, COUNTER.batch, 1);
    const write = this.#begun();
    this.#put(write, noted, batch, (at) => {
      const before = noted.before[at];
      const newest = { expiryMs: expiryMs[at] as number, digest: digestOf(valueAt(at)) };
      return { state: 'ours', versions: before?.state === 'ours' ? [newest, ...before.versions] : [newest] };
    });
    await this.#commit(write.put(batchKey(this.share.pass, batch), EMPTY));
    return batch;
  }

  /**
   * Notes that every reply of the batch is in. What the target kept is no longer ours; of the others only the newest
   * version can be there. The batch's mark goes with the next write: until then it is in doubt, which does no harm.
   */
  async settle(
    batch: number,
    noted: NotedSessions,
    expiryMs: Float64Array,
    valueAt: (at: number) => Uint8Array,
    isKept: (at: number) => boolean,
  ): Promise<void> {
    this.#settledBatches.push(batchKey(this.share.pass, batch));
    let write: Write | null = null;
    for (let at = 0; at < noted.count; at++) {
      const isSure = !isKept(at) && noted.before[at]?.state !== 'ours';
      if (isSure) continue;
      write ??= this.#begun();
      this.#put(
        write,
        noted,
        batch,
        () => ({
          state: isKept(at) ? 'kept' : 'ours',
          versions: [{ expiryMs: expiryMs[at] as number, digest: digestOf(valueAt(at)) }],
        }),
        at,
      );
    }
    if (write !== null) await this.#commit(write);
  }

  /** Records sessions of which nothing of ours is in the target, and whose files hold none that moves. */
  async skip(noted: NotedSessions): Promise<void> {
    const write = this.#begun();
    this.#put(write, noted, NO_BATCH, () => SKIPPED);
    await this.#commit(write);
  }

  /** Takes sessions off the record of which nothing of ours is in the target. */
  async forget(records: readonly SessionRecord[]): Promise<void> {
    const write = this.#begun();
    for (const { key } of records) write.del(key);
    await this.#commit(write);
  }

  async close(): Promise<void> {
    if (this.#settledBatches.length > 0) await this.#commit(this.#begun());
    await this.store.close();
  }

  /** One by one: a range of LevelDB makes two objects per record, and takes a third longer than as many look-ups. */
  async #read(keys: Buffer[]): Promise<(SessionRecord | null)[]> {
    const { directory } = this.share;
    const found = await guarded(directory, this.store.getMany(keys));
    return found.map((bytes, i) => {
      if (bytes === undefined) return null;
      const record = decodeRecord(keys[i] as Buffer, bytes);
      if (record === null) throw damaged(directory, 'a record whose checksum is wrong');
      return record;
    });
  }

  /** A write that also takes away the marks of batches settled since the last one. */
  #begun(): Write {
    const write = this.store.batch();
    for (const key of this.#settledBatches.splice(0)) write.del(key);
    return write;
  }

  /** Adds the records of all sessions, or of the one at `only`, to a write. */
  #put(
    write: Write,
    noted: NotedSessions,
    batch: number,
    fateOf: (at: number) => Pick<SessionRecord, 'state' | 'versions'>,
    only = -1,
  ): void {
    const { pass, counters } = this.share;
    const first = Math.max(only, 0);
    const sids = only < 0 ? noted.sid : noted.sid.slice(only, only + 1);
    const layouts = only < 0 ? noted.layout : noted.layout.slice(only, only + 1);
    this.#cipher.forEachKey(sids, layouts, (key, index) => {
      const at = first + index;
      const before = noted.before[at] ?? null;
      const isNew = before === null && only < 0;
      if (isNew) noted.ordinal[at] = Atomics.add(counters, COUNTER.ordinal, 1);
      else if (before !== null) noted.ordinal[at] = before.ordinal;
      const { state, versions } = fateOf(at);
      write.put(
        before?.key ?? key,
        this.#encoder.encode({
          key: before?.key ?? key,
          state,
          source: noted.source[at] as number,
          layout: noted.layout[at] as Layout,
          mtimeMs: noted.mtimeMs[at] as number,
          size: noted.size[at] as number,
          inode: noted.inode[at] as number,
          ordinal: noted.ordinal[at] as number,
          pass,
          batch,
          versions,
        }),
      );
    });
  }

  #commit(write: Write): Promise<void> {
    return guarded(this.share.directory, write.write());
  }
}

type Write = ReturnType<Store['batch']>;

const EMPTY = Buffer.alloc(0);
const SKIPPED: Pick<SessionRecord, 'state' | 'versions'> = { state: 'skipped', versions: [] };
/** No batch ever has this number, so a record with it is never in doubt. */
const NO_BATCH = 0xffffffff;
