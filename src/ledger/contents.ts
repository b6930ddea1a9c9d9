import { LAYOUT_VERSION } from './header.js';
import type { LedgerIdentity } from './identity.js';
import { META, rangeOf, SHARD_LEAD } from './keys.js';
import type { Ledger } from './ledger.js';
import type { PassNote } from './pass-note.js';
import type { RecordState } from './record.js';
import { recordsOf } from './records.js';
import { damaged, guarded } from './store.js';

/** What a ledger holds, without any session. */
export interface LedgerContents {
  layout: number;
  identity: LedgerIdentity;
  passes: readonly PassNote[];
  records: Readonly<Record<RecordState, number>>;
  /** Recorded copies that are still to live. */
  live: number;
  shards: number;
  /** Round trips whose replies were not all in when the last pass ended. */
  openBatches: number;
  isCutoverDone: boolean;
}

/** Reads every record and counts. @throws {OperatorError} with exit code 10 for a record that is damaged */
export async function contentsOf(ledger: Ledger, nowMs: number): Promise<LedgerContents> {
  const { store, directory, identity, passes } = ledger;
  const records: Record<RecordState, number> = { ours: 0, kept: 0, skipped: 0, ended: 0 };
  let live = 0;
  for await (const some of recordsOf(ledger)) {
    for (const record of some) {
      if (ledger.cipher.sidOf(record.id) === null) throw damaged(directory, 'an id that its secret did not make');
      records[record.state]++;
      if (record.state === 'ours' && record.versions.some(({ expiryMs }) => expiryMs > nowMs)) live++;
    }
  }
  const shards = (await guarded(directory, store.keys(rangeOf(SHARD_LEAD)).all())).length;
  await ledger.findOpenBatches();
  return {
    layout: LAYOUT_VERSION,
    identity,
    passes,
    records,
    live,
    shards,
    openBatches: ledger.openBatches.length,
    isCutoverDone: (await ledger.fact<boolean>(META.cutover)) === true,
  };
}
