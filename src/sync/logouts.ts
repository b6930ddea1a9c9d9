import type { Application, KeyTemplate } from '../applications/application.js';
import { type Deletes, noDeletes } from '../counts/tally.js';
import { EXIT, OperatorError } from '../errors.js';
import { countDelete } from '../lane/recorded-batch.js';
import type { Ledger } from '../ledger/ledger.js';
import type { OrdinalSet } from '../ledger/ordinals.js';
import type { SessionRecord } from '../ledger/record.js';
import type { PassRange } from '../ledger/record-doubt.js';
import type { RecordName } from '../ledger/rewrite.js';
import type { ShardMarks } from '../ledger/shard-marks.js';
import { type RecordCounts, visitUnseen } from '../ledger/visit.js';
import { MAX_BATCH_SESSIONS, WriteBatch } from '../redis/batch.js';
import { DELETE_REPLY, type Ownership } from '../redis/ownership.js';
import type { SessionWriter } from '../redis/writer.js';
import { hasSessionFile } from '../source/read.js';
import type { FileSystem } from '../system/file-system.js';
import { formatCount } from '../units.js';

/** How many sessions may be gone at once before it counts as a purge, and not as logouts. */
export interface MaxDelete {
  /** Of all recorded sessions, 0 to 1. */
  share: number;
  /** So many are allowed whatever the share, */
  least: number;
  /** but no more than this share, 0 to 1, of few: where ten or more are on record. */
  ofFew: number;
}

/** With fewer on record `ofFew` does not count: a handful of logouts is most of them. */
const LEAST_GUARDED = 10;
/** Ids of vanished sessions that are held in memory at a time. */
const MOST_HELD = 500_000;
/** Snapshots that servers make by themselves are younger; one that is put back by hand may be older. */
const TOMBSTONE_MS = 48 * 3600 * 1000;
/** Records are dropped so many at a time: a pack that holds several of them is written once. */
const MOST_OBSOLETE = 50_000;

export interface LogoutScope {
  ledger: Ledger;
  seen: OrdinalSet;
  shards: ShardMarks;
  sources: readonly string[];
  maxDelete: MaxDelete;
  fileSystem: FileSystem;
  application: Pick<Application, 'pathsOf'>;
  key: KeyTemplate;
  ownership: Ownership;
  /** The pass that they are found by. */
  pass: number;
  /** Passes whose deletions the target may have undone; null for none. */
  doubt: PassRange | null;
}

/**
 * Deletes the copies of sessions whose file is gone: logged out, renewed or collected. Only what is still ours goes;
 * records of sessions with no copy that lives are dropped silently. Of what is deleted a tombstone stays for {@link
 * TOMBSTONE_MS}: where the target went back to a time before it, it is deleted again. Refuses to take a mass
 * disappearance for a mass logout: then nothing is deleted. `total` is how many sessions were on record, `ours` how
 * many of them have a copy of ours that lives on.
 * @throws {OperatorError} with exit code 6 for that
 */
export async function propagateLogouts(
  scope: LogoutScope,
  writer: SessionWriter,
  nowMs: number,
): Promise<{ deletes: Deletes } & RecordCounts> {
  const deletes = noDeletes();
  for (;;) {
    const { gone, ids, total, ours, undone } = await findGone(scope, nowMs);
    const allowed = deletionsAllowed(total, scope.maxDelete);
    if (gone > allowed) throw massDisappearance(gone, total, allowed);
    for (let start = 0; start < undone.length; start += MAX_BATCH_SESSIONS) {
      await deleteCopies(scope, writer, undone.slice(start, start + MAX_BATCH_SESSIONS), nowMs, deletes);
    }
    for (let start = 0; start < ids.length; start += MAX_BATCH_SESSIONS) {
      await deleteCopies(scope, writer, ids.slice(start, start + MAX_BATCH_SESSIONS), nowMs, deletes);
    }
    if (gone <= ids.length && undone.length < MOST_HELD) return { deletes, total, ours: ours - gone };
  }
}

