import { basename, dirname } from 'node:path';
import { ClassicLevel } from 'classic-level';
import { EXIT, OperatorError } from '../errors.js';
import { rangeOf } from './keys.js';

// Small enough to stay in the processor's cache while keys come in no order: with 8 MiB a first pass takes a fifth
// longer.
const WRITE_BUFFER_BYTES = 4 * 2 ** 20;
const CACHE_BYTES = 16 * 2 ** 20;
// LevelDB maps the tables that it has open into memory: the smallest ones, and the fewest, that it allows are 64 MiB.
const TABLE_BYTES = 2 ** 20;
const MOST_OPEN_FILES = 74;

/** One read of a long list fetches so much. */
const BYTES_PER_READ = 2 ** 21;

/** What an entry is kept under, and its value. */
type Entry = [key: Buffer, bytes: Buffer];

/** Which keys, as {@link rangeOf} gives them, in which order and how many of them. */
interface KeyRange {
  gte?: Buffer;
  lt?: Buffer;
  reverse?: boolean;
  limit?: number;
}

/**
 * The ledger's files: LevelDB with bytes as keys and values, opened once per thread. Whatever fails is a sentence for
 * the operator: every method throws `OperatorError`.
 */
export class Store {
  private constructor(
    readonly directory: string,
    readonly level: ClassicLevel<Buffer, Buffer>,
  ) {}

  /** Opens the files, creating them if need be; lanes open what the main thread has open. */
  static async open(directory: string, mayCreate: boolean): Promise<Store> {
    const level: ClassicLevel<Buffer, Buffer> = new ClassicLevel(directory, {
      keyEncoding: 'buffer',
      valueEncoding: 'buffer',
      createIfMissing: mayCreate,
      multithreading: true,
      compression: false,
      writeBufferSize: WRITE_BUFFER_BYTES,
      cacheSize: CACHE_BYTES,
      maxFileSize: TABLE_BYTES,
      maxOpenFiles: MOST_OPEN_FILES,
    });
    await translated(directory, level.open());
    return new Store(directory, level);
  }

  get(key: Buffer): Promise<Buffer | undefined> {
    return translated(this.directory, this.level.get(key));
  }

  getMany(keys: Buffer[]): Promise<(Buffer | undefined)[]> {
    return translated(this.directory, this.level.getMany(keys));
  }

  keys(range: KeyRange): Promise<Buffer[]> {
    return translated(this.directory, this.level.keys(range).all());
  }

  values(range: KeyRange): Promise<Buffer[]> {
    return translated(this.directory, this.level.values(range).all());
  }

  /** All entries whose keys begin with `lead`, at most so many at a time. */
  async *pages(lead: string, most: number): AsyncGenerator<Entry[]> {
    const entries = this.level.iterator({ ...rangeOf(lead), highWaterMarkBytes: BYTES_PER_READ });
    try {
      for (;;) {
        const some = await translated(this.directory, entries.nextv(most));
        if (some.length === 0) return;
        yield some;
      }
    } finally {
      await entries.close();
    }
  }

  /** @param isDurable whether it outlives a loss of power once this resolves; it outlives the process anyway */
  put(key: Buffer, bytes: Uint8Array, isDurable = false): Promise<void> {
    return translated(this.directory, this.level.put(key, bytes as Buffer, { sync: isDurable }));
  }

  /** Deletes all entries of the range. */
  clear(range: KeyRange): Promise<void> {
    return translated(this.directory, this.level.clear(range));
  }

  /** Several changes that are made together or not at all, by {@link commit}. */
  batch(): StoreBatch {
    return this.level.batch();
  }

  /** @param isDurable as for {@link put} */
  commit(batch: StoreBatch, isDurable = false): Promise<void> {
    return translated(this.directory, batch.write({ sync: isDurable }));
  }

  close(): Promise<void> {
    return this.level.close();
  }
}

/** Changes that are to be made together. */
export type StoreBatch = ReturnType<ClassicLevel<Buffer, Buffer>['batch']>;

async function translated<T>(directory: string, work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    throw ledgerError(directory, error);
  }
}

/** The sentence for a ledger that can't be opened, read or written. */
export function ledgerError(directory: string, error: unknown): Error {
  if (error instanceof OperatorError) return error;
  const chain: { code?: string; message: string }[] = [];
  for (let link = error as Error | undefined; link instanceof Error; link = link.cause as Error | undefined) {
    chain.push(link);
  }
  if (chain.length === 0) return error as Error;
  const codes = chain.map(({ code }) => code ?? '');
  const text = chain.at(-1)?.message ?? '';
  if (codes.includes('LEVEL_LOCKED')) {
    return new OperatorError(EXIT.stateInUse, `${directory} is in use by another run: wait for it, or stop it`);
  }
  if (/No space left|ENOSPC|File too large|Disk quota/.test(text)) {
    return new OperatorError(EXIT.temporary, `${directory}: the disk is full: make room, then run the same line again`);
  }
  // Of a process out of descriptors, a mount that is gone and a broken disk the system's own words are in the text.
  const isCorrupt = codes.includes('LEVEL_CORRUPTION') || /[Cc]orrupt|checksum|missing files|does not exist/.test(text);
  const isSystems = codes.includes('LEVEL_IO_ERROR') && !/Permission denied|EACCES|No such file/.test(text);
  if (/Read-only file system|EROFS|Input\/output error|\bEIO\b/.test(text) || (isSystems && !isCorrupt)) {
    const sentence = `${directory}: the disk is broken or read-only (${text.slice(0, 120)}): check it, then run the same line again`;
    return new OperatorError(EXIT.temporary, sentence);
  }
  if (/Permission denied|EACCES/.test(text)) {
    return new OperatorError(
      EXIT.permission,
      `${directory} cannot be written: check its owner, or name another by --state-dir`,
    );
  }
  if (isCorrupt || /CURRENT/.test(text)) {
    return damaged(directory, text);
  }
  if (!codes.some((code) => code.startsWith('LEVEL_'))) return error as Error;
  return new OperatorError(EXIT.stateInUse, `${directory} cannot be used (${text}): name another by --state-dir`, {
    cause: error,
  });
}

/**
 * What can be done about a ledger whose bytes are not what was written. Its secret and its seal lie beside it in the
 * state directory, and would make the next ledger a damaged one if they stayed.
 */
export function damaged(directory: string, detail: string): OperatorError {
  const stateDir = basename(directory) === 'ledger' ? dirname(directory) : directory;
  return new OperatorError(
    EXIT.stateInUse,
    `the ledger in ${directory} is damaged (${detail.slice(0, 120)}): move it away, with all else in ${stateDir}, and run again; what is in Redis is compared, not sent twice`,
  );
}

export function noLedger(stateDir: string): OperatorError {
  return new OperatorError(
    EXIT.usage,
    `there is no ledger below ${stateDir}: name the --state-dir of a migrate or sync`,
  );
}
