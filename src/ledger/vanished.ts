import type { Ledger } from './ledger.js';
import type { SessionRecord, StoredRecord } from './record.js';
import { recordsOf } from './records.js';
import type { OrdinalSet } from './seen.js';
import type { ShardMarks } from './shard-marks.js';

/** How many sessions are on record: in all, those in skipped shards by their shard's last count, and as ours with a copy that lives. */
export interface RecordCounts {
  total: number;
  ours: number;
}

/**
 * Visits, some at a time, the records whose file a complete walk did not meet, and counts all there are.
 * @throws {OperatorError} for a damaged record
 */
export async function visitUnseen(
  ledger: Ledger,
  seen: OrdinalSet,
  shards: ShardMarks,
  nowMs: number,
  visit: (records: readonly SessionRecord[]) => Promise<void>,
): Promise<RecordCounts> {
  let total = shards.skippedSessions;
  let ours = 0;
  for await (const records of recordsOf(ledger)) {
    const unseen: SessionRecord[] = [];
    for (const record of records) {
      if (record.lastExpiryMs > nowMs) ours++;
      if (isUnderSkippedShard(record, shards)) continue;
      total++;
      if (!seen.has(record.ordinal)) unseen.push(record);
    }
    if (unseen.length > 0) await visit(unseen);
  }
  return { total, ours };
}

function isUnderSkippedShard(record: StoredRecord, shards: ShardMarks): boolean {
  return record.layout === 'hashed' && shards.isSkipped(record.shard);
}
