import type { StoredValues, ValueRelation } from '../applications/application.js';
import { keyOf } from '../applications/keys.js';
import { FileIntake } from '../intake/take-file.js';
import { endsSession } from '../lane/recorded-batch.js';
import { fingerprintOf } from '../masking.js';
import { latestRenewal, type Owner } from '../redis/ownership.js';
import type { KeyReader, StoredKey } from '../redis/reader.js';
import { classOf, codeOf, OUTCOMES, type Outcome, type OwnVersion } from '../session.js';
import { sessionFileChangedMs } from '../source/read.js';
import { UnrecordedKeys } from '../sync/record-gap.js';
import { realFileSystem } from '../system/file-system.js';
import { ExpectedBatch } from './expected-batch.js';
import { lifeOf } from './keys-without-files.js';
import { knownOwnerOf, type OwnVersions } from './own-versions.js';
import type { DifferenceNote, VerifySettings } from './sample.js';
import { judge, type KeyVerdict } from './verdict.js';

const MATCH = codeOf('match');

/**
 * Compares sessions with what the target holds for them. What is not plainly the same is looked at once more, file and
 * key: the application may have saved, or a sync written, between the two readings. The second look decides.
 */
export class Comparison {
  readonly #intake: FileIntake;
  readonly #values: StoredValues;
  readonly #unrecorded: UnrecordedKeys;

  constructor(
    readonly settings: VerifySettings,
    readonly reader: Pick<KeyReader, 'read'>,
    readonly own: OwnVersions | null,
  ) {
    this.#intake = new FileIntake(realFileSystem, settings);
    this.#values = this.#intake.application.values();
    this.#unrecorded = new UnrecordedKeys(settings, settings.recordedUntilMs);
  }

