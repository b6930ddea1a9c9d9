import { createHash } from 'node:crypto';
import { type LedgerShare, Recorder } from '../ledger/recorder.js';
import { DIGEST_DIGITS, type OwnVersion } from '../session.js';

/** Where it is known which values the target may hold of ours. */
export interface OwnVersions {
  /** For each sid the versions that the target may hold of ours: none where it holds another's, null without a record. */
  versionsOf(sids: readonly string[]): Promise<(readonly OwnVersion[] | null)[]>;
  close(): Promise<void>;
}

/** The ledger of the runs that wrote them. */
export class RecordedVersions implements OwnVersions {
  private constructor(readonly recorder: Recorder) {}

  /** @throws {OperatorError} */
  static async open(share: LedgerShare): Promise<RecordedVersions> {
    return new RecordedVersions(await Recorder.open(share));
  }

  async versionsOf(sids: readonly string[]): Promise<(readonly OwnVersion[] | null)[]> {
    const records = await this.recorder.recall(sids);
    return records.map((record) => (record === null ? null : record.state === 'ours' ? record.versions : []));
  }

  async close(): Promise<void> {
    await this.recorder.close();
  }
}

/**
 * Whether a value and its expiry are one of these versions. @param slackMs the key may expire this much earlier, as where
 * the server tells no moments
 */
export function isOurs(
  versions: readonly OwnVersion[] | null,
  value: Buffer | null,
  expiryMs: number,
  slackMs: number,
): boolean {
  if (versions === null || versions.length === 0 || value === null) return false;
  const digest = createHash('sha1').update(value).digest('hex').slice(0, DIGEST_DIGITS);
  // Two milliseconds, as the scripts of the target allow themselves.
  const mostMs = slackMs > 0 ? slackMs + 2 : 0;
  return versions.some((version) => version.digest === digest && Math.abs(version.expiryMs - expiryMs) <= mostMs);
}
