import type { RejectKind, Tally } from '../counts/tally.js';
import type { ExitCode } from '../errors.js';
import type { Outcome } from '../session.js';

/** Raised when a field changes its meaning; fields are only ever added. */
const SUMMARY_VERSION = 1;

/** What became of a run. */
interface FinishedRun {
  tally: Tally;
  /** Copies whose sessions ended, by what became of them. */
  deletes: Readonly<Record<string, number>>;
  elapsedMs: number;
  /** Why it ended early, or null. */
  stopped: Error | null;
  heldBackMs: Record<string, number>;
}

/** What a run was about. */
export interface RunTitle {
  command: 'migrate' | 'sync' | 'audit' | 'verify' | 'export';
  isDryRun: boolean;
  profile: string;
  /** The release as which the store showed a plain profile; null or absent where the profile decides. */
  release?: string | null;
  /** Earlier passes are on record. */
  isResumed: boolean;
}

/** The last line of `--json`, and the source of every other account of the run. */
export interface Summary {
  type: 'summary';
  version: number;
  command: string;
  dryRun: boolean;
  /** Empty where the run ended before the profile was known. */
  profile: string;
  /** The release as which a plain profile was read, where the store showed one. */
  release?: string;
  listed: number;
  /** Only what occurred; the values add up to `listed`. */
  outcomes: Partial<Record<Outcome, number>>;
  /** Entries that a failure left open, over and above `listed`; the next run settles them. */
  unsettled: number;
  /** Of the foreign entries, those that are sessions where their store has no place for them; absent for none. */
  misplaced?: number;
  /** The rejects by reason, the most frequent first; absent where there are none. */
  rejectKinds?: RejectKind[];
  sourceBytes: number;
  valueBytes: number;
  elapsedMs: number;
  entriesPerSecond: number;
  peakRssBytes: number;
  resumed: boolean;
  deletes: Record<string, number>;
  throttle: { reasons: Record<string, number> };
  exitCode: ExitCode;
  /** Sessions with a copy of ours that lives, by all passes so far; absent where that is not known. */
  ours?: number;
  /** `sync`: how long the pass in the freeze will take at most; null before it can be told, and once it is over. */
  freezeEstimateMs?: number | null;
  /** Why the run ended early; absent when it saw every entry. */
  stopped?: string;
}

export function summarize(title: RunTitle, result: FinishedRun, exitCode: ExitCode): Summary {
  const { tally, elapsedMs, stopped } = result;
  const rejectKinds = tally.rejectKinds.listed();
  return {
    type: 'summary',
    version: SUMMARY_VERSION,
    command: title.command,
    dryRun: title.isDryRun,
    profile: title.profile,
    ...(title.release && { release: title.release }),
    listed: tally.listed,
    outcomes: tally.outcomes(),
    unsettled: tally.unsettled,
    ...(tally.misplaced > 0 && { misplaced: tally.misplaced }),
    ...(rejectKinds.length > 0 && { rejectKinds }),
    sourceBytes: tally.sourceBytes,
    valueBytes: tally.valueBytes,
    elapsedMs: Math.round(elapsedMs),
    entriesPerSecond: Math.round((tally.listed / Math.max(elapsedMs, 1)) * 10_000) / 10,
    // Linux reports the peak in KiB (getrusage(2)); it covers all threads.
    peakRssBytes: process.resourceUsage().maxRSS * 1024,
    resumed: title.isResumed,
    deletes: occurred(result.deletes),
    throttle: { reasons: result.heldBackMs },
    exitCode,
    ...(stopped !== null && { stopped: stopped.message }),
  };
}

/** The summary of a command that ended before its first entry. */
export function summarizeFailure(command: string, isDryRun: boolean, exitCode: ExitCode, stopped: string): Summary {
  return {
    type: 'summary',
    version: SUMMARY_VERSION,
    command,
    dryRun: isDryRun,
    profile: '',
    listed: 0,
    outcomes: {},
    unsettled: 0,
    sourceBytes: 0,
    valueBytes: 0,
    elapsedMs: 0,
    entriesPerSecond: 0,
    peakRssBytes: process.resourceUsage().maxRSS * 1024,
    resumed: false,
    deletes: {},
    throttle: { reasons: {} },
    exitCode,
    stopped,
  };
}

function occurred(counts: Readonly<Record<string, number>>): Record<string, number> {
  return Object.fromEntries(Object.entries(counts).filter(([, count]) => count > 0));
}
