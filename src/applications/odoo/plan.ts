import type { ExpirationRule, SessionFacts } from '../../session.js';
import type { Plan } from '../application.js';

/** How long a session lives after its last save, in milliseconds. */
export interface Lifetimes {
  authenticatedLifetimeMs: number;
  anonymousLifetimeMs: number;
  /** Whether the reader prefers the session's own `expiration` to both, and of which types. */
  honoursExpiration: ExpirationRule;
}

/**
 * What the releases for Odoo 19 and later give to a session whose `expiration` is no int
 * (DEFAULT_SESSION_TIMEOUT_ANONYMOUS).
 */
const UNHEEDED_MS = 3 * 3_600_000;

/** Odoo collects a file that was not saved for so long (odoo/http.py, SESSION_LIFETIME), whatever is in it. */
const FILE_LIFETIME_MS = 7 * 86_400_000;

/**
 * No browser of a user keeps the cookie of a session for longer (odoo/http.py up to 15.0, set_cookie of `session_id`):
 * a larger `expiration` is no lifetime that anybody can have meant.
 */
const COOKIE_LIFETIME_MS = 90 * 86_400_000;

/** The last moment that ECMAScript can name; an absurd lifetime must not become a number that Redis refuses. */
const LATEST_MS = 8.64e15;

/** The lifetime that the reader gives to such a session; below zero where it would delete it at once. */
export function lifetimeOf(facts: SessionFacts, lifetimes: Lifetimes): number {
  const ownMs = ownLifetimeOf(facts, lifetimes);
  return Number.isNaN(ownMs) ? ordinaryLifetimeOf(facts, lifetimes) : ownMs;
}

/** No copy lives longer than this after it was written, so records that a ledger lost matter for no longer either. */
export function longestLifetimeMs({
  honoursExpiration,
  authenticatedLifetimeMs,
  anonymousLifetimeMs,
}: Lifetimes): number {
  const ownMs = honoursExpiration === false ? 0 : COOKIE_LIFETIME_MS;
  return Math.max(authenticatedLifetimeMs, anonymousLifetimeMs, ownMs);
}

function ordinaryLifetimeOf(facts: SessionFacts, lifetimes: Lifetimes): number {
  return facts.isAuthenticated ? lifetimes.authenticatedLifetimeMs : lifetimes.anonymousLifetimeMs;
}

/**
 * The lifetime that the session's own `expiration` gives it with this reader, NaN where it gives none. An `expiration`
 * that is longer than any cookie lasts does not count: then it is the lifetime of the file, or the reader's longest one
 * where that is longer.
 */
export function ownLifetimeOf(facts: SessionFacts, lifetimes: Lifetimes): number {
  const { honoursExpiration: rule, authenticatedLifetimeMs, anonymousLifetimeMs } = lifetimes;
  const { expirationSeconds: seconds, expirationType: type } = facts;
  if (rule === false || (type === 'int' && !(seconds < 0 || seconds > 0))) return Number.NaN;
  if (rule === 'int' && type !== 'int') return UNHEEDED_MS;
  if (type === 'other' || (type === 'float' && seconds <= 0)) return Number.NaN;
  const ms = Math.floor(seconds * 1000);
  // Redis refuses a float, so that the module's own save fails: one may shorten a life, and never make it longer.
  if (type === 'float') return Math.min(ms, ordinaryLifetimeOf(facts, lifetimes));
  if (ms <= COOKIE_LIFETIME_MS) return ms;
  return Math.max(FILE_LIFETIME_MS, authenticatedLifetimeMs, anonymousLifetimeMs);
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

/** Odoo 19 sets `deletion_time` to so much after the save (odoo/http.py, SESSION_DELETION_TIMER). */
const ROTATION_GRACE_MS = 120_000;

/**
 * The moment of the save, epoch milliseconds, with which a session expires at `expiryMs`: `expiryOf` the other way
 * round. It lies in the future where the key lives longer than the session's lifetime from now on.
 */
export function savedMsOf(facts: SessionFacts, expiryMs: number, lifetimes: Lifetimes, nowMs: number): number {
  const ms = expiryMs - lifetimeOf(facts, lifetimes);
  if (expiryMs !== Math.floor(facts.deletionTimeSeconds * 1000)) return ms;
  return Math.max(ms, Math.min(nowMs, expiryMs - ROTATION_GRACE_MS));
}

/** What the operator and the profile decided for the whole run. All durations in milliseconds. */
export interface Policy extends Lifetimes {
  /** `skip`: sessions without a login stay behind. */
  anonymous: 'keep' | 'skip';
  /** Only sessions of these databases; empty for all. */
  databases: readonly string[];
  /** Sessions last saved longer ago stay behind; Infinity for no bound. */
  maxAgeMs: number;
}

/**
 * Decides a session's fate from what is known about it, and from nothing else: no I/O, no clock. The first reason
 * that holds is the outcome, so the order is part of the contract.
 */
export function planSession(facts: SessionFacts, mtimeMs: number, policy: Policy, nowMs: number): Plan {
  if (policy.databases.length > 0 && (facts.db === null || !policy.databases.includes(facts.db))) return 'other-db';
  // Nothing deletes the copy of a clone, and it is a valid login (odoo/addons/base/models/ir_actions_report.py, 18+).
  if (facts.isReportClone) return 'report-clone';
  // Odoo 19 gives a rotated-away session two minutes (odoo/http.py, check_session rejects it afterwards).
  if (facts.deletionTimeSeconds * 1000 <= nowMs) return 'rotated';
  if (nowMs - mtimeMs > policy.maxAgeMs) return 'older';
  if (policy.anonymous === 'skip' && !facts.isAuthenticated) return 'anonymous';
  const expiryMs = expiryOf(facts, mtimeMs, policy, nowMs);
  return expiryMs > nowMs ? expiryMs : 'expired';
}

/** An anonymous cart that the reader's shorter anonymous lifetime ends, although its file would still live. */
export function losesCart(facts: SessionFacts, mtimeMs: number, policy: Policy, nowMs: number): boolean {
  return facts.hasCart && !facts.isAuthenticated && Math.min(mtimeMs, nowMs) + policy.authenticatedLifetimeMs > nowMs;
}
