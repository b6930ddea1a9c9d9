import { newStoreName } from '../applications/application.js';
import { type Ack, addDeletes, noDeletes } from '../counts/tally.js';
import type { FileIntake, RejectNote } from '../intake/take-file.js';
import { type FileMark, SessionColumns, type SessionRecord } from '../ledger/record.js';
import type { Recorder } from '../ledger/recorder.js';
import { codeOf, type Layout, UNSETTLED } from '../session.js';
import { type Chunk, ChunkCursor } from '../source/chunk.js';
import type { RecordedBatch } from './recorded-batch.js';

const VANISHED = codeOf('vanished');

/** What becomes of a chunk, gathered while its entries are read and its replies come in. */
export class ChunkProgress {
  readonly outcomes: Uint8Array<ArrayBuffer>;
  readonly rejects: RejectNote[] = [];
  /** Each resolves to the failure of a write, or null. */
  readonly writes: Promise<unknown>[] = [];
  /** Sessions to record as not moving. */
  readonly skipped: SessionColumns;
  /** Sessions that were read again for their age only, and are as recorded. */
  readonly unchanged: SessionColumns;
  /** Ordinals of records that are new with this chunk. */
  readonly #added: number[] = [];
  readonly deletes = noDeletes();
  sourceBytes = 0;
  valueBytes = 0;
  sent = 0;
  /** Changed sessions whose copy was gone before its time, and was not made again. */
  withheld = 0;

  constructor(
    readonly source: number,
    readonly recalled: Recalled,
  ) {
    const { outcomes } = recalled;
    this.outcomes = new Uint8Array(outcomes);
    this.skipped = new SessionColumns(outcomes.length);
    this.unchanged = new SessionColumns(outcomes.length);
  }

  /** Takes over what a settled batch found out beside outcomes. */
  took({ deletes, sent, withdrawn, commands }: RecordedBatch): void {
    for (let i = 0; i < commands.count; i++) this.withheld += commands.withheld[i] as number;
    addDeletes(this.deletes, deletes);
    this.see(sent);
    this.see(withdrawn);
  }

  /** Counts as met the sessions that got their first record with this chunk. */
  see({ count, before, ordinal }: SessionColumns): void {
    for (let at = 0; at < count; at++) if (before[at] === null) this.#added.push(ordinal[at] as number);
  }

  toAck(): Ack {
    const { source, outcomes, rejects, sourceBytes, valueBytes, sent, withheld, deletes } = this;
    const seen = new Uint32Array([...this.#ordinalsMet(), ...this.#added]);
    return { type: 'ack', source, outcomes, rejects, sourceBytes, valueBytes, sent, withheld, deletes, seen };
  }

  /** Leaves out files that were gone when they were to be read: not met, so their copies are deleted after the pass. */
  #ordinalsMet(): number[] {
    const ordinals: number[] = [];
    for (const [entry, record] of this.recalled.records.entries()) {
      if (record !== null && this.outcomes[entry] !== VANISHED) ordinals.push(record.ordinal);
    }
    return ordinals;
  }
}

const UNCHANGED = codeOf('unchanged');
const KEPT = codeOf('kept');

/** What the ledger says about a chunk's entries, by their position. */
export interface Recalled {
  records: (SessionRecord | null)[];
  /** Outcome code of an entry that need not be read, else `UNSETTLED`. */
  outcomes: Uint8Array;
}

/** Looks a chunk up in the ledger. A file is unchanged when mtime, size, inode and place are as recorded. */
export async function recallChunk(
  chunk: Chunk,
  roots: readonly string[],
  recorder: Recorder,
  { application, reader }: Pick<FileIntake, 'application' | 'reader'>,
): Promise<Recalled> {
  const { mode } = recorder.share;
  const recalled: Recalled = {
    records: new Array<SessionRecord | null>(chunk.count).fill(null),
    outcomes: new Uint8Array(chunk.count).fill(UNSETTLED),
  };
  const entries: number[] = [];
  const sids: string[] = [];
  const layouts: Layout[] = [];
  const paths: string[] = [];
  const name = newStoreName();
  const cursor = new ChunkCursor(chunk);
  for (let entry = 0; cursor.next(); entry++) {
    if (!cursor.mayBeFile || application.recognise(cursor.path, name).verdict !== 'session') continue;
    if (mode === 'cutover' && !recorder.share.isWhole) recalled.outcomes[entry] = KEPT;
    entries.push(entry);
    sids.push(name.sid);
    layouts.push(name.layout);
    paths.push(cursor.path);
  }
  const found = await recorder.recall(sids, layouts);
  for (const [at, record] of found.entries()) {
    if (record === null) continue;
    const entry = entries[at] as number;
    recalled.records[entry] = record;
    if (mode === 'cutover' && record.state !== 'skipped') {
      // The application decides from now on: a session that it ended must not come back because of its file.
      if (!recorder.share.settlesDoubt || !recorder.doubt.isInDoubt(record)) recalled.outcomes[entry] = KEPT;
    } else {
      const mark = reader.mark(`${roots[chunk.source]}/${paths[at]}`);
      if (mark === null) continue;
      const { mtimeMs, size, inode } = mark;
      const file: FileMark = { source: chunk.source, layout: layouts[at] as Layout, mtimeMs, size, inode };
      if (recorder.isUnchanged(record, file)) recalled.outcomes[entry] = UNCHANGED;
    }
  }
  return recalled;
}

/** For a pass whose ledger holds nothing yet. */
export function nothingRecalled(chunk: Chunk): Recalled {
  return {
    records: new Array<SessionRecord | null>(chunk.count).fill(null),
    outcomes: new Uint8Array(chunk.count).fill(UNSETTLED),
  };
}
