import { isSameVersion } from '../session.js';
import type { Sent } from './pack.js';
import type { PackIndexShare } from './pack-index.js';
import type { ReceiptKeys } from './receipts.js';
import { DIGEST_BYTES, type SessionColumns, type SessionRecord, writeDigest } from './record.js';
import type { Fate } from './single.js';

/** What a lane needs to take part in a pass that is recorded. */
export interface LedgerShare {
  directory: string;
  secret: string;
  /** Ids are of any characters and lengths; absent where they are of the forms that `SidCipher` packs. */
  isTextId?: boolean;
  pass: number;
  /**
   * `fresh`: nothing is recorded yet. `compare`: files that are as recorded are not read. `cutover`: the application
   * runs on the target, what was recorded once is left alone.
   */
  mode: 'fresh' | 'compare' | 'cutover';
  /** Passes whose writes the target may lack, because it went back or was emptied; null where it lacks none. */
  doubt: PassRange | null;
  /** Whether everything that the target may hold of ours is on record. */
  isWhole: boolean;
  /** In mode `cutover`: whether what an earlier pass sent without getting a reply is sent once more. */
  settlesDoubt: boolean;
  /** Where packed sessions are on record; null where none is, or where none is looked for. */
  index: PackIndexShare | null;
  /**
   * Ordinals of sessions whose file is read whatever it looks like, as `OrdinalSet.share` gives them; null for none.
   */
  toRepair: Uint8Array<SharedArrayBuffer> | null;
  /** Whether new sessions are packed: not those of several sources, where one may be met twice in a pass. */
  isPacking: boolean;
  /** `pass * 2^32 + batch` of every batch that an earlier run left without all its replies. */
  openBatches: readonly number[];
  /** Where receipts of what is sent are left; null where none are. */
  receipts: { run: string; keys: ReceiptKeys } | null;
  /** Shared by all lanes: the next batch number, the next ordinal. */
  counters: Uint32Array<SharedArrayBuffer>;
}

/** Letters of what an update may do: create an absent key, or judge a key by its expiry (`redis/ownership.ts`). */
export type RecordRights = '-' | 'c' | 'e' | 'ce';

/** Numbers of passes, both ends included. */
export interface PassRange {
  from: number;
  to: number;
}

/** A copy this close to its end may be gone already by the clock of the target. */
const CLOCK_MARGIN_MS = 2000;

/** Tells of records what the target can be trusted to hold of them. */
export class RecordDoubt {
  readonly #openBatches: ReadonlySet<number>;

  /** @param scope as in `LedgerShare` */
  constructor(readonly scope: { doubt: PassRange | null; isWhole: boolean; openBatches: readonly number[] }) {
    this.#openBatches = new Set(scope.openBatches);
  }

  /** Whether it is not known if the target has the record's newest version. */
  isInDoubt(record: SessionRecord): boolean {
    return this.#isUnanswered(record) || this.isUndone(record);
  }

  /** Whether the target may hold a copy of ours, as where it went back to a time before it was deleted. */
  mayHoldOurs(record: SessionRecord): boolean {
    if (record.state === 'ours') return true;
    return record.state !== 'kept' && record.versions.length > 0 && this.isInDoubt(record);
  }

  /**
   * What an update of a session may do over and above replacing what is ours; null for one that is new. A key that is
   * gone before its time was logged out in the target, or evicted: what can't be told is not created again.
   */
  rightsFor(record: SessionRecord | null): RecordRights | null {
    const { isWhole } = this.scope;
    if (record === null) return isWhole ? null : 'ce';
    if (record.state === 'kept') return this.mayCreate(record) ? 'c' : '-';
    if (isWhole) return this.mayCreate(record) ? 'c' : '-';
    return this.mayCreate(record) ? 'ce' : 'e';
  }

  /** Whether a key that is gone is so for another reason than a logout there. */
  mayCreate(record: SessionRecord): boolean {
    if (record.state !== 'ours') return record.state !== 'kept' || this.isUndone(record);
    if (this.isUndone(record) || this.#isNeverAcknowledged(record)) return true;
    const atMs = Date.now() + CLOCK_MARGIN_MS;
    // Once it was answered the newest is the one that was there.
    const lastThere = this.#isUnanswered(record) ? record.versions : record.versions.slice(0, 1);
    return lastThere.every(({ expiryMs }) => expiryMs <= atMs);
  }

  /**
   * Whether what is kept may be ours all the same: by its expiry alone, where the ledger may not know all versions of
   * ours.
   */
  isKeptInDoubt(before: SessionRecord | null): boolean {
    return before?.state === 'kept' ? before.isUnacknowledged : !this.scope.isWhole;
  }

  #isUnanswered({ pass, batch }: SessionRecord): boolean {
    return this.#openBatches.has(pass * 2 ** 32 + batch);
  }

  /** Whether the target may have gone back to a time before the record. */
  isUndone({ pass }: SessionRecord): boolean {
    const { doubt } = this.scope;
    return doubt !== null && pass >= doubt.from && pass <= doubt.to;
  }

  #isNeverAcknowledged(record: SessionRecord): boolean {
    return this.#isUnanswered(record) && (record.isUnacknowledged || record.versions.length === 1);
  }
}

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
