import { applicationOf } from '../applications/application-of.js';
import { keyOf } from '../applications/keys.js';
import { EXIT, OperatorError } from '../errors.js';
import type { LaneSettings } from '../lane/settings.js';
import type { PassNote } from '../ledger/facts.js';
import { META } from '../ledger/keys.js';
import type { Ledger } from '../ledger/ledger.js';
import { OrdinalSet } from '../ledger/ordinals.js';
import type { SessionRecord } from '../ledger/record.js';
import { recordsOf } from '../ledger/visit.js';
import type { Endpoint } from '../redis/endpoint.js';
import { LOOK_REPLY } from '../redis/ownership.js';
import { OwnerLook } from '../redis/ownership-check.js';
import { counted, formatCount } from '../units.js';
import type { KnownMarker } from './conclusion.js';

/** Keys of one question to the target. */
const KEYS_PER_QUESTION = 512;
/** Rewritten keys that are told one by one. */
const MOST_NAMED = 4096;
/** More keys with what the application wrote than a rehearsal leaves behind: it runs on the target. */
const REHEARSED_SHARE = 0.05;
/** Clocks are set by less than this while they are right. */
const CLOCK_STEP_MS = 2000;

/** What the target lacks of what is on record, or holds otherwise. */
export interface Damage {
  /** Sessions whose file is to be read and sent again. */
  toRepair: OrdinalSet;
  /** Copies on record that are gone before their time. */
  missing: number;
  /** Copies that are ours, but of an older version or under another expiry than was sent. */
  changed: number;
  /** Keys that hold what the application wrote over ours, and the sids of some thousand of them. */
  rewritten: number;
  rewrittenSids: string[];
  /** Sessions on record that may have a key. */
  asked: number;
}

/**
 * Asks the target for every recorded key, some at a time, and changes nothing. What is in doubt, or has no copy that
 * should live, is left to the pass.
 * @throws {OperatorError} where the target can't be asked, or the reason of `signal`
 */
export async function findDamage(
  ledger: Ledger,
  lanes: LaneSettings & { target: Endpoint },
  nowMs: number,
  signal: AbortSignal,
): Promise<Damage> {
  const damage: Damage = {
    toRepair: new OrdinalSet(),
    missing: 0,
    changed: 0,
    rewritten: 0,
    rewrittenSids: [],
    asked: 0,
  };
  const { lifetimesMs } = applicationOf(lanes.application);
  const look = new OwnerLook(lanes.target, lanes.ownership, lanes.giveUpAfterMs);
  const interrupt = () => look.interrupt(signal.reason as OperatorError);
  signal.addEventListener('abort', interrupt, { once: true });
  try {
    let asking: Promise<void> = Promise.resolve();
    for await (const records of recordsOf(ledger)) {
      const wanted = records.filter((record) => shouldBeHeld(ledger, record, nowMs));
      for (let start = 0; start < wanted.length; start += KEYS_PER_QUESTION) {
        signal.throwIfAborted();
        const questions = questionsAbout(ledger, wanted.slice(start, start + KEYS_PER_QUESTION), lanes);
        await asking;
        asking = look.ask(questions).then((replies) => {
          for (const [i, reply] of replies.entries()) {
            note(damage, questions[i] as RecordQuestion, reply, lifetimesMs);
          }
        });
        // Told when its turn comes.
        asking.catch(() => {});
      }
    }
    await asking;
  } finally {
    signal.removeEventListener('abort', interrupt);
    look.close();
  }
  return damage;
}

/**
 * Refuses to bring back what is gone where that may be a logout on the target.
 * @param isFinalDone a final pass was complete before: the application may run on the target since
 * @param isAsked the operator said by --repair that it does not
 * @throws {OperatorError} with exit code 7
 */
export function refuseRevival(damage: Damage, isFinalDone: boolean, isAsked: boolean): void {
  const { missing, rewritten, asked } = damage;
  if (missing === 0) return;
  const isWritten = rewritten > (isFinalDone ? 0 : asked * REHEARSED_SHARE);
  if (!isWritten && (!isFinalDone || isAsked)) return;
  const gone = `${formatCount(missing)} of the copies on record ${missing === 1 ? 'is' : 'are'} gone`;
  const sentence = isWritten
    ? `${gone} and ${formatCount(rewritten)} hold what the application wrote since: if it runs on Redis by now, say so by sync ` +
      '--cutover-done; if it does not, bring them back by --conflict overwrite'
    : `${gone} since the final pass: if the application runs on Redis by now, say so by sync --cutover-done; if it does not, bring ` +
      'them back by sync --repair';
  throw new OperatorError(EXIT.refused, `${sentence}; nothing was written`);
}

/**
 * Whether an earlier pass had a clock that was ahead of the present time, so that what it took for expired may live.
 * Passes count back to the last that was complete: one that was not has not made it good.
 */
