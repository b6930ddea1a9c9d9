import { type Lifetimes, lifetimeOf } from '../plan/expiry.js';
import type { SessionFacts } from '../session.js';
import type { StoredKey } from '../target/held.js';

/** Odoo 19 sets `deletion_time` to so much after the save (odoo/http.py, SESSION_DELETION_TIMER). */
const ROTATION_GRACE_MS = 120_000;

/** How well the moment of a session's last save is known from its key's expiry. */
export type SaveCertainty =
  /** It is known to the millisecond. */
  | 'exact'
  /** By the lifetime it would lie in the future: the session was saved just now, or its lifetime is another one. */
  | 'capped'
  /** The key never expires. */
  | 'unknown';

export interface SaveTime {
  /** Epoch milliseconds, never in the future: what the file's mtime has to be. */
  ms: number;
  certainty: SaveCertainty;
  /** It may be this much earlier, where the server tells no moments (Redis before 7.0). */
  slackMs: number;
}

/**
 * The moment at which a session was saved whose key expires at `expiryMs` (Infinity: never), so that the file lives as
 * long as the key: `expiryOf` of plan/expiry.ts the other way round.
 */
export function saveTimeOf(
  facts: SessionFacts,
  { expiryMs, slackMs }: Pick<StoredKey, 'expiryMs' | 'slackMs'>,
  lifetimes: Lifetimes,
  nowMs: number,
): SaveTime {
  if (expiryMs === Number.POSITIVE_INFINITY) return { ms: nowMs, certainty: 'unknown', slackMs };
  let ms = Math.max(0, expiryMs - lifetimeOf(facts, lifetimes));
  if (expiryMs === Math.floor(facts.deletionTimeSeconds * 1000)) {
    ms = Math.max(ms, Math.min(nowMs, expiryMs - ROTATION_GRACE_MS));
  }
  return ms > nowMs ? { ms: nowMs, certainty: 'capped', slackMs } : { ms, certainty: 'exact', slackMs };
}
