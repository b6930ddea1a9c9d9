import type { SessionFacts } from '../session.js';

/** How long a session lives after its last save, in milliseconds. */
export interface Lifetimes {
  authenticatedLifetimeMs: number;
  anonymousLifetimeMs: number;
  /** Whether the reader prefers the session's own `expiration` to both. */
  honoursExpiration: boolean;
}

/** The last moment that ECMAScript can name; an absurd `expiration` must not become a number that Redis refuses. */
const LATEST_MS = 8.64e15;

/** The lifetime that the reader gives to such a session. An `expiration` of zero or less counts as none. */
export function lifetimeOf(facts: SessionFacts, lifetimes: Lifetimes): number {
  if (lifetimes.honoursExpiration && facts.expirationSeconds > 0) return Math.floor(facts.expirationSeconds * 1000);
  return facts.isAuthenticated ? lifetimes.authenticatedLifetimeMs : lifetimes.anonymousLifetimeMs;
}

/**
 * The moment, in epoch milliseconds, at which the file and so its copy die: last save plus lifetime, capped by the
 * `deletion_time` of a rotated session. An mtime in the future (clock skew with an NFS server) counts as now, so that
 * nothing lives longer than its lifetime.
 */
export function expiryOf(facts: SessionFacts, mtimeMs: number, lifetimes: Lifetimes, nowMs: number): number {
  const expiryMs = Math.min(Math.min(mtimeMs, nowMs) + lifetimeOf(facts, lifetimes), LATEST_MS);
  if (Number.isNaN(facts.deletionTimeSeconds)) return expiryMs;
  return Math.min(expiryMs, Math.floor(facts.deletionTimeSeconds * 1000));
}
