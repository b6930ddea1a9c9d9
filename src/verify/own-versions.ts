import type { LedgerShare } from '../ledger/record-doubt.js';
import { Recorder } from '../ledger/recorder.js';
import { type Owner, ownerOf } from '../redis/ownership.js';
import type { OwnVersion } from '../session.js';

/** Where it is known which values the target may hold of ours. */
export interface OwnVersions {
  /** Whether everything that the target may hold of ours is known. */
  readonly isWhole: boolean;
  /**
   * For each sid the versions that the target may hold of ours: none where it is on record that it holds another's,
   * null without a record, or where the record was made in doubt.
   */
  versionsOf(sids: readonly string[]): Promise<(readonly OwnVersion[] | null)[]>;
  close(): Promise<void>;
}

/** Versions of ours by the ledger of the runs that wrote them. */
export class RecordedVersions implements OwnVersions {
  constructor(readonly recorder: Recorder) {}

  get isWhole(): boolean {
    return this.recorder.share.isWhole;
  }

  /** @throws {OperatorError} */
  static async open(share: LedgerShare): Promise<RecordedVersions> {
    return new RecordedVersions(await Recorder.open(share));
  }

  async versionsOf(sids: readonly string[]): Promise<(readonly OwnVersion[] | null)[]> {
    const records = await this.recorder.recall(sids);
    return records.map((record) => {
      if (record?.state === 'kept' && !record.isUnacknowledged) return [];
      const versions = record === null || record.state === 'kept' ? [] : record.versions;
      return versions.length > 0 ? versions : null;
    });
  }

  async close(): Promise<void> {
    await this.recorder.close();
  }
}

/**
 * Whose a value is, as {@link ownerOf} says; null where that can't be said: without a ledger, or where it is
 * incomplete, no pass found another's value there before it was, and `mayBeOurs` says that a missing record may tell of
 * it.
 */
export function knownOwnerOf(
  own: OwnVersions | null,
  mayBeOurs: () => boolean,
  ...of: Parameters<typeof ownerOf>
): Owner | null {
  if (own === null) return null;
  const owner = ownerOf(...of);
  return owner.isOurs || own.isWhole || of[0]?.length === 0 || !mayBeOurs() ? owner : null;
}
