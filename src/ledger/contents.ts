import type { Identity } from './identity.js';
import { META, rangeOf, SHARD_LEAD } from './keys.js';
import { LAYOUT_VERSION, type Ledger } from './ledger.js';
import type { PassNote } from './pass-note.js';
import { decodeRecord, type RecordState } from './record.js';
import { LEADS } from './sid-cipher.js';
import { damaged, guarded } from './store.js';

const RECORDS_PER_READ = 1000;

/** What a ledger holds, without any session. */
export interface LedgerContents {
  layout: number;
  identity: Identity;
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
  const records: Record<RecordState, number> = { ours: 0, kept: 0, skipped: 0 };
  let live = 0;
  for (const lead of Object.values(LEADS)) {
    const entries = store.iterator(rangeOf(lead));
    for (;;) {
      const some = await guarded(directory, entries.nextv(RECORDS_PER_READ));
      if (some.length === 0) break;
      for (const [key, bytes] of some) {
        const record = decodeRecord(key, bytes);
        if (record === null || ledger.cipher.sidOf(key) === null) {
          throw damaged(directory, 'a record whose checksum is wrong');
        }
        records[record.state]++;
        if (record.state === 'ours' && record.versions.some(({ expiryMs }) => expiryMs > nowMs)) live++;
      }
    }
    await entries.close();
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
