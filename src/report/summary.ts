import { type BenchFinding, benchFindingsOf } from '../bench/findings.js';
import { type RejectKind, Tally } from '../counts/tally.js';
import { EXIT, type ExitCode } from '../errors.js';
import type { Outcome } from '../session.js';

/** Increased if a field changes its meaning. New fields do not count. */
const SUMMARY_VERSION = 1;

/** The result of a run, as far as a summary shows it. */
interface FinishedRun {
  tally: Tally;
  /** Copies of sessions that have ended, by what became of them. */
  deletes: Readonly<Record<string, number>>;
  elapsedMs: number;
  /** Why the run ended early, or null. */
  stopped: Error | null;
  heldBackMs: Record<string, number>;
}

/** What identifies a run in its summary. */
export interface RunTitle {
  command: string;
  isDryRun: boolean;
  profile: string;
  /** The release of the profile that the store was found to need; null or absent if the profile names it. */
  release?: string | null;
  /** Whether the ledger has earlier passes. */
  isResumed: boolean;
}

/** The last line of `--json`; every report of the run is made from it as well. */
export interface Summary {
  type: 'summary';
  version: number;
  command: string;
  dryRun: boolean;
  /** Empty if the run ended before the profile was known. */
  profile: string;
  /** The release of the profile, if the store decided it. */
  release?: string;
  listed: number;
  /** Only outcomes that occurred; their sum is `listed`. */
  outcomes: Partial<Record<Outcome, number>>;
  /** Entries that a failure left without an outcome; they are not part of `listed`, and the next run settles them. */
  unsettled: number;
  /** Foreign entries that are sessions in a place where they are never looked for; absent if there are none. */
  misplaced?: number;
  /** Rejects by reason, the most frequent first; absent if there are none. */
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
  /** Sessions with a copy in Redis, written by this or an earlier pass; absent if unknown. */
  ours?: number;
  /** `sync`: upper bound for the duration of the pass in the freeze; null if unknown, and once that pass is over. */
  freezeEstimateMs?: number | null;
  /** Why the run ended early; absent if it saw every entry. */
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
  const run = { tally: new Tally(), deletes: {}, elapsedMs: 0, stopped: new Error(stopped), heldBackMs: {} };
  return summarize({ command, isDryRun, profile: '', isResumed: false }, run, exitCode);
}

/** The last line of `--json` of a command that does not handle files or keys one by one. */
export function shortSummary(command: string, fields: object, exitCode: ExitCode = EXIT.complete): object {
  return { type: 'summary', version: SUMMARY_VERSION, command, ...fields, exitCode };
}

/** Objects as lines of `--json`. */
export function jsonLines(records: readonly object[]): string {
  return records.map((record) => `${JSON.stringify(record)}\n`).join('');
}

function occurred(counts: Readonly<Record<string, number>>): Record<string, number> {
  return Object.fromEntries(Object.entries(counts).filter(([, count]) => count > 0));
}

/** The last line of `bench --json`. Null stands for what was not measured. */
export interface BenchSummary {
  type: 'summary';
  version: number;
  command: 'bench';
  dryRun: false;
  profile: string;
  /** The release of the application whose sessions were made; absent where all releases write the same. */
  odoo?: string;
  target: string | null;
  /** Of the largest step. */
  sessions: number | null;
  bytesPerSession: number | null;
  interceptBytes: number | null;
  r2: number | null;
  files: number | null;
  allocatedPerSession: number | null;
  elapsedMs: number;
  peakRssBytes: number;
  exitCode: ExitCode;
  stopped?: string;
}

export function summarizeBench(
  findings: readonly BenchFinding[],
  { profile, release, elapsedMs }: { profile: string; release: string | null; elapsedMs: number },
  exitCode: ExitCode,
  stopped: Error | null,
): BenchSummary {
  const last = <T extends BenchFinding['type']>(type: T) => benchFindingsOf(findings, type).at(-1);
  const [step, fit, files] = [last('step'), last('fit'), last('files')];
  return {
    type: 'summary',
    version: 1,
    command: 'bench',
    dryRun: false,
    profile,
    ...(release !== null && { odoo: release }),
    target: last('server')?.target ?? null,
    sessions: step?.sessions ?? null,
    // No line can be fitted to a single step: its own measurement stands in.
    bytesPerSession: fit?.bytesPerSession ?? step?.bytesPerSession ?? null,
    interceptBytes: fit?.interceptBytes ?? null,
    r2: fit?.r2 ?? null,
    files: files?.sessions ?? null,
    allocatedPerSession: files?.allocatedPerSession ?? null,
    elapsedMs: Math.round(elapsedMs),
    peakRssBytes: process.resourceUsage().maxRSS * 1024,
    exitCode,
    ...(stopped !== null && { stopped: stopped.message }),
  };
}
