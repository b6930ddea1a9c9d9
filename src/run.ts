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

import { applicationOf } from './applications/application-of.js';
import { type LaneWait, Progress } from './counts/progress.js';
import { Statistics } from './counts/statistics.js';
import { addDeletes, type Deletes, exitCodeOf, noDeletes, Tally } from './counts/tally.js';
import { EXIT, type ExitCode, OperatorError, showable } from './errors.js';
import { type PaceObserver, type PaceOptions, startGoverning } from './governor/control-loop.js';
import type { PauseSwitch } from './governor/pause-switch.js';
import type { RejectNote } from './intake/take-file.js';
import { noteOfDirectory } from './intake/take-file.js';
import { type LaneCount, LanePool } from './lane/pool.js';
import type { LaneSettings } from './lane/settings.js';
import type { Chunk } from './source/chunk.js';
import type { ListedDirectory } from './source/directories.js';
import { EntryCount } from './source/entry-count.js';
import { walk } from './source/walk.js';
import type { RecordedPass } from './sync/recorded-pass.js';
import { errorCode, exitCodeFor, explained, isDeadMount } from './system/errno.js';
import { realFileSystem } from './system/file-system.js';

/** What a pass needs to know, all of it checked. */
export interface PassOptions {
  lanes: LaneSettings;
  laneCount: LaneCount;
  pace: PaceOptions;
  /** The pass stops after this many entries, or when more than so many are rejected; Infinity for no bound. */
  maxEntries: number;
  maxRejects: number;
  /** Null: nothing is recorded (dry run, audit). */
  record: RecordedPass | null;
  /** Holds the pass from outside, and lets it go on. */
  pauses: PauseSwitch;
  /** What a pass does that moves nothing: another program for its lanes, and what they take after the last file. */
  check?: { program: URL; furtherChunks: () => AsyncIterable<Chunk> };
}

/** What a pass tells while it runs. An error thrown here ends the pass. */
export interface PassObserver extends Omit<PaceObserver, 'servers'> {
  /** Called once, before the first entry: `progress` is kept up to date from then on. */
  begin(progress: Progress): void;
  /** Whether somebody follows the progress, for whom entries are counted ahead of the walk. */
  isWatched?: boolean;
  /** Called for every directory that was read to its end. */
  listed?(directory: ListedDirectory): void;
  reject(note: RejectNote): void;
  /** What the lanes wait for at the target; null when they go on. */
  waiting(wait: LaneWait | null): void;
}

export interface PassResult {
  tally: Tally;
  statistics: Statistics;
  /** What became of copies whose sessions ended. */
  deletes: Deletes;
  /** Why the pass ended before the last entry; null when it saw them all. */
  stopped: Error | null;
  /** A server of the target may lack what it acknowledged, and the ledger will not take its word for it again. */
  isTargetReplaced: boolean;
  heldBackMs: Readonly<Record<string, number>>;
  elapsedMs: number;
  exitCode: ExitCode;
}

/**
 * Runs one pass. Never rejects for what happens to sessions or to the target: the result says how far it came.
 * Aborting `signal` stops the walk; what is under way is finished and counted.
 */
