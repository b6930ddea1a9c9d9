import { SHARD_LEAD, shardKey, shardNumber, shardNumberOf } from './keys.js';
import type { Ledger } from './ledger.js';

/**
 * A directory that changed this shortly before it was listed may have changed once more within the same tick of its
 * mtime.
 */
const SETTLING_MS = 2000;
/** All that a store of one source has. */
const MARKS_PER_READ = 4096;

/** A shard directory as it was just before it was listed. */
interface ShardMark {
  mtimeNs: bigint;
  listedAtMs: number;
  /** Sessions that were listed in it. */
  sessions: number;
}

/**
 * Which shard directories are as they were when a complete pass listed them. Saves are renames (odoo/http.py,
 * FilesystemSessionStore.save), so every save and unlink moves the directory's mtime; a write in place does not, which
 * is why the final pass asks for none of this.
 */
export class ShardMarks {
  readonly #known: ReadonlyMap<number, ShardMark>;
  readonly #listed = new Map<number, ShardMark>();
  /** Shards that were not listed; */
  readonly #skipped = new Set<number>();
  /** and the sessions in them by the last count. */
  skippedSessions = 0;
  /** Sources in which a shard has several spellings: it is known by the one in small letters. */
  readonly #ignoringCase = new Set<number>();

  private constructor(
    readonly ledger: Ledger,
    known: ReadonlyMap<number, ShardMark>,
    readonly maySkip: boolean,
  ) {
    this.#known = known;
  }

  static async open(ledger: Ledger, maySkip: boolean): Promise<ShardMarks> {
    const known = new Map<number, ShardMark>();
    for await (const marks of ledger.store.pages(SHARD_LEAD, MARKS_PER_READ)) {
      for (const [key, bytes] of marks) {
        known.set(shardNumberOf(key), {
          mtimeNs: bytes.readBigInt64BE(0),
          listedAtMs: bytes.readDoubleBE(8),
          sessions: bytes.readUInt32BE(16),
        });
      }
    }
    return new ShardMarks(ledger, known, maySkip);
  }

  /** Told of a source whose shards have one name in capitals and small letters. */
  ignoreCase(source: number): void {
    this.#ignoringCase.add(source);
  }

  /** Asked before a shard is listed: whether it need not be. */
  canSkip(source: number, shard: string, mtimeNs: bigint): boolean {
    const number = this.#numberOf(source, shard);
    const mark = this.#known.get(number);
    const isQuiet = mark !== undefined && mark.listedAtMs - Number(mark.mtimeNs / 1_000_000n) > SETTLING_MS;
    if (this.maySkip && isQuiet && mark.mtimeNs === mtimeNs) {
      this.#skipped.add(number);
      this.skippedSessions += mark.sessions;
      return true;
    }
    this.#listed.set(number, { mtimeNs, listedAtMs: Date.now(), sessions: 0 });
    return false;
  }

  /** Tells how many entries a shard had when it was listed. */
  listed(source: number, shard: string, entries: number): void {
    const mark = this.#listed.get(this.#numberOf(source, shard));
    if (mark !== undefined) mark.sessions = entries;
  }

  /** A shard with an entry that has to be looked at again is listed next time, whatever its mtime. */
  unsettle(source: number, shard: string): void {
    this.#listed.delete(this.#numberOf(source, shard));
  }

  /** Whether shards of a source were not listed. */
  hasSkipped(source: number): boolean {
    for (const number of this.#skipped) if (number >>> 16 === source) return true;
    return false;
  }

  /** @param shard its number, see `shardNumber` */
  isSkipped(shard: number): boolean {
    if (this.#ignoringCase.size === 0) return this.#skipped.has(shard);
    const [source, name] = [shard >>> 16, String.fromCharCode((shard >>> 8) & 0xff, shard & 0xff)];
    return this.#skipped.has(this.#numberOf(source, name));
  }

  #numberOf(source: number, shard: string): number {
    return shardNumber(source, this.#ignoringCase.has(source) ? shard.toLowerCase() : shard);
  }

  /** Called when a pass was complete, and only then. */
  async keep(): Promise<void> {
    const write = this.ledger.store.batch();
    for (const number of this.#known.keys()) {
      if (!this.#skipped.has(number) && !this.#listed.has(number)) write.del(shardKey(number));
    }
    for (const [number, { mtimeNs, listedAtMs, sessions }] of this.#listed) {
      const bytes = Buffer.alloc(20);
      bytes.writeBigInt64BE(mtimeNs, 0);
      bytes.writeDoubleBE(listedAtMs, 8);
      bytes.writeUInt32BE(sessions, 16);
      write.put(shardKey(number), bytes);
    }
    await this.ledger.store.commit(write);
  }
}
