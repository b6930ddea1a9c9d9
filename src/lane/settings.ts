import type { LedgerShare } from '../ledger/share.js';
import type { Ownership } from '../ownership.js';
import type { Policy } from '../plan/plan.js';
import type { KeyTemplate } from '../profiles/profile.js';
import type { SidKind } from '../session.js';
import type { Endpoint } from '../target/endpoint.js';
import type { Conflict } from '../target/settling.js';
import type { ReaderEncoding } from './encode-value.js';

/** One part of the sids: `index` of `of`, counted from 0. */
export interface Shard {
  index: number;
  of: number;
}

/** Everything that decides a session's fate, as plain data that a thread can be started with. */
export interface LaneSettings {
  sources: readonly string[];
  policy: Policy;
  key: KeyTemplate;
  sids: readonly SidKind[];
  reader: ReaderEncoding;
  maxFileBytes: number;
  shard: Shard | null;
  conflict: Conflict;
  /** By which rule keys of the target count as ours. */
  ownership: Ownership;
  /** Whether entries that are not opened are weighed all the same, for the account of what is dead weight. */
  weighsUnopened: boolean;
  /** How long one trouble of the target is borne. */
  giveUpAfterMs: number;
  /** Null: nothing is sent (dry run, audit). */
  target: Endpoint | null;
  /** Null: nothing is recorded or looked up. */
  ledger: LedgerShare | null;
}
