import { Progress } from '../../src/counts/progress.js';
import { Tally } from '../../src/counts/tally.js';
import type { Outcome } from '../../src/session.js';

/** The progress of a run that began at 0 and has such outcomes by now. */
export function progressOf(outcomes: Partial<Record<Outcome, number>>, sources = 1): Progress {
  const tally = new Tally();
  for (const [outcome, count] of Object.entries(outcomes)) {
    for (let i = 0; i < count; i++) tally.addOne(outcome as Outcome);
  }
  const progress = new Progress(tally, 0, sources);
  progress.found(tally.listed);
  progress.lanes = 4;
  return progress;
}
