import { EXIT, type ExitCode, exitCodeOfError } from '../errors.js';
import type { RejectNote } from '../intake/take-file.js';
import { classOf, codeOf, NO_ENTRY, OUTCOMES, type Outcome, type OutcomeClass, UNSETTLED } from '../session.js';

/**
 * What a lane reports about a chunk that is done: the code of one outcome per entry, in the order of the chunk
 * (`UNSETTLED` if a failure left it open), and whatever else the main thread counts.
 */
export interface Ack {
  type: 'ack';
  source: number;
  outcomes: Uint8Array<ArrayBuffer>;
  rejects: RejectNote[];
  /** Bytes of the session files read. */
  sourceBytes: number;
  /** Bytes of the values that move. */
  valueBytes: number;
  /** Sessions sent to the target, or that a dry run would have sent. */
  sent: number;
  /** Changed sessions whose copy had vanished before its expiry; they were not written again. */
  withheld: number;
  deletes: Deletes;
  /** The ledger's ordinals of the sessions in the chunk. */
  seen: Uint32Array<ArrayBuffer>;
}

/** Reasons that are counted separately; a store with more of them is damaged or hostile. */
const MAX_COUNTED = 500;
/** Reasons that a summary lists. */
const MAX_LISTED = 50;
/** Characters of a reason that are kept. */
const LONGEST_REASON = 200;

/** Rejects with the same reason: what cannot be moved, such as a class, and which member of the session holds it. */
export interface RejectKind {
  /** Null for the sum of those that are not listed by reason. */
  outcome: Outcome | null;
  reason: string;
  /** Names only, fit to be shown; empty if no member can be named. */
  member: string;
  count: number;
}

/** Counts rejects by reason, so that an operator sees what to repair. Its size is bounded. */
export class RejectKinds {
  readonly #kinds = new Map<string, RejectKind>();
  #others = 0;

  add({ outcome, reason, member = '' }: Pick<RejectNote, 'outcome' | 'reason' | 'member'>): void {
    if (classOf(outcome) !== 'reject') return;
    const bounded = reason.slice(0, LONGEST_REASON);
    const key = `${outcome} ${bounded}`;
    const known = this.#kinds.get(key);
    if (known !== undefined) known.count++;
    else if (this.#kinds.size >= MAX_COUNTED) this.#others++;
    else this.#kinds.set(key, { outcome, reason: bounded, member, count: 1 });
  }

  /** The most frequent first; the last one is the sum of all others. */
  listed(): RejectKind[] {
    const kinds = [...this.#kinds.values()].sort((a, b) => b.count - a.count);
    return summedUp(kinds, MAX_LISTED, this.#others);
  }
}

/** The first `most` kinds, and one that sums up the rest and `beyond` more. */
export function summedUp(kinds: readonly RejectKind[], most: number, beyond: number): RejectKind[] {
  const named = kinds.filter(({ outcome }) => outcome !== null);
  const rest = [...named.slice(most), ...kinds.filter(({ outcome }) => outcome === null)];
  const others = rest.reduce((sum, { count }) => sum + count, beyond);
  const listed = named.slice(0, most);
  return others === 0 ? listed : [...listed, { outcome: null, reason: '', member: '', count: others }];
}

/** The counts of a run. Every number that is shown, in text, on a page or in JSON, comes from here. */
export class Tally {
  /** Directory entries with an outcome. */
  listed = 0;
  /** Entries that a failure left without an outcome; a run with any is not complete. */
  unsettled = 0;
  /** Changed sessions whose copy had vanished before its expiry; they were not written again. */
  withheld = 0;
  sourceBytes = 0;
  valueBytes = 0;
  /**
   * Foreign entries that are session files, or directories of some, in a place where the application never looks for
   * them.
   */
  misplaced = 0;
  readonly rejectKinds = new RejectKinds();
  readonly #counts = new Float64Array(OUTCOMES.length);

  add(ack: Ack): void {
    for (const code of ack.outcomes) {
      if (code === UNSETTLED) this.unsettled++;
      else if (code !== NO_ENTRY) {
        this.listed++;
        this.#counts[code] = (this.#counts[code] as number) + 1;
      }
    }
    for (const note of ack.rejects) {
      if (note.outcome === 'foreign') this.misplaced++;
      else this.rejectKinds.add(note);
    }
    this.withheld += ack.withheld;
    this.sourceBytes += ack.sourceBytes;
    this.valueBytes += ack.valueBytes;
  }

  /** Counts the entries of directories that did not have to be listed again. */
  passOver(entries: number): void {
    this.listed += entries;
    const code = codeOf('unchanged');
    this.#counts[code] = (this.#counts[code] as number) + entries;
  }

  /**
   * Counts an entry that no lane handled.
   * @param reject details, if it was rejected
   */
  addOne(outcome: Outcome, reject: RejectNote | null = null): void {
    if (reject !== null) this.rejectKinds.add(reject);
    this.listed++;
    const code = codeOf(outcome);
    this.#counts[code] = (this.#counts[code] as number) + 1;
  }

  /** The outcomes that occurred, in the order of {@link OUTCOMES}; their sum is `listed`. */
  outcomes(): Partial<Record<Outcome, number>> {
    const occurred: Partial<Record<Outcome, number>> = {};
    OUTCOMES.forEach(([outcome], code) => {
      const count = this.#counts[code] as number;
      if (count > 0) occurred[outcome] = count;
    });
    return occurred;
  }

  ofClass(wanted: OutcomeClass): number {
    return OUTCOMES.reduce((sum, [, kind], code) => (kind === wanted ? sum + (this.#counts[code] as number) : sum), 0);
  }
}

/**
 * The exit code of a run over files or keys.
 *
 * @param stopped why it ended early, or null
 */
export function exitCodeOf(stopped: Error | null, tally: Tally): ExitCode {
  if (stopped !== null) return exitCodeOfError(stopped);
  return tally.ofClass('reject') + tally.misplaced > 0 ? EXIT.rejects : EXIT.complete;
}

/** Copies to be deleted because their sessions have ended, by what became of them. */
export type Deletes = {
  deleted: number;
  /** Changed by the application since, and therefore left alone. */
  kept: number;
  /** Expired, evicted or deleted already. */
  absent: number;
};

export const noDeletes = (): Deletes => ({ deleted: 0, kept: 0, absent: 0 });

export function addDeletes(sum: Deletes, more: Deletes): void {
  sum.deleted += more.deleted;
  sum.kept += more.kept;
  sum.absent += more.absent;
}
