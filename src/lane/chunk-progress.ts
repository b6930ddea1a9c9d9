import { SessionColumns } from '../ledger/noted.js';
import { codeOf } from '../session.js';
import type { RejectNote } from './journey.js';
import type { Ack } from './messages.js';
import type { Recalled } from './recall.js';
import { addDeletes, noDeletes, type RecordedBatch } from './recorded-batch.js';

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

  /** Counts sessions with a record of which the chunk did not know before. */
  see({ count, before, ordinal }: SessionColumns): void {
    for (let at = 0; at < count; at++) if (before[at] === null) this.#added.push(ordinal[at] as number);
  }

  toAck(): Ack {
    const { source, outcomes, rejects, sourceBytes, valueBytes, sent, withheld, deletes } = this;
    const seen = new Uint32Array([...this.#ordinalsMet(), ...this.#added]);
    return { type: 'ack', source, outcomes, rejects, sourceBytes, valueBytes, sent, withheld, deletes, seen };
  }

  /** A file that was gone when it was to be read was not met, and neither is its copy to outlive it. */
  #ordinalsMet(): number[] {
    const ordinals: number[] = [];
    for (const [entry, record] of this.recalled.records.entries()) {
      if (record !== null && this.outcomes[entry] !== VANISHED) ordinals.push(record.ordinal);
    }
    return ordinals;
  }
}
