import type { Ledger } from './ledger.js';
import type { SessionRecord, StoredRecord } from './record.js';
import { recordsOf } from './records.js';
import type { Seen } from './seen.js';
import type { ShardMarks } from './shard-marks.js';

/**
 * Visits, some at a time, the records whose file a complete walk did not meet, and resolves to how many records there are in all. Those in
 * skipped shards count by their shard's last count. @throws {OperatorError} for a damaged record
 */
export async function visitUnseen(
  ledger: Ledger,
  seen: Seen,
  shards: ShardMarks,
  visit: (records: readonly SessionRecord[]) => Promise<void>,
): Promise<number> {
  let total = shards.skippedSessions;
  for await (const records of recordsOf(ledger)) {
    const unseen: SessionRecord[] = [];
    for (const record of records) {
      if (isUnderSkippedShard(record, shards)) continue;
      total++;
      if (!seen.has(record.ordinal)) unseen.push(record);
    }
    if (unseen.length > 0) await visit(unseen);
  }
  return total;
}

function isUnderSkippedShard(record: StoredRecord, shards: ShardMarks): boolean {
  return record.layout === 'hashed' && shards.isSkipped(record.shard);
}
