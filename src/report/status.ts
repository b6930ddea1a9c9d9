import type { Progress } from './progress.js';

/** How far a run is, for a program: a `--json` line among others. Numbers are those of the tally. */
export interface StatusEvent {
  type: 'status';
  elapsedMs: number;
  /** Entries found so far; `listingComplete` says whether there will be more. */
  listed: number;
  listingComplete: boolean;
  /** Entries whose fate is known, by outcome in `outcomes`. */
  done: number;
  outcomes: Record<string, number>;
  moved: number;
  kept: number;
  skipped: number;
  rejected: number;
  /** `verify`: sessions that are as they should be, and those that are not. */
  sound: number;
  different: number;
  entriesPerSecond: number;
  lanes: number;
  /** What sets the pace; empty while nothing holds the run back. */
  pace: string;
  /** Only where it is known. */
  total?: number;
  /** Only where it is no guess. */
  etaMs?: number;
}

export function statusOf(progress: Progress, rate: number, nowMs: number): StatusEvent {
  const { tally, total } = progress;
  const etaMs = progress.etaMs(nowMs);
  return {
    type: 'status',
    elapsedMs: Math.round(nowMs - progress.startMs),
    listed: progress.listed,
    listingComplete: progress.isListingFinal,
    done: progress.done,
    outcomes: tally.outcomes(),
    moved: tally.ofClass('moved'),
    kept: tally.ofClass('kept'),
    skipped: tally.ofClass('skip'),
    rejected: tally.ofClass('reject'),
    sound: tally.ofClass('verified'),
    different: tally.ofClass('difference'),
    entriesPerSecond: Math.round(rate * 10) / 10,
    lanes: progress.lanes,
    pace: progress.pace,
    ...(!Number.isNaN(total) && { total: Math.round(total) }),
    ...(!Number.isNaN(etaMs) && { etaMs: Math.round(etaMs) }),
  };
}
