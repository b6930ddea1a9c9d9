import { META, NOTE_LEAD, passOfNote, rangeOf } from './keys.js';
import type { Ledger } from './ledger.js';
import { guarded } from './store.js';

/** One pass over the sources, as the ledger remembers it. */
export interface PassNote {
  command: string;
  startedMs: number;
  elapsedMs: number;
  /** Whether every file was looked at, and not only changed shards. */
  isFull: boolean;
  /** Whether it was the pass in the freeze. */
  isFinal?: boolean;
  listed: number;
  outcomes: Readonly<Record<string, number>>;
  deletes: Readonly<Record<string, number>>;
  exitCode: number;
}

/** The last pass of which everything is in the ledger, durably: it ended, whatever by. 0 before the first. */
export async function lastRecordedPass(ledger: Ledger): Promise<number> {
  const notes = ledger.store.keys({ ...rangeOf(NOTE_LEAD), reverse: true, limit: 1 });
  const [newest] = await guarded(ledger.directory, notes.all());
  const said = await ledger.fact<number>(META.recorded);
  return Math.max(newest === undefined ? 0 : passOfNote(newest), said ?? 0);
}