  /**
   * Gives each session of the batch its outcome in `outcomes`, at its place in the chunk, and notes what differs.
   * @throws {OperatorError} when the target refuses or is lost; what is settled by then stays
   */
  async settle(source: number, batch: ExpectedBatch, outcomes: Uint8Array, notes: DifferenceNote[]): Promise<void> {
    const held = await this.reader.read(batch.sids.map((sid) => this.#keyOf(sid)));
    const doubtful: number[] = [];
    for (let i = 0; i < batch.count; i++) {
      const found = held[i] as StoredKey;
      const overCode = batch.overCode[i] as number;
      if (overCode >= 0 && isAbsent(found)) {
        outcomes[batch.entry[i] as number] = overCode;
        const note = batch.notes[i];
        if (note) notes.push(note);
      } else if (overCode < 0 && this.#isPlainMatch(batch, i, found)) outcomes[batch.entry[i] as number] = MATCH;
      else doubtful.push(i);
    }
    if (doubtful.length > 0) await this.#lookAgain(source, batch, doubtful, outcomes, notes);
  }

  async #lookAgain(
    source: number,
    first: ExpectedBatch,
    doubtful: readonly number[],
    outcomes: Uint8Array,
    notes: DifferenceNote[],
  ): Promise<void> {
    const batch = new ExpectedBatch();
    for (const i of doubtful) {
      const entry = first.entry[i] as number;
      const path = first.paths[i] as string;
      const over = this.#takeAgain(source, entry, path, batch);
      if (over === null) continue;
      outcomes[entry] = codeOf(over);
      if (this.#intake.isTold(over)) notes.push(this.#intake.note(source, path, over));
    }
    const held = await this.reader.read(batch.sids.map((sid) => this.#keyOf(sid)));
    const versions = (await this.own?.versionsOf(batch.sids)) ?? null;
    for (let i = 0; i < batch.count; i++) {
      const found = held[i] as StoredKey;
      const { ownership } = this.settings;
      const mayBeOurs = () => this.#unrecorded.mayBeOurs(found, this.#changedMs(batch.sids[i] as string));
      const own = versions?.[i] ?? null;
      const owner = knownOwnerOf(this.own, mayBeOurs, own, found.value, found, ownership, Date.now());
      const { outcome, words } = this.#judge(batch, i, found, owner, own);
      outcomes[batch.entry[i] as number] = codeOf(outcome);
      const note = batch.notes[i];
      if (note && note.outcome === outcome) notes.push(note);
      if (classOf(outcome) !== 'difference') continue;
      const fingerprint = fingerprintOf(batch.sids[i] as string);
      notes.push({
        source,
        path: this.#intake.application.mask(batch.paths[i] as string, batch.sids[i] as string),
        fingerprint,
        outcome,
        reason: words,
        offset: -1,
      });
    }
  }

  /** Reads the file anew into `batch`; returns an outcome where there is nothing to compare any more. */
  #takeAgain(source: number, entry: number, path: string, batch: ExpectedBatch): Outcome | null {
    const intake = this.#intake;
    const nowMs = Date.now();
    const outcome = intake.take(source, path, true, nowMs);
    if (outcome !== null && !endsSession(outcome)) return outcome;
    if (outcome !== null && !isOver(outcome)) {
      const note = intake.isTold(outcome) ? intake.note(source, path, outcome) : null;
      batch.addOver(entry, path, intake.name.sid, codeOf(outcome), note);
      return null;
    }
    // What the file was good for, while it was: as of its last save it had not ended.
    if (outcome !== null && intake.take(source, path, true, intake.reader.mtimeMs) !== null) return outcome;
    batch.add(entry, path, intake, nowMs);
    if (outcome !== null) batch.overCode[batch.count - 1] = codeOf(outcome);
    return null;
  }

  #judge(
    batch: ExpectedBatch,
    i: number,
    found: StoredKey,
    owner: Owner | null,
    versions: readonly OwnVersion[] | null,
  ): KeyVerdict {
    const { expiryToleranceMs } = this.settings;
    const fileExpiryMs = batch.expiryMs[i] as number;
    const overCode = batch.overCode[i] as number;
    if (isAbsent(found)) {
      if (batch.isMoving[i] === 1 && isOverOnRecord(versions)) return { outcome: 'expired', words: '' };
      if (overCode >= 0) return { outcome: OUTCOMES[overCode]?.[0] as Outcome, words: '' };
      // The clock of the target may be ahead of this one.
      if (fileExpiryMs - Date.now() <= expiryToleranceMs) return { outcome: 'expired', words: '' };
      return { outcome: 'missing', words: 'no key' };
    }
    const over = overCode >= 0 ? (OUTCOMES[overCode]?.[0] as Outcome) : null;
    if (over !== null && !isOver(over)) return this.#judgeWithoutSession(over, found, owner);
    const [relation, words] = this.#relation(batch.value(i), found);
    const { expiryMs: heldExpiryMs, slackMs } = found;
    const isMoving = batch.isMoving[i] === 1;
    // In doubt it is ours: nothing is excused without proof.
    const isOurs = owner?.isOurs ?? (this.own === null ? null : true);
    const isSavedAgain = owner?.isSavedAgain ?? false;
    const latestRenewalMs = latestRenewal(this.settings.ownership, Date.now());
    const expiries = { fileExpiryMs, isMoving, heldExpiryMs, slackMs, latestRenewalMs };
    const finding = { relation, words, ...expiries, isOurs, isSavedAgain };
    return judge(finding, expiryToleranceMs);
  }

  /** Judges the key of a file in which there is no session, or none that moves. */
  #judgeWithoutSession(over: Outcome, { value, expiryMs }: StoredKey, owner: Owner | null): KeyVerdict {
    if (owner?.isOurs === false) return { outcome: over, words: '' };
    const values = this.#values;
    const isReadable = value !== null && values.read(value) === 'read';
    if (!(isReadable ? values.isInScope : this.#isAboutAll())) return { outcome: over, words: '' };
    const what = isReadable && values.isLogin ? 'a login' : 'a session';
    const whose = owner === null ? '' : ', written by us';
    return { outcome: 'extra', words: `${what} whose file is ${over}, valid ${lifeOf(expiryMs)}${whose}` };
  }

  /** When the session's files changed last. */
  #changedMs(sid: string): number | null {
    return sessionFileChangedMs(realFileSystem, this.settings.sources, sid, this.#intake.application);
  }

  #relation(expected: Buffer, { value, isOtherType }: StoredKey): [ValueRelation, string] {
    if (isOtherType || value === null) return ['broken', 'the key is of another type, and the reader fails at it'];
    if (value.equals(expected)) return ['same', ''];
    const [relation, words] = this.#values.compare(expected, value);
    return [relation, words];
  }

  /** What can't be read may be of any scope. */
  #isAboutAll(): boolean {
    return this.#intake.application.scope.length === 0;
  }

  #isPlainMatch(batch: ExpectedBatch, i: number, { value, expiryMs }: StoredKey): boolean {
    if (value === null || !value.equals(batch.value(i))) return false;
    return Math.abs(expiryMs - (batch.expiryMs[i] as number)) <= this.settings.expiryToleranceMs;
  }

  #keyOf(sid: string): string {
    return keyOf(this.settings.key, sid);
  }
}

/** Whether the session in a file has ended, so that its key should be gone as well. */
function isOver(outcome: Outcome): boolean {
  return outcome === 'expired' || outcome === 'rotated';
}

/** Whether all that was sent has ended: the grace of a session over its age is given once. */
function isOverOnRecord(versions: readonly OwnVersion[] | null): boolean {
  return versions !== null && versions.length > 0 && versions.every(({ expiryMs }) => expiryMs <= Date.now());
}

function isAbsent({ value, isOtherType }: StoredKey): boolean {
  return value === null && !isOtherType;
}
