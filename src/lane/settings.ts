import type { FileSettings } from '../intake/settings.js';
import type { LedgerShare } from '../ledger/record-doubt.js';
import type { Endpoint } from '../redis/endpoint.js';
import type { Ownership } from '../redis/ownership.js';
import type { Conflict } from '../redis/steps.js';

/** What becomes of sessions that move, as plain data. */
interface WriteSettings {
  conflict: Conflict;
  /** By which rule keys of the target count as ours. */
  ownership: Ownership;
  /** How long one trouble of the target is borne. */
  giveUpAfterMs: number;
  /** Null: nothing is sent (dry run, audit). */
  target: Endpoint | null;
  /** Null: nothing is recorded or looked up. */
  ledger: LedgerShare | null;
}

/** Everything that decides a session's fate, as plain data that a thread can be started with. */
export interface LaneSettings extends FileSettings, WriteSettings {
  /** Whether entries that are not opened are weighed all the same, for the account of what is dead weight. */
  weighsUnopened: boolean;
}
