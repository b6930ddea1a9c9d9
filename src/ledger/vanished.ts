import { rangeOf } from './keys.js';
import type { Ledger } from './ledger.js';
import { decodeRecord, type SessionRecord } from './record.js';
import type { Seen } from './seen.js';
import type { ShardMarks } from './shard-marks.js';
import { LEADS } from './sid-cipher.js';
import { damaged, guarded } from './store.js';

const RECORDS_PER_READ = 1000;

type Range = ReturnType<typeof rangeOf>;

/**
 * Visits, some at a time, the records whose file a complete walk did not meet, and resolves to how many records there are in all. Those in
 * skipped shards count by their shard's last count. @throws {OperatorError} for a damaged record
 */
export async function visitUnseen(
  ledger: Ledger,
  seen: Seen,
  shards: ShardMarks,
  sourceCount: number,
  visit: (records: readonly SessionRecord[]) => Promise<void>,
): Promise<number> {
  let total = shards.skippedSessions;
  // With one source, what lies under a skipped shard is not even read.
  const skipped = sourceCount === 1 ? shards.skippedIn(0) : [];
  const ranges = [rangeOf(LEADS.flat), ...rangesBetween(LEADS.hashed, skipped)];
  for (const range of ranges) {
    const records = ledger.store.iterator(range);
    try {
      for (;;) {
        const entries = await guarded(ledger.directory, records.nextv(RECORDS_PER_READ));
        const unseen: SessionRecord[] = [];
        for (const [key, bytes] of entries) {
          const record = decodeRecord(key, bytes);
          if (record === null) throw damaged(ledger.directory, 'a record whose checksum is wrong');
          if (record.layout === 'hashed' && shards.isSkipped(record.source, key.toString('latin1', 1, 3))) continue;
          total++;
          if (!seen.has(record.ordinal)) unseen.push(record);
        }
        if (unseen.length > 0) await visit(unseen);
        if (entries.length === 0) break;
      }
    } finally {
      await records.close();
    }
  }
  return total;
}

/** The ranges of keys under `lead` that lie outside of these shards. */
function rangesBetween(lead: string, shards: readonly string[]): Range[] {
  const ranges: Range[] = [];
  const whole = rangeOf(lead);
  let from = whole.gte;
  for (const shard of [...shards].sort()) {
    const { gte, lt } = rangeOf(lead + shard);
    if (from.compare(gte) < 0) ranges.push({ gte: from, lt: gte });
    from = lt;
  }
  ranges.push({ gte: from, lt: whole.lt });
  return ranges;
}