export async function runPass(options: PassOptions, observer: PassObserver, signal: AbortSignal): Promise<PassResult> {
  const startMs = performance.now();
  const { record } = options;
  const tally = new Tally();
  const progress = new Progress(tally, startMs, options.lanes.sources.length, options.maxEntries);
  progress.expected = record?.expectedEntries ?? null;
  const statistics = new Statistics(Date.now());
  const subject = { target: options.lanes.target, isReading: options.check !== undefined, pauses: options.pauses };
  const governing = await startGoverning(options.pace, subject, {
    governor: (state) => {
      progress.governor = state;
      observer.governor(state);
    },
    servers: (samples) => {
      progress.targetBytes = samples.reduce((sum, { usedMemoryBytes }) => sum + usedMemoryBytes, 0);
    },
    warn: (message) => observer.warn(message),
  });
  const { governor } = governing;
  const deletes = noDeletes();
  let limit: OperatorError | null = null;

  const pool = new LanePool(
    options.lanes,
    options.laneCount,
    (ack) => {
      tally.add(ack);
      record?.acknowledged(ack);
      addDeletes(deletes, ack.deletes);
      governor.settle(ack.outcomes.length, ack.sent);
      for (const note of ack.rejects) {
        observer.reject(note);
        if (note.path[2] === '/') record?.shards.unsettle(note.source, note.path.slice(0, 2));
      }
      if (tally.ofClass('reject') > options.maxRejects) limit ??= rejectLimit(options.maxRejects);
      progress.lanes = pool.laneCount;
    },
    (laneStatistics) => statistics.merge(laneStatistics),
    () => governor.isHoldingBack,
    (wait) => {
      progress.wait = wait;
      observer.waiting(wait);
    },
    options.check?.program,
  );
  progress.lanes = pool.laneCount;
  progress.deletes = deletes;
  progress.heldBackMs = () => longest(governor.heldBackMs, pool.waits.heldBackMs);
  const isUncounted = progress.expected === null && record?.isFull !== false;
  progress.ahead = observer.isWatched && isUncounted ? new EntryCount(options.lanes) : null;
  observer.begin(progress);
  // Whatever ends the run ends a wait for the governor as well.
  const end = AbortSignal.any([signal, governing.gaveUp, pool.failed]);
  const giveUp = () => pool.giveUp(end.reason as Error);
  end.addEventListener('abort', giveUp, { once: true });
  let remaining = options.maxEntries;
  const application = applicationOf(options.lanes.application);
  const files = walk(options.lanes.sources, {
    application,
    fileSystem: realFileSystem,
    maxEntries: () => Math.min(governor.maxEntries, remaining),
    shards: application.store.hasShards ? (record?.shards ?? null) : null,
    onUnreadable: (directory) => {
      const note = noteOfDirectory(directory, application);
      tally.addOne('unreadable', note);
      record?.shards.unsettle(directory.source, directory.shard);
      progress.found(1);
      observer.reject(note);
    },
    onListed: (directory) => {
      // Where shards are passed over, the ones that were read say nothing about the others.
      if (record?.isFull !== false) progress.addDirectory(directory);
      observer.listed?.(directory);
    },
  });
  try {
    for (const chunk of files) {
      if (remaining === 0) limit ??= entryLimit(options.maxEntries);
      if (limit !== null) break;
      await governor.admit(chunk.count, end);
      await record?.reserve(chunk.count);
      if (end.aborted || !(await pool.dispatch(chunk))) break;
      remaining -= chunk.count;
      progress.found(chunk.count);
    }
    const isCut = limit !== null || end.aborted || pool.failure !== null;
    for await (const chunk of isCut ? [] : (options.check?.furtherChunks() ?? [])) {
      await governor.admit(chunk.count, end);
      if (end.aborted || !(await pool.dispatch(chunk))) break;
    }
  } catch (error) {
    pool.failure ??= listingError(error);
  }
  // Shards that need not be listed hold what they held.
  tally.passOver(record?.shards.skippedSessions ?? 0);
  governing.stop();
  progress.ahead?.stop();
  progress.isListingFinal = true;
  await pool.end();
  end.removeEventListener('abort', giveUp);

  let stopped = explained(pool.failure) ?? limit ?? (end.aborted ? (end.reason as Error) : null);
  const doubt = pool.replaced ?? (stopped === null ? await lossOf(record) : null);
  if (doubt !== null) {
    await record?.doubtTarget();
    stopped ??= replacedTarget(doubt);
  }
  if (record !== null && stopped === null && tally.unsettled === 0) {
    try {
      addDeletes(deletes, await record.complete(signal));
    } catch (error) {
      stopped = explained(error as Error);
    }
  }
  return {
    tally,
    statistics,
    deletes,
    stopped: stopped === null ? null : showable(stopped),
    isTargetReplaced: doubt !== null,
    heldBackMs: progress.heldBackMs(),
    elapsedMs: performance.now() - startMs,
    exitCode: exitCodeOf(stopped, tally),
  };
}

/** Governor and lanes may have waited for the same thing at the same time. */
function longest(one: Record<string, number>, other: Record<string, number>): Record<string, number> {
  const merged = { ...one };
  for (const [reason, ms] of Object.entries(other)) merged[reason] = Math.max(ms, one[reason] ?? 0);
  return merged;
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

/** A server that was emptied, or went back, answers as if all were well: only the marker tells. */
async function lossOf(record: RecordedPass | null): Promise<string | null> {
  const isLost = await record?.hasTargetLost().catch(() => false);
  return isLost === true ? 'the target lost data meanwhile, or went back to an earlier state' : null;
}

function replacedTarget(sentence: string): OperatorError {
  return new OperatorError(
    EXIT.temporary,
    `${sentence}: what was acknowledged before may be missing there, run the same line again to check and complete it`,
  );
}

function listingError(error: unknown): Error {
  const code = errorCode(error);
  if (error instanceof OperatorError || code === '') return error as Error;
  const advice = isDeadMount(code) ? 'mount it again, then run' : 'run';
  return new OperatorError(
    exitCodeFor(code),
    `listing a source failed, the system said ${code}: ${advice} the same line again`,
    { cause: error },
  );
}
