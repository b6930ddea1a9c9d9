import { rangeOf } from './keys.js';
import type { Ledger } from './ledger.js';
import { type SessionRecord, StoredRecord } from './record.js';
import type { Seen } from './seen.js';
import type { ShardMarks } from './shard-marks.js';
import { LEADS } from './sid-cipher.js';
import { damaged, guarded } from './store.js';

const RECORDS_PER_READ = 4096;
/** More than so many records take. */
const BYTES_PER_READ = 2 ** 20;

const FLAT = LEADS.flat.charCodeAt(0);

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
    const mayBeSkipped = sourceCount > 1 || range.gte[0] === FLAT;
    const records = ledger.store.iterator({ ...range, highWaterMarkBytes: BYTES_PER_READ });
    try {
      for (;;) {
        const entries = await guarded(ledger.directory, records.nextv(RECORDS_PER_READ));
        const unseen: SessionRecord[] = [];
        for (const [key, bytes] of entries) {
          const record = StoredRecord.from(key, bytes);
          if (record === null) throw damaged(ledger.directory, 'a record of a strange length');
          if (mayBeSkipped && isUnderSkippedShard(record, shards)) continue;
          total++;
          // Most were seen. Damage may make one look so as well, which spares a copy; it never costs one.
          if (seen.has(record.ordinal)) continue;
          if (!record.isIntact) throw damaged(ledger.directory, 'a record whose checksum is wrong');
          unseen.push(record);
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

function isUnderSkippedShard({ layout, source, key }: SessionRecord, shards: ShardMarks): boolean {
  return layout === 'hashed' && shards.isSkipped(source, key.toString('latin1', 1, 3));
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
