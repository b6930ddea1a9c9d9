import type { Application, StoredValues } from '../applications/application.js';
import { type ApplicationSettings, applicationOf } from '../applications/application-of.js';
import { keyOf } from '../applications/keys.js';
import { EXIT, OperatorError } from '../errors.js';
import { isOfShard, sidOfKey } from '../intake/settings.js';
import type { LaneSettings } from '../lane/settings.js';
import type { Ledger } from '../ledger/ledger.js';
import { lastRecordedPass } from '../ledger/visit.js';
import type { Endpoint } from '../redis/endpoint.js';
import { CLOCKS_MS, type Ownership } from '../redis/ownership.js';
import { KeyReader, type StoredKey } from '../redis/reader.js';
import { scanKeys } from '../redis/scan.js';
import { sessionFileChangedMs } from '../source/read.js';
import { realFileSystem } from '../system/file-system.js';
import { findDamage } from './repair.js';

/**
 * A backup brings files back with their old times. One that was gone for longer than this when the last complete pass
 * began had been seen by a pass before, which left a tombstone of two days.
 */
const RESTORED_MS = 24 * 3600 * 1000;

/**
 * Tells what only the application can have written from what a pass may have sent whose records are missing: where a
 * ledger is incomplete, a value that it does not know is another's only by proof.
 */
export class UnrecordedKeys {
  /** Describe the value that {@link mayBeOurs} was asked about last, where it could be read. */
  readonly values: StoredValues;
  /** No reader can read the value that {@link mayBeOurs} was asked about last. */
  isBroken = false;

  /** @param sinceMs what was saved before is on record, epoch milliseconds; -Infinity where nothing is */
  constructor(
    readonly lanes: { application: ApplicationSettings; ownership: Ownership },
    readonly sinceMs: number,
  ) {
    this.values = applicationOf(lanes.application).values();
  }

  /**
   * Whether the value may be a copy of a version that the session's file had once. A copy ends by the time of its
   * file's last save: it never lives for ever, ends no later than by a save at the moment at which the present file
   * came into its place, and no earlier than what a complete pass has on record.
   * @param changedMs when the present file of the session changed last (ctime), which no restore sets back; null
   *   without one
   */
  mayBeOurs({ value, isOtherType, expiryMs, slackMs }: StoredKey, changedMs: number | null): boolean {
    if (isOtherType || value === null || expiryMs === Number.POSITIVE_INFINITY) return false;
    const { values } = this;
    const state = values.read(value);
    this.isBroken = state === 'broken';
    if (state !== 'read') return true;
    const { lifetimeMs } = values;
    if (Number.isNaN(lifetimeMs)) return true;
    const { ownership } = this.lanes;
    const slopMs = ownership.shiftMs + ownership.grainMs + slackMs;
    // Earlier than that it was not saved; later it was where `deletion_time` cut its life short.
    const savedMs = expiryMs - lifetimeMs;
    const isRenewed = ownership.renewalMs > 0;
    if (changedMs !== null && !isRenewed && savedMs - slopMs > changedMs) return false;
    return values.mayBeCutShort || savedMs + slopMs >= this.sinceMs - RESTORED_MS;
  }
}

/** Keys of one question to the target. */
const KEYS_PER_QUESTION = 128;

type Lanes = LaneSettings & { target: Endpoint };

/**
 * Whether the end of the last pass is missing from its ledger: that pass was cut short, and the target holds what only
 * it can have sent. A killed process leaves every record in the kernel's hands; a host that loses power, or a copy of a
 * ledger in use, lacks the newest. Changes nothing in the target.
 * @throws {OperatorError} where it can't be asked, or the reason of `signal`
 */
export async function hasRecordGap(ledger: Ledger, lanes: Lanes, signal: AbortSignal): Promise<boolean> {
  if ((await ledger.lastPass()) <= (await lastRecordedPass(ledger))) return false;
  await ledger.readIndex();
  const reader = new KeyReader(lanes.target, lanes.giveUpAfterMs, lanes.ownership.hash);
  const interrupt = () => reader.interrupt(signal.reason as OperatorError);
  signal.addEventListener('abort', interrupt, { once: true });
  try {
    const suspects = new Suspects(lanes, reader, lookedAtMs(ledger, Date.now()));
    return (
      (await holdsUnrecorded(ledger, lanes, suspects, signal)) || (await holdsNewer(ledger, lanes, suspects, signal))
    );
  } finally {
    signal.removeEventListener('abort', interrupt);
    reader.close();
  }
}