export function wasClockAhead({ passes }: Pick<Ledger, 'passes'>, nowMs: number): boolean {
  for (const { startedMs, elapsedMs, exitCode } of passes.toReversed()) {
    if (startedMs + elapsedMs > nowMs + CLOCK_STEP_MS) return true;
    if (exitCode === EXIT.complete || exitCode === EXIT.rejects) return false;
  }
  return false;
}

/**
 * Marks what rests on the clock of the pass that recorded it.
 * @throws {OperatorError}
 */
async function markTimed(ledger: Ledger, toRepair: OrdinalSet): Promise<void> {
  for await (const records of recordsOf(ledger)) {
    for (const { state, ordinal } of records) if (state === 'skipped') toRepair.addOne(ordinal);
  }
}

/** What was found, in a sentence; null where all is as it was sent. */
export function describeDamage(damage: Damage | null): string | null {
  if (damage === null || damage.missing + damage.changed === 0) return null;
  const { missing, changed, asked } = damage;
  const parts = [...(missing > 0 ? [`${formatCount(missing)} are gone`] : [])];
  if (changed > 0) parts.push(`${formatCount(changed)} are not as they were sent`);
  return `of ${counted(asked, 'key')} on record ${parts.join(' and ')}: their files are read again`;
}

interface RecordQuestion {
  record: SessionRecord;
  sid: string;
  key: string;
  versions: SessionRecord['versions'];
}

function shouldBeHeld(ledger: Ledger, record: SessionRecord, nowMs: number): boolean {
  const { state, pass, batch } = record;
  if ((state !== 'ours' && state !== 'kept') || ledger.openBatches.includes(pass * 2 ** 32 + batch)) return false;
  return state === 'kept' || (record.versions[0]?.expiryMs ?? 0) > nowMs;
}

function questionsAbout(ledger: Ledger, records: readonly SessionRecord[], { key }: LaneSettings): RecordQuestion[] {
  const questions: RecordQuestion[] = [];
  for (const record of records) {
    const sid = ledger.cipher.sidOf(record.id);
    if (sid === null) continue;
    const versions = record.state === 'ours' ? record.versions : [];
    questions.push({ record, sid, key: keyOf(key, sid), versions });
  }
  return questions;
}

function note(damage: Damage, { record, sid }: RecordQuestion, reply: number, lifetimesMs: readonly number[]): void {
  damage.asked++;
  if (reply === LOOK_REPLY.absent) damage.missing++;
  else if (reply === LOOK_REPLY.changed) damage.changed++;
  else if (reply === LOOK_REPLY.others && record.state === 'ours') {
    damage.rewritten++;
    if (damage.rewrittenSids.length < MOST_NAMED) damage.rewrittenSids.push(sid);
  }
  const isOff = reply === LOOK_REPLY.absent || reply === LOOK_REPLY.changed;
  if (isOff || (reply === LOOK_REPLY.asSent && !isLifetimeOf(record, lifetimesMs)))
    damage.toRepair.addOne(record.ordinal);
}

/**
 * Whether the copy expires as its file does by the lifetimes of all sessions; one with its own, or of a wrong clock,
 * does not.
 */
function isLifetimeOf({ mtimeMs, versions }: SessionRecord, lifetimesMs: readonly number[]): boolean {
  // Too young to be told from its next save: it is read again in any case.
  if (Number.isNaN(mtimeMs)) return true;
  return lifetimesMs.includes((versions[0]?.expiryMs ?? 0) - mtimeMs);
}

/** What {@link repairOf} gives where it is not asked. */
export const NO_REPAIR = { damage: null, toRepair: null };

/**
 * What has to be read again although its file is as recorded; null for nothing.
 * @throws {OperatorError}
 */
export async function repairOf(
  ledger: Ledger,
  { target, ...lanes }: LaneSettings,
  { repair }: { repair: 'no' | 'final' | 'asked' },
  signal: AbortSignal,
): Promise<{ damage: Damage | null; toRepair: OrdinalSet | null }> {
  const nowMs = Date.now();
  const isClockBack = wasClockAhead(ledger, nowMs);
  const damage =
    repair === 'no' || target === null ? null : await findDamage(ledger, { ...lanes, target }, nowMs, signal);
  if (damage !== null) refuseRevival(damage, await isFinalDone(ledger), repair === 'asked');
  if (!isClockBack) return { damage, toRepair: damage?.toRepair ?? null };
  const toRepair = damage?.toRepair ?? new OrdinalSet();
  await markTimed(ledger, toRepair);
  return { damage, toRepair };
}

async function isFinalDone(ledger: Ledger): Promise<boolean> {
  const marker = await ledger.fact<KnownMarker>(META.marker);
  return marker?.isFinalDone === true || ledger.passes.some(isFinalPass);
}

function isFinalPass({ isFinal, exitCode }: PassNote): boolean {
  return isFinal === true && (exitCode === EXIT.complete || exitCode === EXIT.rejects);
}
