/**
 * READ FIRST. The ledger is the durable record of what was sent: after a crash, or an hour later, it says which files
 * are as they were, which keys are ours, and which sessions ended.
 *
 *   ledger         opened by the main thread            recorder       what a lane does with it
 *   facts          numbers and facts of the run         copy           a copy, for dry runs and verify
 *   record         what is kept of one session          single, pack   its bytes, alone or with hundreds of others
 *   pack-index     where a packed session is            finder         finds records, wherever they are
 *   record-doubt   what a record can be trusted for     receipts       what the target itself knows of it
 *   visit, rewrite all records; and forgetting them     adopt          records made from receipts
 *   shard-marks    directories that did not change      ordinals       sets of sessions, one bit each
 *   store, keys    LevelDB, and the names of its entries
 *   sid-cipher     no id is kept as it is               state-files    the directory, the secret, the seal
 *
 * The bytes are described in docs/ledger-format.md.
 */

import { statSync } from 'node:fs';
import {
  encodedNumber,
  LAYOUT_VERSION,
  LedgerFacts,
  type LedgerIdentity,
  type PassNote,
  readHeader,
  refuseForeign,
} from './facts.js';
import { RecordFinder } from './finder.js';
import {
  BATCH_LEAD,
  batchKey,
  batchNumberOf,
  META,
  NOTE_LEAD,
  noteKey,
  PACK_LEAD,
  rangeOf,
  SESSION_LEAD,
} from './keys.js';
import { PackIndex, type PackIndexShare } from './pack-index.js';
import type { SessionRecord } from './record.js';
import type { LedgerShare } from './record-doubt.js';
import { COUNTER } from './recorder.js';
import { burySessions, forgetSessions, mergeDoubles, type RecordName } from './rewrite.js';
import { SidCipher } from './sid-cipher.js';
import {
  breakSeal,
  checkSeal,
  hasSecret,
  keepSecret,
  ledgerDirectory,
  makeLedgerDirectory,
  makeSecret,
  readSecret,
  sealLedger,
} from './state-files.js';
import { damaged, ledgerError, noLedger, Store } from './store.js';

const MOST_PASSES = 50;
/** Ordinals are reserved on disk by so many at a time, so that none is given twice after a crash. */
const ORDINALS_PER_RESERVE = 2 ** 17;
const MOST_ORDINALS = 2 ** 32;

/**
 * The durable record of what was written, kept by one run at a time: LevelDB's lock sees to that. The main thread holds
 * the ledger, lanes read and write the records of sessions (`recorder.ts`).
 */
export class Ledger extends LedgerFacts {
  readonly cipher: SidCipher;
  /** Knows packed sessions by their ids once {@link readIndex} was called, and as of then. */
  finder: RecordFinder;
  #counters: Uint32Array<SharedArrayBuffer> | null = null;
  #reservedOrdinals = 0;
  /** `pass * 2^32 + batch` of every batch that an earlier pass left without all its replies; as of the pass's begin. */
  readonly openBatches: number[] = [];

  private constructor(
    readonly stateDir: string,
    store: Store,
    readonly identity: LedgerIdentity,
    readonly secret: string,
    readonly passes: PassNote[],
  ) {
    super(store);
    this.cipher = new SidCipher(Buffer.from(secret, 'hex'), identity.application !== undefined);
    this.finder = new RecordFinder(store, null);
  }

  /**
   * Opens the ledger below `stateDir`. With an identity it is made where there is none, its header on disk before this
   * resolves.
   * @throws {OperatorError} 10 when another run has it, when it is another run's, or when it is damaged
   */
  static async open(stateDir: string, identity: LedgerIdentity | null): Promise<Ledger> {
    const directory = ledgerDirectory(stateDir);
    if (identity !== null) makeLedgerDirectory(stateDir);
    else if (statSync(directory, { throwIfNoEntry: false }) === undefined) throw noLedger(stateDir);
    // Opening changes files, so the seal is looked at first; another run that has the ledger open broke it.
    checkSeal(stateDir);
    breakSeal(stateDir);
    const store = await Store.open(directory, identity !== null);
    try {
      const held = await readHeader(store);
      if (held !== null && identity !== null) refuseForeign(directory, held.identity, identity);
      if (held === null && (identity === null || hasSecret(stateDir)))
        throw damaged(directory, 'its header is missing');
      const secret = held === null ? makeSecret(stateDir) : readSecret(stateDir);
      const header = { layout: LAYOUT_VERSION, identity: held?.identity ?? identity };
      if (held?.layout !== LAYOUT_VERSION) {
        await store.put(META.header, Buffer.from(JSON.stringify(header)), true);
      }
      if (held === null) keepSecret(stateDir);
      const notes = await store.values(rangeOf(NOTE_LEAD));
      const passes = notes.map((bytes) => JSON.parse(bytes.toString()) as PassNote);
      return new Ledger(stateDir, store, held?.identity ?? (identity as LedgerIdentity), secret, passes);
    } catch (error) {
      await store.close();
      if (error instanceof SyntaxError) throw damaged(directory, 'a header that is no JSON');
      throw ledgerError(directory, error);
    }
  }

