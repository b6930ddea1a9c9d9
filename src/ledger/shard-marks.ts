import { rangeOf, SHARD_LEAD, shardKey } from './keys.js';
import type { Ledger } from './ledger.js';
import { guarded } from './store.js';

/** A directory that changed this shortly before it was listed may have changed once more within the same tick of its mtime. */
const SETTLING_MS = 2000;

/** A shard directory as it was just before it was listed. */
interface ShardMark {
  mtimeNs: bigint;
  listedAtMs: number;
  /** Sessions that were listed in it. */
  sessions: number;
}

/**
 * Which shard directories are as they were when a complete pass listed them. Odoo saves by rename (odoo/http.py,
 * FilesystemSessionStore.save), so every save and unlink moves the directory's mtime; a write in place does not, which is
 * why the final pass asks for none of this.
 */
export class ShardMarks {
  readonly #known: ReadonlyMap<string, ShardMark>;
  readonly #listed = new Map<string, ShardMark>();
  /** Shards that were not listed, and the sessions in them by the last count. */
  readonly skipped = new Set<string>();
  skippedSessions = 0;

  private constructor(
    readonly ledger: Ledger,
    known: ReadonlyMap<string, ShardMark>,
    readonly maySkip: boolean,
  ) {
    this.#known = known;
  }

  static async open(ledger: Ledger, maySkip: boolean): Promise<ShardMarks> {
    const known = new Map<string, ShardMark>();
    const entries = ledger.store.iterator(rangeOf(SHARD_LEAD));
    for (const [key, bytes] of await guarded(ledger.directory, entries.all())) {
      known.set(key.toString('latin1'), {
        mtimeNs: bytes.readBigInt64BE(0),
        listedAtMs: bytes.readDoubleBE(8),
        sessions: bytes.readUInt32BE(16),
      });
    }
    return new ShardMarks(ledger, known, maySkip);
  }

  /** Asked before a shard is listed: whether it need not be. */
  isSettled(source: number, shard: string, mtimeNs: bigint): boolean {
    const key = shardKey(source, shard).toString('latin1');
    const mark = this.#known.get(key);
    const isQuiet = mark !== undefined && mark.listedAtMs - Number(mark.mtimeNs / 1_000_000n) > SETTLING_MS;
    if (this.maySkip && isQuiet && mark.mtimeNs === mtimeNs) {
      this.skipped.add(key);
      this.skippedSessions += mark.sessions;
      return true;
    }
    this.#listed.set(key, { mtimeNs, listedAtMs: Date.now(), sessions: 0 });
    return false;
  }

  /** Tells how many entries a shard had when it was listed. */
  listed(source: number, shard: string, entries: number): void {
    const mark = this.#listed.get(shardKey(source, shard).toString('latin1'));
    if (mark !== undefined) mark.sessions = entries;
  }

  /** A shard with an entry that has to be looked at again is listed next time, whatever its mtime. */
  unsettle(source: number, shard: string): void {
    this.#listed.delete(shardKey(source, shard).toString('latin1'));
  }

  /** The skipped shards of one source. */
  skippedIn(source: number): string[] {
    const lead = shardKey(source, '').toString('latin1', 0, 3);
    return [...this.skipped].filter((key) => key.startsWith(lead)).map((key) => key.slice(3));
  }

  isSkipped(source: number, shard: string): boolean {
    return this.skipped.has(shardKey(source, shard).toString('latin1'));
  }

  /** Called when a pass was complete, and only then. */
  async keep(): Promise<void> {
    const write = this.ledger.store.batch();
    for (const key of this.#known.keys()) {
      if (!this.skipped.has(key) && !this.#listed.has(key)) write.del(Buffer.from(key, 'latin1'));
    }
    for (const [key, { mtimeNs, listedAtMs, sessions }] of this.#listed) {
      const bytes = Buffer.alloc(20);
      bytes.writeBigInt64BE(mtimeNs, 0);
      bytes.writeDoubleBE(listedAtMs, 8);
      bytes.writeUInt32BE(sessions, 16);
      write.put(Buffer.from(key, 'latin1'), bytes);
    }
    await guarded(this.ledger.directory, write.write());
  }
}
