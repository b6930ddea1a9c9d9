import { applicationOf } from '../applications/application-of.js';
import type { LaneSettings } from '../lane/settings.js';
import { META } from '../ledger/keys.js';
import type { Ledger } from '../ledger/ledger.js';
import { lookedAtMs } from './record-gap.js';

/** A ledger that is not all there is to know, until every copy that it may not know has ended. */
interface Incomplete {
  reason: string;
  untilMs: number;
  /** What was saved before is on record: passes since tell nothing of what is missing. Null where nothing is. */
  recordedUntilMs?: number | null;
}

interface Warner {
  warn(message: string): void;
}

/** What follows from an incomplete ledger. */
export const BY_EXPIRY =
  'keys that end no later than their files are taken for ours; keys without a file stay, verify lists them as extra';
export const LEFT_TO_SYNC =
  'keys that are there stay as they are; sync follows what changed, by what the target has on record';
const LEFT_TO_NEXT = 'the next pass reads what it lacks from the target';

/**
 * Notes that the ledger lacks records, and tells the operator what follows.
 * @throws {OperatorError}
 */
export async function noteIncomplete(
  ledger: Ledger,
  { application }: LaneSettings,
  reason: string,
  consequence: string,
  { warn }: Warner,
): Promise<void> {
  const untilMs = Date.now() + applicationOf(application).longestLifetimeMs;
  warn(`the ledger does not know all that was moved (${reason}): ${consequence}`);
  const incomplete: Incomplete = { reason, untilMs, recordedUntilMs: await recordedUntilMs(ledger, Date.now()) };
  await ledger.keepFact(META.incomplete, incomplete);
}

/**
 * Notes that a run with another state directory sent sessions while a pass went by.
 * @throws {OperatorError}
 */
export async function noteOtherRun(ledger: Ledger, lanes: LaneSettings, options: Warner): Promise<void> {
  const hasReceipts = (await ledger.fact<boolean>(META.receipts)) === true;
  const reason = 'another state directory was used for this target and these sessions meanwhile';
  await noteIncomplete(ledger, lanes, reason, hasReceipts ? LEFT_TO_NEXT : BY_EXPIRY, options);
}

/**
 * Why the ledger may lack what is in the target; null where it lacks nothing that still lives.
 * @throws {OperatorError}
 */
export async function incompleteness(ledger: Ledger, nowMs: number): Promise<string | null> {
  const incomplete = await ledger.fact<Incomplete>(META.incomplete);
  return incomplete === null || incomplete.untilMs <= nowMs ? null : incomplete.reason;
}

/**
 * All that was saved before this moment is on record, epoch milliseconds; null where that can be said of nothing. A
 * pass that followed the loss of records counts for nothing: what it did not meet any more is not in them.
 */
export async function recordedUntilMs(ledger: Ledger, nowMs: number): Promise<number | null> {
  const incomplete = await ledger.fact<Incomplete>(META.incomplete);
  if (incomplete !== null && incomplete.untilMs > nowMs) return incomplete.recordedUntilMs ?? null;
  const ms = lookedAtMs(ledger, nowMs);
  return Number.isFinite(ms) ? ms : null;
}