  /**
   * Numbers the pass that begins now, durably, and says what its lanes have to know.
   * @param isPacking see `LedgerShare`
   */
  async beginPass(
    trust: Pick<LedgerShare, 'mode' | 'doubt' | 'isWhole' | 'settlesDoubt'>,
    isPacking: boolean,
  ): Promise<LedgerShare> {
    const { mode } = trust;
    const pass = (await this.lastPass()) + 1;
    await this.putNumber(META.lastPass, pass);
    const counters = new Uint32Array(new SharedArrayBuffer(8));
    this.#reservedOrdinals = await this.number(META.ordinals);
    counters[COUNTER.ordinal] = this.#reservedOrdinals;
    this.#counters = counters;
    const index = mode === 'fresh' ? null : await this.readIndex();
    const { directory, secret, openBatches } = this;
    return {
      directory,
      secret,
      isTextId: this.cipher.isText,
      pass,
      ...trust,
      index,
      toRepair: null,
      isPacking,
      openBatches,
      receipts: null,
      counters,
    };
  }

  /**
   * Makes sure that `entries` more entries, on top of those under way, can be given ordinals.
   * @throws {OperatorError}
   */
  async reserve(entries: number, underWay: number): Promise<void> {
    const used = Atomics.load(this.#counters as Uint32Array<SharedArrayBuffer>, COUNTER.ordinal);
    if (used + underWay + entries <= this.#reservedOrdinals) return;
    this.#reservedOrdinals = used + underWay + entries + ORDINALS_PER_RESERVE;
    if (this.#reservedOrdinals >= MOST_ORDINALS)
      throw damaged(this.directory, 'it has no numbers left for new sessions');
    await this.putNumber(META.ordinals, this.#reservedOrdinals);
  }

  /** Notes how the pass ended, after all its lanes did. After a complete one no batch is open any more. */
  async endPass(note: PassNote, isComplete: boolean): Promise<void> {
    const write = this.store.batch();
    if (isComplete) {
      for (const id of this.openBatches.splice(0)) write.del(batchKey(Math.floor(id / 2 ** 32), id % 2 ** 32));
    }
    // What was reserved and not used is given back: passes that find nothing new must not use numbers up.
    if (this.#counters !== null) {
      this.#reservedOrdinals = Atomics.load(this.#counters, COUNTER.ordinal);
      write.put(META.ordinals, encodedNumber(this.#reservedOrdinals));
    }
    this.passes.push(note);
    this.passes.splice(0, this.passes.length - MOST_PASSES);
    const pass = await this.number(META.lastPass);
    const old = { ...rangeOf(NOTE_LEAD), lt: noteKey(Math.max(0, pass - MOST_PASSES + 1)) };
    for (const key of await this.store.keys(old)) write.del(key);
    await this.store.commit(write.put(noteKey(pass), Buffer.from(JSON.stringify(note))), true);
  }

  /** Reads again which batches lack replies; another pass may have left some. */
  async findOpenBatches(): Promise<void> {
    this.openBatches.length = 0;
    for (const key of await this.store.keys(rangeOf(BATCH_LEAD))) this.openBatches.push(batchNumberOf(key));
  }

  /**
   * Makes the index of packed sessions, which threads share; null where there is none.
   * @throws {OperatorError}
   */
  async readIndex(): Promise<PackIndexShare | null> {
    const index = await PackIndex.read(this.store);
    this.finder = new RecordFinder(this.store, index);
    await mergeDoubles(this.finder, this.cipher);
    return index === null ? null : index.share;
  }

  /** Whether any session is on record. */
  async hasRecords(): Promise<boolean> {
    for (const lead of [PACK_LEAD, SESSION_LEAD]) {
      if ((await this.store.keys({ ...rangeOf(lead), limit: 1 })).length > 0) return true;
    }
    return false;
  }

  /**
   * The records of these ids.
   * @throws {OperatorError} when one is missing or damaged
   */
  async records(ids: readonly Buffer[]): Promise<SessionRecord[]> {
    return (await this.finder.find(ids)).map((record) => {
      if (record === null) throw damaged(this.directory, 'a record is missing');
      return record;
    });
  }

  /** Takes sessions off the record that were on it when {@link readIndex} was called. Nobody else may be writing. */
  async forget(names: readonly RecordName[]): Promise<void> {
    await forgetSessions(this.finder, names);
  }

  /**
   * Notes that these sessions ended in a pass and their copies were deleted: their records become `ended`, and stay. As
   * with {@link forget}, nobody else may be writing.
   */
  async bury(records: readonly SessionRecord[], pass: number, nowMs: number): Promise<void> {
    await burySessions(this.finder, this.cipher, records, pass, nowMs);
  }

  async close(): Promise<void> {
    await this.store.close();
    sealLedger(this.stateDir);
  }
}
