import type { RejectNote } from '../intake/take-file.js';
import { codeOf, NO_ENTRY, OUTCOMES, type Outcome, type OutcomeClass, UNSETTLED } from '../session.js';

/**
 * A chunk that is done: one outcome code per entry (`UNSETTLED` where a failure left it open), in the chunk's order,
 * and what else the main thread counts.
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
  /** Sessions sent, or that a dry run would have sent. */
  sent: number;
  /** Changed sessions whose copy was gone before its time, and was not made again. */
  withheld: number;
  deletes: Deletes;
  /** Ordinals, in the ledger, of the sessions in the chunk. */
  seen: Uint32Array<ArrayBuffer>;
}

/** Kinds that are told apart; a store with more of them is damaged or hostile. */
const MAX_COUNTED = 500;
/** Kinds that are told, and those that fit the end of a run. */
const MAX_LISTED = 50;
/** Characters of a reason that are kept. */
const LONGEST_REASON = 200;

const REJECTS: ReadonlySet<Outcome> = new Set(OUTCOMES.filter(([, kind]) => kind === 'reject').map(([name]) => name));

/** Rejects for one reason: what stands in the way, such as a class, and in which member of the session it stands. */
export interface RejectKind {
  /** Null for all that are not listed by kind. */
  outcome: Outcome | null;
  reason: string;
  /** Names alone, fit to be shown; empty where no member can be named. */
  member: string;
  count: number;
}

/** Counts rejects by what stands in the way, so that a number has a cause that can be mended. Its size is bounded. */
export class RejectKinds {
  readonly #kinds = new Map<string, RejectKind>();
  #others = 0;

  add({ outcome, reason, member = '' }: Pick<RejectNote, 'outcome' | 'reason' | 'member'>): void {
    if (!REJECTS.has(outcome)) return;
    const bounded = reason.slice(0, LONGEST_REASON);
    const key = `${outcome} ${bounded}`;
    const known = this.#kinds.get(key);
    if (known !== undefined) known.count++;
    else if (this.#kinds.size >= MAX_COUNTED) this.#others++;
    else this.#kinds.set(key, { outcome, reason: bounded, member, count: 1 });
  }

  /** The most frequent first; the last one sums up all others. */
  listed(): RejectKind[] {
    const kinds = [...this.#kinds.values()].sort((a, b) => b.count - a.count);
    return summedUp(kinds, MAX_LISTED, this.#others);
  }
}

export function summedUp(kinds: readonly RejectKind[], most: number, beyond: number): RejectKind[] {
  const named = kinds.filter(({ outcome }) => outcome !== null);
  const rest = [...named.slice(most), ...kinds.filter(({ outcome }) => outcome === null)];
  const others = rest.reduce((sum, { count }) => sum + count, beyond);
  const listed = named.slice(0, most);
  return others === 0 ? listed : [...listed, { outcome: null, reason: '', member: '', count: others }];
}

/** The counts of a run. Everything that is shown, whether as a line, a table or JSON, is read from here. */
export class Tally {
  /** Directory entries whose fate is known. */
  listed = 0;
  /** Entries that a failure left without an outcome; the run can't be complete when there are any. */
  unsettled = 0;
  /** Changed sessions whose copy was gone before its time, and was not made again. */
  withheld = 0;
  sourceBytes = 0;
  valueBytes = 0;
  /** Foreign entries that are sessions, or lead to some, where their store has no place for them. */
  misplaced = 0;
  /** Rejects by reason. */
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

  /** Counts entries of directories that were passed over. */
  passOver(entries: number): void {
    this.listed += entries;
    const code = codeOf('unchanged');
    this.#counts[code] = (this.#counts[code] as number) + entries;
  }

  /**
   * Counts an entry that never reached a lane.
   * @param reject the note on it, where it was rejected
   */
  addOne(outcome: Outcome, reject: RejectNote | null = null): void {
    if (reject !== null) this.rejectKinds.add(reject);
    this.listed++;
    const code = codeOf(outcome);
    this.#counts[code] = (this.#counts[code] as number) + 1;
  }

  /** Only what occurred, in the order of {@link OUTCOMES}; the values add up to `listed`. */
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

/** Copies that were to be deleted because their sessions ended, by what became of them. */
export type Deletes = {
  deleted: number;
  /** No longer ours: Odoo's word wins. */
  kept: number;
  /** Expired, evicted or deleted before. */
  absent: number;
};

export const noDeletes = (): Deletes => ({ deleted: 0, kept: 0, absent: 0 });

export function addDeletes(sum: Deletes, more: Deletes): void {
  sum.deleted += more.deleted;
  sum.kept += more.kept;
  sum.absent += more.absent;
}
