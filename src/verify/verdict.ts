import type { ValueRelation } from '../applications/application.js';
import type { Outcome } from '../session.js';
import { formatDuration } from '../units.js';

/** What is known of a key, over and above its value. Moments are epoch milliseconds, Infinity for never. */
export interface KeyFinding {
  relation: ValueRelation;
  /** What is wrong with the value, in words without its content. */
  words: string;
  fileExpiryMs: number;
  /** The file's expiry moves on with the clock, as its save lies in the future: a copy made before ends earlier. */
  isMoving: boolean;
  heldExpiryMs: number;
  /** The key may expire this much earlier than `heldExpiryMs`. */
  slackMs: number;
  /** A reader that renews on use gives no later expiry than this; 0 for another reader. */
  latestRenewalMs: number;
  /** Whether the ledger knows the key's value and expiry for ours, or can't tell; null without a ledger. */
  isOurs: boolean | null;
  /** The ledger knows the value for ours, and that nothing of ours makes it expire then. */
  isSavedAgain: boolean;
}

export interface KeyVerdict {
  outcome: Outcome;
  /** What is different, in words without any content; empty where nothing is. */
  words: string;
}

/**
 * Judges a key that is there. What the application wrote is `newer`, and is known by the ledger; without one, by an
 * expiry later than the file's, which a copy never has. A value that no reader can have written is never excused so.
 */
export function judge(finding: KeyFinding, toleranceMs: number): KeyVerdict {
  const { relation, words, isOurs } = finding;
  const driftMs = driftOf(finding);
  const isLater = driftMs > toleranceMs;
  if (relation === 'broken') {
    // A sync replaces what is ours alone.
    return { outcome: 'differs', words: isOurs === false ? `${words}; it is not written by us, so it stays` : words };
  }
  if (relation === 'other') {
    const isRewritten = isOurs === null ? isLater : !isOurs;
    return isRewritten ? { outcome: 'newer', words: '' } : { outcome: 'differs', words };
  }
  if (Math.abs(driftMs) <= toleranceMs) return { outcome: 'match', words: '' };
  // A reader that renews a session when it is read gives it a new expiry and leaves its value.
  if (isLater && finding.heldExpiryMs <= finding.latestRenewalMs) return { outcome: 'match', words: '' };
  // The same bytes under a life of the application's own: it saved them.
  if (finding.isSavedAgain || (isOurs === false && isLater)) return { outcome: 'newer', words: '' };
  return { outcome: 'expiry-drift', words: describeDrift(driftMs) };
}

/** How much later than the file the key ends; negative for earlier, 0 where the two may be the same moment. */
function driftOf({ fileExpiryMs, isMoving, heldExpiryMs, slackMs }: KeyFinding): number {
  const driftMs = heldExpiryMs - fileExpiryMs;
  if (driftMs > 0) return Math.max(0, driftMs - slackMs);
  return isMoving ? 0 : driftMs;
}

function describeDrift(driftMs: number): string {
  if (driftMs === Number.POSITIVE_INFINITY) return 'never expires';
  return `expires ${formatDuration(Math.abs(driftMs))} ${driftMs > 0 ? 'later' : 'earlier'} than its file`;
}
