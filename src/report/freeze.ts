import type { PassNote } from '../ledger/pass-note.js';

const PASSES_JUDGED = 3;

/**
 * How long the next `sync --final` will take at most, in milliseconds; null before the first complete pass. Passes that
 * looked at everything tell it directly. Others tell what changes cost; the sweep over all files comes on top, at no more
 * per file than the last pass that looked at each, which also read and wrote many.
 *
 * @param passes oldest first @param records sessions that the ledger holds
 */
export function estimateFreezeMs(passes: readonly PassNote[], records: number): number | null {
  const complete = passes.filter(({ exitCode }) => exitCode === 0 || exitCode === 3);
  const last = complete.slice(-PASSES_JUDGED);
  if (last.length === 0) return null;
  const mean = last.reduce((sum, { elapsedMs }) => sum + elapsedMs, 0) / last.length;
  if (last.every(({ isFull }) => isFull)) return Math.round(mean);
  const sweep = complete.filter(({ isFull, listed }) => isFull && listed > 0).at(-1);
  return Math.round(mean + (sweep === undefined ? 0 : (sweep.elapsedMs / sweep.listed) * records));
}
