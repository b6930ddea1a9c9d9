import type { RejectNote } from '../lane/journey.js';
import { codeOf, OUTCOMES, type Outcome } from '../session.js';
import type { StoredKey } from '../target/held.js';
import type { FileMaker } from './journey.js';
import type { SessionFiles } from './session-files.js';

/** Is told of each key's fate as soon as it has one; `reject` says why, where the outcome is one. */
export type OnOutcome = (outcome: Outcome, reject: RejectNote | null) => void;

/** Takes keys to their outcome, one after another, and counts what the end of the run has to tell. */
export class KeySettler {
  /** Bytes of the values that were read, and of the files that they make. */
  valueBytes = 0;
  fileBytes = 0;
  /** Files placed. */
  placed = 0;
  /** Files placed for keys that never expire, and for those that live longer than their lifetime allows. */
  endless = 0;
  capped = 0;
  /**
   * Keys without an expiry. Some readers save by SET and then EXPIRE, so that one of them may be in the middle of a save:
   * it is settled when it has been looked at again.
   */
  doubtful: string[] = [];

  constructor(
    readonly journey: FileMaker,
    readonly files: SessionFiles,
    readonly onOutcome: OnOutcome,
  ) {}

  /** Settles `key`, or puts it among the doubtful. @throws {OperatorError} when no more files can be written */
  settle(key: string, held: StoredKey | null, nowMs: number): void {
    const named = this.journey.name(key);
    if (named !== null || held === null) this.#tell(key, named ?? 'vanished');
    else if (held.expiryMs === Number.POSITIVE_INFINITY && held.value !== null) this.doubtful.push(key);
    else this.#tell(key, this.#save(held, nowMs));
  }

  /** Settles the doubtful, given what is at them now. @throws {OperatorError} when no more files can be written */
  settleDoubtful(held: readonly StoredKey[], nowMs: number): void {
    while (this.doubtful.length > 0) {
      const key = this.doubtful.at(-1) as string;
      this.journey.name(key);
      this.#tell(key, this.#save(held[this.doubtful.length - 1] as StoredKey, nowMs));
      this.doubtful.pop();
    }
  }

  #save(held: StoredKey, nowMs: number): Outcome {
    const { journey, files } = this;
    this.valueBytes += held.value?.length ?? 0;
    const refused = journey.take(held, nowMs);
    if (refused !== null) return refused;
    const { file, saved } = journey;
    const outcome = files.settle(journey.sid, file, saved);
    if (outcome === 'unwritable') journey.reason = files.reason;
    if (outcome !== 'written' && outcome !== 'updated') return outcome;
    this.fileBytes += file.length;
    this.placed++;
    if (saved.certainty === 'unknown') this.endless++;
    if (saved.certainty === 'capped') this.capped++;
    return outcome;
  }

  #tell(key: string, outcome: Outcome): void {
    const isReject = OUTCOMES[codeOf(outcome)]?.[1] === 'reject';
    this.onOutcome(outcome, isReject ? this.journey.note(key, outcome) : null);
  }
}
