import type { RejectNote } from '../lane/journey.js';
import type { LaneSettings } from '../lane/settings.js';
import type { SessionSample } from './sample.js';

/** What a lane of verify is started with. */
export interface VerifySettings extends LaneSettings {
  /** Expiries that lie no further apart count as the same. */
  expiryToleranceMs: number;
  /** What was saved before is on record, epoch milliseconds; -Infinity where nothing is. */
  recordedUntilMs: number;
  /** Null: every session is looked at. */
  sample: SessionSample | null;
}

/** The `source` of a chunk that holds session ids of keys, and of a note about a key without a file. */
export const KEYS = -1;

/**
 * What is different about one session, fit to be shown. For a key without a file, `source` is {@link KEYS} and `path` the
 * key, its sid cut short.
 */
export type DifferenceNote = RejectNote;