/** What was saved before this moment, a complete pass recorded durably; nothing before the first. */
export function lookedAtMs({ passes }: Pick<Ledger, 'passes'>, nowMs: number): number {
  const last = passes.findLast(({ exitCode }) => exitCode === EXIT.complete || exitCode === EXIT.rejects);
  // A clock that was ahead tells nothing.
  return last === undefined || last.startedMs > nowMs ? Number.NEGATIVE_INFINITY : last.startedMs - CLOCKS_MS;
}

/** Keys that the pass may have sent whose end is in question. */
class Suspects {
  readonly application: Application;
  readonly #unrecorded: UnrecordedKeys;

  /** @param sinceMs what was saved before is on record */
  constructor(
    readonly lanes: Lanes,
    readonly reader: KeyReader,
    readonly sinceMs: number,
  ) {
    this.application = applicationOf(lanes.application);
    this.#unrecorded = new UnrecordedKeys(lanes, sinceMs);
  }

  /**
   * Whether the key of any of these sessions may be ours though that is not on record.
   * @param isNew they have no record at all
   * @throws {OperatorError}
   */
  async isAmong(sids: readonly string[], isNew: boolean): Promise<boolean> {
    const { key, sources } = this.lanes;
    for (let start = 0; start < sids.length; start += KEYS_PER_QUESTION) {
      const some = sids.slice(start, start + KEYS_PER_QUESTION);
      const held = await this.reader.read(some.map((sid) => keyOf(key, sid)));
      const isSuspect = (one: StoredKey, i: number) =>
        this.#mayBeOurs(one, isNew, sessionFileChangedMs(realFileSystem, sources, some[i] as string, this.application));
      if (held.some(isSuspect)) return true;
    }
    return false;
  }

  #mayBeOurs(held: StoredKey, isNew: boolean, changedMs: number | null): boolean {
    const { ownership } = this.lanes;
    if (!this.#unrecorded.mayBeOurs(held, changedMs) || this.#unrecorded.isBroken) return false;
    const { values } = this.#unrecorded;
    if (!values.isInScope) return false;
    // A complete pass would have recorded the file; an expiration of its own says nothing of when it was saved.
    if ((isNew && changedMs !== null) || values.hasOwnLifetime) return true;
    return held.expiryMs - values.lifetimeMs >= this.sinceMs - ownership.shiftMs - ownership.grainMs;
  }
}

/** Whether keys without a record are suspects: those of sessions that only the missing records tell of. */
async function holdsUnrecorded(
  ledger: Ledger,
  { target, key, shard }: Lanes,
  suspects: Suspects,
  signal: AbortSignal,
): Promise<boolean> {
  for await (const keys of scanKeys(target, key.before, key.after)) {
    signal.throwIfAborted();
    // Whose a digest is, nobody can tell.
    if (key.digest !== undefined && keys.length > 0) return true;
    const some: string[] = [];
    for (const one of keys) {
      const sid = sidOfKey(one, key, suspects.application);
      if (sid === null || !suspects.application.acceptsSid(sid)) continue;
      if (shard === null || isOfShard(sid, shard)) some.push(sid);
    }
    const areKnown = await ledger.finder.areKnown(ledger.cipher.idsOf(some));
    const unrecorded = some.filter((_, i) => areKnown[i] !== true);
    if (await suspects.isAmong(unrecorded, true)) return true;
  }
  return false;
}

/**
 * Whether keys with a record hold what is not in it, and are suspects: a newer version that only a missing record has.
 */
async function holdsNewer(ledger: Ledger, lanes: Lanes, suspects: Suspects, signal: AbortSignal): Promise<boolean> {
  // The first pass sends nothing twice.
  if (suspects.sinceMs === Number.NEGATIVE_INFINITY && (await ledger.lastPass()) === 1) return false;
  try {
    const { rewrittenSids } = await findDamage(ledger, lanes, Date.now(), signal);
    return await suspects.isAmong(rewrittenSids, false);
  } catch (error) {
    // A server without scripts: its keys are never replaced.
    if (error instanceof OperatorError && error.exitCode === EXIT.refused) return false;
    throw error;
  }
}
