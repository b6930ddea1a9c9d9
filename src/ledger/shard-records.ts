import { guarded, type Store } from './store.js';

/** What a lane holds at a time; a shard with more is looked up record by record. */
const MOST_RECORDS = 2 ** 14;
/** All of a shard comes in one go, unless its records are larger than they ever are. */
const BYTES_PER_READ = 4 * 2 ** 20;
/** Bytes of a session's key that say where it belongs: layout and shard. */
const HEAD_BYTES = 3;

/**
 * Reads the records of a shard as one range: in the order in which they lie on disk, a record costs a fraction of what
 * looking it up does. The last shard stays in memory, because a large one comes in several chunks; it is as it was when
 * the first of them came, which does no harm, for each of its files is listed once.
 */
export class ShardRecords {
  #source = -1;
  #head = '';
  #records: ReadonlyMap<string, Buffer> | null = null;

  constructor(
    readonly directory: string,
    readonly store: Store,
  ) {}

  /** The records beside that of `key`, by {@link tagOf}; null where there are too many. @throws {OperatorError} */
  async around(key: Buffer, source: number): Promise<ReadonlyMap<string, Buffer> | null> {
    const head = headOf(key);
    if (head === this.#head && source === this.#source) return this.#records;
    this.#records = await this.#read(key.subarray(0, HEAD_BYTES));
    this.#head = head;
    this.#source = source;
    return this.#records;
  }

  async #read(gte: Buffer): Promise<Map<string, Buffer> | null> {
    const lt = Buffer.from(gte);
    lt[HEAD_BYTES - 1] = (lt[HEAD_BYTES - 1] as number) + 1;
    const entries = this.store.iterator({ gte, lt, highWaterMarkBytes: BYTES_PER_READ });
    const records = new Map<string, Buffer>();
    try {
      for (;;) {
        const some = await guarded(this.directory, entries.nextv(MOST_RECORDS));
        if (some.length === 0) return records;
        for (const [key, bytes] of some) records.set(tagOf(key), bytes);
        if (records.size >= MOST_RECORDS) return null;
      }
    } finally {
      await entries.close();
    }
  }
}

/** What tells a session's key from the others of its shard. */
export function tagOf(key: Buffer): string {
  return key.toString('latin1', HEAD_BYTES);
}

/** Layout and shard of a session's key. */
function headOf(key: Buffer): string {
  return key.toString('latin1', 0, HEAD_BYTES);
}

/** Place behind the last of the keys from `from` on that belong to the same layout and shard. */
export function endOfRun(keys: readonly Buffer[], from: number): number {
  const head = headOf(keys[from] as Buffer);
  let to = from + 1;
  while (to < keys.length && headOf(keys[to] as Buffer) === head) to++;
  return to;
}
