import type { Outcome, SessionFacts } from '../session.js';
import { expiryOf, type Lifetimes } from './expiry.js';

/** What the operator and the profile decided for the whole run. All durations in milliseconds. */
export interface Policy extends Lifetimes {
  /** `skip`: sessions without a login stay behind. */
  anonymous: 'keep' | 'skip';
  /** Only sessions of these databases; empty for all. */
  databases: readonly string[];
  /** Sessions last saved longer ago stay behind; Infinity for no bound. */
  maxAgeMs: number;
}

/** A number is the expiry (epoch milliseconds) at which to write the session; a word is the reason why not to. */
export type Plan = number | Outcome;

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
