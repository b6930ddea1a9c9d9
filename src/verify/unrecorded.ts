import type { ReaderEncoding } from '../lane/encode-value.js';
import type { Ownership } from '../ownership.js';
import { lifetimeOf } from '../plan/expiry.js';
import type { Policy } from '../plan/plan.js';
import type { StoredKey } from '../target/held.js';
import { ValueDecoder } from './decode.js';

/**
 * A backup brings files back with their old times. One that was gone for longer than this when the last complete pass
 * began had been seen by a pass before, which left a tombstone of two days.
 */
const RESTORED_MS = 24 * 3600 * 1000;

/**
 * Tells what only Odoo can have written from what a pass may have sent whose records are missing: where a ledger is
 * incomplete, a value that it does not know is another's only by proof.
 */
export class UnrecordedKeys {
  readonly #decoder: ValueDecoder;
  /** No reader can read the value that {@link mayBeOurs} was asked about last. */
  isBroken = false;

  /** @param sinceMs what was saved before is on record, epoch milliseconds; -Infinity where nothing is */
  constructor(
    readonly lanes: { reader: ReaderEncoding; policy: Policy; ownership: Ownership },
    readonly sinceMs: number,
  ) {
    this.#decoder = new ValueDecoder(lanes.reader);
  }

  /** Those of the value that {@link mayBeOurs} was asked about last, where it could be read. */
  get facts(): ValueDecoder['facts'] {
    return this.#decoder.facts;
  }

  /**
   * Whether the value may be a copy of a version that the session's file had once. A copy ends by the time of its file's
   * last save: it never lives for ever, ends no later than by a save at the moment at which the present file came into its
   * place, and no earlier than what a complete pass has on record.
   *
   * @param changedMs when the present file of the session changed last (ctime), which no restore sets back; null without one
   */
  mayBeOurs({ value, isOtherType, expiryMs, slackMs }: StoredKey, changedMs: number | null): boolean {
    if (isOtherType || value === null || expiryMs === Number.POSITIVE_INFINITY) return false;
    const { state } = this.#decoder.decode(value);
    this.isBroken = state === 'broken';
    if (state !== 'read') return true;
    const { policy, ownership } = this.lanes;
    const slopMs = ownership.shiftMs + ownership.grainMs + slackMs;
    // Earlier than that it was not saved; later it was where `deletion_time` cut its life short.
    const savedMs = expiryMs - lifetimeOf(this.facts, policy);
    const isRenewed = ownership.renewalMs > 0;
    if (changedMs !== null && !isRenewed && savedMs - slopMs > changedMs) return false;
    return !Number.isNaN(this.facts.deletionTimeSeconds) || savedMs + slopMs >= this.sinceMs - RESTORED_MS;
  }
}
