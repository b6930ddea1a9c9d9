/**
 * READ FIRST. A pass over the session directories:
 *
 *   source           main thread                        lanes (threads)
 *   opendir ──> walk ──chunks──> governor ──> pool ──> name ─> read ─> parse ─> plan ─> encode ─> write ──> Redis
 *                    tally <──outcomes── acks <───────────────────────────────────────────────┘
 *
 * The main thread lists, dispatches and counts; it never sees a payload. A chunk of some hundred entries is the unit:
 * a few are under way at a time, so memory does not grow with the store. Every entry of a chunk comes back with one
 * outcome, and the outcomes add up to what was listed, or the run is not complete.
 */
import { OperatorError } from './errors.js';
import { EXIT, type ExitCode } from './exit-codes.js';
import { Governor } from './governor/governor.js';
import type { RejectNote } from './lane/journey.js';
import { type LaneCount, LanePool } from './lane/pool.js';
import type { LaneSettings } from './lane/settings.js';
import { Statistics } from './lane/statistics.js';
import { Tally } from './report/tally.js';
import { errorCode, realFileSystem } from './source/file-system.js';
import { type UnreadableDirectory, walk } from './source/walk.js';

/** What a pass needs to know, all of it checked. */
export interface PassOptions {
  lanes: LaneSettings;
  laneCount: LaneCount;
  /** Sessions sent per second; Infinity for no bound. */
  ratePerSecond: number;
  /** The pass stops after this many entries, or when more than so many are rejected; Infinity for no bound. */
  maxEntries: number;
  maxRejects: number;
}

/** What a pass tells while it runs. An error thrown here ends the pass. */
export interface PassObserver {
  progress(tally: Tally, lanes: number): void;
  reject(note: RejectNote): void;
}

export interface PassResult {
  tally: Tally;
  statistics: Statistics;
  /** Why the pass ended before the last entry; null when it saw them all. */
  stopped: Error | null;
  heldBackMs: Record<string, number>;
  elapsedMs: number;
  exitCode: ExitCode;
}

/**
 * Runs one pass. Never rejects for what happens to sessions or to the target: the result says how far it came.
 * Aborting `signal` stops the walk; what is under way is finished and counted.
 */
export async function runPass(options: PassOptions, observer: PassObserver, signal: AbortSignal): Promise<PassResult> {
  const startMs = performance.now();
  const tally = new Tally();
  const statistics = new Statistics(Date.now());
  const governor = new Governor(options.ratePerSecond, () => performance.now());
  let limit: OperatorError | null = null;

  const pool = new LanePool(
    options.lanes,
    options.laneCount,
    (ack) => {
      tally.add(ack);
      governor.settle(ack.outcomes.length, ack.sent);
      for (const note of ack.rejects) observer.reject(note);
      if (tally.ofClass('reject') > options.maxRejects) limit ??= rejectLimit(options.maxRejects);
      observer.progress(tally, pool.laneCount);
    },
    (laneStatistics) => statistics.merge(laneStatistics),
    () => !governor.isHoldingBack,
  );

  let remaining = options.maxEntries;
  const chunks = walk(options.lanes.sources, {
    fileSystem: realFileSystem,
    maxEntries: () => Math.min(governor.maxEntries, remaining),
    onUnreadable: (directory) => {
      tally.addOne('unreadable');
      observer.reject(noteOf(directory));
    },
  });
  try {
    for (const chunk of chunks) {
      if (remaining === 0) limit ??= entryLimit(options.maxEntries);
      if (limit !== null) break;
      await governor.admit(chunk.count, signal);
      if (signal.aborted || !(await pool.dispatch(chunk))) break;
      remaining -= chunk.count;
    }
  } catch (error) {
    pool.failure ??= listingError(error);
  }
  await pool.end();

  const stopped = pool.failure ?? limit ?? (signal.aborted ? (signal.reason as Error) : null);
  return {
    tally,
    statistics,
    stopped,
    heldBackMs: governor.heldBackMs,
    elapsedMs: performance.now() - startMs,
    exitCode: exitCodeOf(stopped, tally),
  };
}

function exitCodeOf(stopped: Error | null, tally: Tally): ExitCode {
  if (stopped instanceof OperatorError) return stopped.exitCode;
  if (stopped !== null) return EXIT.unexpected;
  return tally.ofClass('reject') > 0 ? EXIT.rejects : EXIT.complete;
}

function entryLimit(entries: number): OperatorError {
  return new OperatorError(EXIT.limit, `stopped after ${entries} entries, as --limit says; there are more`);
}

function rejectLimit(rejects: number): OperatorError {
  return new OperatorError(
    EXIT.limit,
    `stopped because more than ${rejects} files were rejected, as --max-rejects says`,
  );
}

/** A shard directory that can't be listed counts as one entry: what it holds is not known. */
function noteOf({ source, shard, code }: UnreadableDirectory): RejectNote {
  const reason = `the system said ${code}: the sessions in this directory were not seen`;
  return { source, path: `${shard}/`, fingerprint: '', outcome: 'unreadable', reason, offset: -1 };
}

function listingError(error: unknown): Error {
  const code = errorCode(error);
  if (code === '') return error as Error;
  return new OperatorError(
    EXIT.temporary,
    `listing a source failed, the system said ${code}: run the same line again`,
    {
      cause: error,
    },
  );
}
