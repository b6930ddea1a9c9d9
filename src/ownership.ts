import type { OwnVersion } from './session.js';

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
export function isOwnExpiry(
  { expiryMs }: OwnVersion,
  heldMs: number,
  slackMs: number,
  ownership: Ownership,
  nowMs: number,
): boolean {
  if (Math.abs(heldMs - expiryMs) <= ownership.shiftMs + ownership.grainMs + slackMs) return true;
  return heldMs > expiryMs && heldMs <= latestRenewal(ownership, nowMs);
}
