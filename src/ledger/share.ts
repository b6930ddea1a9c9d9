import type { ReceiptKeys } from '../receipts.js';
import type { PackIndexShare } from './pack-index.js';
import type { PassRange } from './record-doubt.js';

/** What a lane needs to take part in a pass that is recorded. */
export interface LedgerShare {
  directory: string;
  secret: string;
  pass: number;
  /**
   * `fresh`: nothing is recorded yet. `compare`: files that are as recorded are not read. `cutover`: Odoo runs on the
   * target, what was recorded once is left alone.
   */
  mode: 'fresh' | 'compare' | 'cutover';
  /** Passes whose writes the target may lack, because it went back or was emptied; null where it lacks none. */
  doubt: PassRange | null;
  /** Whether everything that the target may hold of ours is on record. */
  isWhole: boolean;
  /** In a cutover: whether what was sent without a reply is sent once more. */
  settlesDoubt: boolean;
  /** Where packed sessions are on record; null where none is, or where none is looked for. */
  index: PackIndexShare | null;
  /** Ordinals of sessions whose file is read whatever it looks like, as {@link Seen.share} gives them; null for none. */
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
