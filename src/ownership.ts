import { createHash } from 'node:crypto';
import { DIGEST_DIGITS, type OwnVersion } from './session.js';

/** How far the expiry of a copy may have moved since it was sent, while the copy is still ours. */
export interface Ownership {
  /** The reader sets a key's expiry anew when it reads it, to at most so long after; 0 for one that leaves it alone. */
  renewalMs: number;
  /** The server keeps expiries no finer than this; 0 for one that keeps every millisecond. */
  grainMs: number;
  /** Servers move expiries by so much at most, see {@link SHIFT_MS}. */
  shiftMs: number;
}

/**
 * MIGRATE sends the rest of a key's life, which starts anew by the clock of the node where it arrives (redis/src/cluster.c,
 * migrateCommand): its way counts on top, and how far that clock is off. Nothing but a Cluster moves keys by itself;
 * elsewhere they are moved by hand at most, or by a Cluster that a proxy hides. There the same bytes, saved to Redis by the
 * application within a second of the file's own save, are told from ours.
 */
export const SHIFT_MS = { cluster: 5000, single: 25 } as const;

/** A reader that renews nothing, on a single server that keeps every millisecond. */
export const AS_SENT: Ownership = { renewalMs: 0, grainMs: 0, shiftMs: SHIFT_MS.single };

/** Clocks may differ by as much; from there on no pass begins. */
export const CLOCKS_MS = 60_000;

/** The latest expiry that a reader can have given by renewing; 0 for a reader that renews nothing. */
export function latestRenewal({ renewalMs }: Ownership, nowMs: number): number {
  return renewalMs === 0 ? 0 : nowMs + renewalMs + CLOCKS_MS;
}

/**
 * Whether a key that holds the value of `version` and expires at `heldMs` is still as we left it: moved by the server at
 * most, or renewed by the reader's own rule, never later than that allows. The scripts of the target judge by the same rule.
 * @param slackMs the key may expire this much earlier, as where the server tells no moments
 */
function isOwnExpiry(
  { expiryMs }: OwnVersion,
  heldMs: number,
  slackMs: number,
  ownership: Ownership,
  nowMs: number,
): boolean {
  if (Math.abs(heldMs - expiryMs) <= ownership.shiftMs + ownership.grainMs + slackMs) return true;
  return heldMs > expiryMs && heldMs <= latestRenewal(ownership, nowMs);
}

/** Whose a value in the target is, by what was recorded. */
export interface Owner {
  isOurs: boolean;
  /** The value is one of ours, but nothing of ours makes it expire then: Odoo saved the very same bytes. */
  isSavedAgain: boolean;
}

/**
 * @param versions of ours that the target may hold; none, or null without a record: then nothing is ours
 * @param heldMs when the key expires, or up to `slackMs` earlier, as where the server tells no moments
 */
export function ownerOf(
  versions: readonly OwnVersion[] | null,
  value: Buffer | null,
  { expiryMs: heldMs, slackMs }: { expiryMs: number; slackMs: number },
  ownership: Ownership,
  nowMs: number,
): Owner {
  if (versions === null || versions.length === 0 || value === null) return { isOurs: false, isSavedAgain: false };
  const digest = createHash('sha1').update(value).digest('hex').slice(0, DIGEST_DIGITS);
  const alike = versions.filter((version) => version.digest === digest);
  // Two milliseconds, as the scripts of the target allow themselves.
  const mostMs = slackMs > 0 ? slackMs + 2 : 0;
  const isOurs = alike.some((version) => isOwnExpiry(version, heldMs, mostMs, ownership, nowMs));
  return { isOurs, isSavedAgain: alike.length > 0 && !isOurs };
}