/** How many of `total` recorded sessions may be gone at once. */
export function deletionsAllowed(total: number, { share, least, ofFew }: MaxDelete): number {
  const bound = total < LEAST_GUARDED ? least : Math.min(least, Math.floor(total * ofFew));
  return Math.max(bound, Math.floor(total * share));
}

interface Gone extends RecordCounts {
  /** Sessions without a file whose copies may live, and the ids of as many as are held at a time. */
  gone: number;
  ids: Buffer[];
  /** Ids of sessions that were deleted in passes which the target may have undone. */
  undone: Buffer[];
}

/** Finds recorded sessions without a file whose copies may live, and drops records that no copy depends on. */
async function findGone(scope: LogoutScope, nowMs: number): Promise<Gone> {
  const { ledger, seen, shards, sources, fileSystem, application } = scope;
  const { cipher } = ledger;
  const ids: Buffer[] = [];
  const undone: Buffer[] = [];
  let buried = 0;
  let gone = 0;
  const obsolete: RecordName[] = [];
  const counts = await visitUnseen(ledger, seen, shards, nowMs, async (records) => {
    for (const record of records) {
      const sid = cipher.sidOf(record.id);
      if (record.state === 'ended') buried++;
      if (!mayLive(record, nowMs)) obsolete.push({ id: Buffer.from(record.id), ordinal: record.ordinal });
      else if (record.state === 'ended' && !isIn(scope.doubt, record.pass)) continue;
      else if (sid !== null && !hasSessionFile(fileSystem, sources, sid, application)) {
        if (record.state === 'ended') {
          if (undone.length < MOST_HELD) undone.push(Buffer.from(record.id));
          continue;
        }
        gone++;
        // A copy: the id is a part of a pack, which would stay in memory as a whole.
        if (ids.length < MOST_HELD) ids.push(Buffer.from(record.id));
      }
    }
    if (obsolete.length >= MOST_OBSOLETE) await ledger.forget(obsolete.splice(0));
  });
  await ledger.forget(obsolete);
  return { gone, ids, total: counts.total - buried, ours: counts.ours, undone };
}

function isIn(range: PassRange | null, pass: number): boolean {
  return range !== null && pass >= range.from && pass <= range.to;
}

/** Whether a copy of ours may be in the target, or come back with its past. */
function mayLive({ state, versions, mtimeMs }: SessionRecord, nowMs: number): boolean {
  if (state === 'ended' && mtimeMs < nowMs - TOMBSTONE_MS) return false;
  return (state === 'ours' || state === 'ended') && versions.some(({ expiryMs }) => expiryMs > nowMs);
}

async function deleteCopies(
  { ledger, key, ownership, pass }: LogoutScope,
  writer: SessionWriter,
  ids: readonly Buffer[],
  nowMs: number,
  deletes: Deletes,
): Promise<void> {
  const { cipher } = ledger;
  const batch = new WriteBatch(key.before, key.after, ownership, key.digest);
  const records = await ledger.records(ids);
  for (const [i, record] of records.entries()) {
    batch.addDelete(i, cipher.sidOf(record.id) as string, record.versions);
  }
  await writer.settle(batch);
  const kept: SessionRecord[] = [];
  const buried: SessionRecord[] = [];
  for (const [i, record] of records.entries()) {
    const reply = batch.outcome[i] as number;
    if (record.state !== 'ended' || reply === DELETE_REPLY.deleted) countDelete(deletes, reply);
    (reply === DELETE_REPLY.kept ? kept : buried).push(record);
  }
  await ledger.forget(kept);
  await ledger.bury(buried, pass, nowMs);
}

function massDisappearance(gone: number, total: number, allowed: number): OperatorError {
  return new OperatorError(
    EXIT.limit,
    `${formatCount(gone)} of ${formatCount(total)} recorded sessions have no file any more, and --max-delete allows ` +
      `${formatCount(allowed)} at once: nothing was deleted; check that the whole store is there; if the application ` +
      'runs on Redis by now, say --cutover-done; and only if all of them ended, run again with a larger --max-delete',
  );
}
