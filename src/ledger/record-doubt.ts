import type { SessionRecord } from './record.js';

/** Letters of what an update may do: create an absent key, or judge a key by its expiry (`target/scripts/owned.ts`). */
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
   * What an update of a session may do over and above replacing what is ours; null for one that is new. A key that is gone
   * before its time was logged out in the target, or evicted: what can't be told is not created again.
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

  /** Whether what is kept may be ours all the same: by its expiry alone, where the ledger may not know all versions of ours. */
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
