import type { OwnVersion } from '../session.js';
import type { Sent } from './pack.js';
import { DIGEST_BYTES, type SessionColumns, type SessionRecord, writeDigest } from './record.js';
import type { RecordDoubt } from './record-doubt.js';
import type { Fate } from './single.js';

/** The digests of the values at these places, each where {@link Sent} has it; by default of all. */
export function digestsOf(
  count: number,
  valueAt: (at: number) => Uint8Array,
  places: Iterable<number> = Array(count).keys(),
): Buffer {
  const digests = Buffer.allocUnsafe(count * DIGEST_BYTES);
  for (const at of places) writeDigest(digests, at * DIGEST_BYTES, valueAt(at));
  return digests;
}

/** What is about to be sent, on top of what may be there of ours. What was another's before is taken for it still. */
export function fateOf(noted: SessionColumns, at: number, { expiryMs, digests }: Sent, doubt: RecordDoubt): Fate {
  const before = noted.before[at] ?? null;
  const digest = digests.toString('hex', at * DIGEST_BYTES, (at + 1) * DIGEST_BYTES);
  const newest = { expiryMs: expiryMs[at] as number, digest };
  if (before === null) return { state: 'ours', versions: [newest] };
  if (before.state === 'kept') {
    if (doubt.isUndone(before)) return { state: 'ours', versions: [newest] };
    return { state: 'kept', versions: [newest], isUnacknowledged: before.isUnacknowledged };
  }
  const versions = [newest, ...before.versions.filter((older) => !isSameVersion(older, newest))];
  return { state: 'ours', versions, isUnacknowledged: doubt.mayCreate(before) };
}

/** For a session whose file does not move: copies of before may be there still. */
export function skippedAfter(before: SessionRecord | null): Fate {
  return { state: 'skipped', versions: before === null || before.state === 'kept' ? [] : before.versions };
}

export function isSameVersion(one: OwnVersion, other: OwnVersion): boolean {
  return one.expiryMs === other.expiryMs && one.digest === other.digest;
}
