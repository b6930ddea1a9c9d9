import type { RejectNote } from '../lane/journey.js';
import type { Ack } from '../lane/messages.js';
import { codeOf, NO_ENTRY, OUTCOMES, type Outcome, type OutcomeClass, UNSETTLED } from '../session.js';
import { RejectKinds } from './reject-kinds.js';

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

  /** Counts an entry that never reached a lane. @param reject the note on it, where it was rejected */
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
