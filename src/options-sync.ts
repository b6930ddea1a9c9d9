import type { MaxDelete } from './logouts.js';
import { type OptionReader, quote } from './options-reader.js';
import { parseCount, parseDurationMs } from './quantities.js';

/** How often `sync` passes, and where in the cutover it stands. */
export interface SyncOptions {
  /** From the end of one pass to the start of the next; null for a single pass. */
  everyMs: number | null;
  /** The pass in the freeze: every file is looked at. */
  isFinal: boolean;
  /** Redis is asked for every recorded key, and what it lacks or holds otherwise is brought there again. */
  isRepair: boolean;
  /** Odoo runs on the target from now on. */
  isCutoverDone: boolean;
}

/** `5%` of the recorded sessions, or a number of them. By default so many, and at least a hundred, at most half of few. */
export function readMaxDelete(read: OptionReader): MaxDelete {
  const text = read.text('max-delete');
  if (text === undefined) return { share: 0.05, least: 100, ofFew: 0.5 };
  const percent = text.endsWith('%') ? Number(text.slice(0, -1)) : Number.NaN;
  if (percent >= 0 && percent <= 100) return { share: percent / 100, least: 0, ofFew: 1 };
  const least = parseCount(text);
  if (!Number.isInteger(least))
    read.faults.add(`--max-delete is ${quote(text)}: write a share or a number of sessions, as in 5% or 1000`);
  return { share: 0, least, ofFew: 1 };
}

export function readSync(read: OptionReader): SyncOptions {
  const everyMs = read.quantity('every', parseDurationMs, 1000, 'a time of at least a second, as in 5m', 0);
  const sync = {
    everyMs: everyMs || null,
    isFinal: read.flag('final'),
    isRepair: read.flag('repair'),
    isCutoverDone: read.flag('cutover-done'),
  };
  if (sync.isFinal && sync.everyMs !== null) read.faults.add('--final is a single pass: leave out --every');
  if (sync.isFinal && sync.isCutoverDone)
    read.faults.add('--final comes before the switch and --cutover-done after it: give one');
  if (sync.isRepair && sync.isCutoverDone)
    read.faults.add('--repair comes before the switch and --cutover-done after it: give one');
  return sync;
}
