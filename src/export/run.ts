/**
 * The way back, from keys in Redis to session files:
 *
 *   SCAN ──keys──> governor ──> name ──> value and expiry ──> parse ─> plan ─> encode ──> file
 *                  tally <──outcomes────────────────────────────────────────────────────────┘
 *
 * One thread does it all: a page of keys with their values is under way while the page before it is written, so Redis
 * and the disk work at the same time. Every key that SCAN gives ends in one outcome, and the outcomes add up to what it
 * gave.
 */

import { setTimeout } from 'node:timers/promises';
import type { HashForm, KeyTemplate } from '../applications/application.js';
import { Progress } from '../counts/progress.js';
import { exitCodeOf, Tally } from '../counts/tally.js';
import { EXIT, type ExitCode, OperatorError, showable } from '../errors.js';
import { type PaceOptions, startGoverning } from '../governor/control-loop.js';
import type { PauseSwitch } from '../governor/pause-switch.js';
import type { RejectNote } from '../intake/take-file.js';
import type { Endpoint } from '../redis/endpoint.js';
import type { StoredKey } from '../redis/reader.js';
import { type KeyPage, KeyPages } from '../redis/scan.js';
import type { PassObserver } from '../run.js';
import { classOf, type Outcome } from '../session.js';
import { explained } from '../system/errno.js';
import type { FileMaker } from './make-file.js';
import type { SessionFiles } from './session-files.js';

/** Is told of each key's fate as soon as it has one; `reject` says why, where the outcome is one. */
type OnOutcome = (outcome: Outcome, reject: RejectNote | null) => void;

/** Takes keys to their outcome, one after another, and counts what the end of the run has to tell. */
class KeySettler {
  /** Bytes of the values that were read, and of the files that they make. */
  valueBytes = 0;
  fileBytes = 0;
  /** Files placed. */
  placed = 0;
  /** Files placed for keys that never expire, and for those that live longer than their lifetime allows. */
  endless = 0;
  capped = 0;
  /**
   * Keys without an expiry. Some readers save by SET and then EXPIRE, so that one of them may be in the middle of a
   * save: it is settled when it has been looked at again.
   */
  doubtful: string[] = [];

  constructor(
    readonly intake: FileMaker,
    readonly files: SessionFiles,
    readonly onOutcome: OnOutcome,
  ) {}

  /**
   * Settles `key`, or puts it among the doubtful.
   * @throws {OperatorError} when no more files can be written
   */
  settle(key: string, held: StoredKey | null, nowMs: number): void {
    const named = this.intake.name(key);
    if (named !== null || held === null) this.#tell(key, named ?? 'vanished');
    else if (held.expiryMs === Number.POSITIVE_INFINITY && held.value !== null) this.doubtful.push(key);
    else this.#tell(key, this.#save(held, nowMs));
  }

  /**
   * Settles the doubtful, given what is at them now.
   * @throws {OperatorError} when no more files can be written
   */
  settleDoubtful(held: readonly StoredKey[], nowMs: number): void {
    while (this.doubtful.length > 0) {
      const key = this.doubtful.at(-1) as string;
      this.intake.name(key);
      this.#tell(key, this.#save(held[this.doubtful.length - 1] as StoredKey, nowMs));
      this.doubtful.pop();
    }
  }

  #save(held: StoredKey, nowMs: number): Outcome {
    const { intake, files } = this;
    this.valueBytes += held.value?.length ?? 0;
    const refused = intake.take(held, nowMs);
    if (refused !== null) return refused;
    const { file, saved } = intake;
    const outcome = files.settle(intake.sid, file, saved);
    if (outcome === 'unwritable') intake.reason = files.reason;
    if (outcome !== 'written' && outcome !== 'updated') return outcome;
    this.fileBytes += file.length;
    this.placed++;
    if (saved.certainty === 'unknown') this.endless++;
    if (saved.certainty === 'capped') this.capped++;
    return outcome;
  }

  #tell(key: string, outcome: Outcome): void {
    const isReject = classOf(outcome) === 'reject';
    this.onOutcome(outcome, isReject ? this.intake.note(key, outcome) : null);
  }
}

/** Keys read and written together: enough for the round trip not to count, few enough to be stopped between two. */
const PAGE_KEYS = 256;

/** How long a reader may take from its SET to its EXPIRE: a key without an expiry is looked at again after it. */
const SAVE_MS = 250;

/** Keys that wait for their second look, at most. */
const MAX_DOUBTFUL = 1000;

/** What an export needs to know, all of it checked. */
export interface ExportPassOptions {
  from: Endpoint;
  /** What stands around the sids in the keys, and what makes files of these. */
  key: KeyTemplate;
  maker: FileMaker;
  /** The form of keys that are hashes; null for strings. */
  hash: HashForm | null;
  pace: PaceOptions;
  /** Holds the export from outside, and lets it go on. */
  pauses: PauseSwitch;
  /** The export stops after this many keys, or when more than so many are rejected; Infinity for no bound. */
  maxKeys: number;
  maxRejects: number;
}

export interface ExportResult {
  tally: Tally;
  /** Files written. */
  placed: number;
  /** Files for keys that never expire: the lifetime of these sessions begins with the export. */
  endless: number;
  /** Files for keys that live longer than their lifetime allows, which begins anew as well. */
  capped: number;
  /** Why the export ended before the last key; null when it saw them all. */
  stopped: Error | null;
  heldBackMs: Record<string, number>;
  elapsedMs: number;
  exitCode: ExitCode;
}

/**
 * Runs one export. Never rejects for what happens to keys, files or the target: the result says how far it came.
 * Aborting `signal` ends the scan; the page under way is finished and counted.
 */
export async function runExport(
  options: ExportPassOptions,
  files: SessionFiles,
  observer: PassObserver,
  signal: AbortSignal,
): Promise<ExportResult> {
  const startMs = performance.now();
  const tally = new Tally();
  const progress = new Progress(tally, startMs, 1);
  progress.lanes = 1;
  const subject = { target: options.from, isReading: true, pauses: options.pauses };
  const governing = await startGoverning(options.pace, subject, {
    governor: (state) => {
      progress.governor = state;
      observer.governor(state);
    },
    servers: () => {},
    warn: (message) => observer.warn(message),
  });
  const { governor } = governing;
  const end = AbortSignal.any([signal, governing.gaveUp]);
  const intake = options.maker;
  const settler = new KeySettler(intake, files, (outcome, reject) => {
    tally.addOne(outcome, reject);
    if (reject !== null) observer.reject(reject);
  });
  let stopped: Error | null = null;
  observer.begin(progress);
  const pages = new KeyPages(options.from, options.pace.giveUpAfterMs, options.hash);
  const interrupt = () => pages.interrupt(end.reason as OperatorError);
  end.addEventListener('abort', interrupt, { once: true });
  try {
    const { before, after } = options.key;
    const size = () => Math.min(PAGE_KEYS, governor.maxEntries);
    for await (const page of pages.pages({ before, after, size, wants: (key) => intake.name(key) === null })) {
      const count = Math.min(page.keys.length, options.maxKeys - progress.listed);
      await governor.admit(count, end);
      if (end.aborted) break;
      progress.found(count);
      const { placed } = settler;
      settlePage(page, count, settler);
      governor.settle(count, settler.placed - placed);
      if (settler.doubtful.length >= MAX_DOUBTFUL) await lookAgain(settler, pages);
      if (tally.ofClass('reject') > options.maxRejects) stopped = rejectLimit(options.maxRejects);
      else if (count < page.keys.length) stopped = keyLimit(options.maxKeys);
      if (stopped !== null) break;
    }
    await lookAgain(settler, pages);
  } catch (error) {
    stopped = showable(explained(error as Error));
  }
  governing.stop();
  end.removeEventListener('abort', interrupt);
  pages.close();
  progress.isListingFinal = true;
  tally.unsettled = progress.listed - tally.listed;
  tally.sourceBytes = settler.valueBytes;
  tally.valueBytes = settler.fileBytes;
  stopped ??= end.aborted ? (end.reason as Error) : null;
  const { placed, endless, capped } = settler;
  const elapsedMs = performance.now() - startMs;
  const exitCode = exitCodeOf(stopped, tally);
  return { tally, placed, endless, capped, stopped, heldBackMs: governor.heldBackMs, elapsedMs, exitCode };
}

function settlePage({ keys, held }: KeyPage, count: number, settler: KeySettler): void {
  const nowMs = Date.now();
  for (let i = 0; i < count; i++) settler.settle(keys[i] as string, held[i] ?? null, nowMs);
}

async function lookAgain(settler: KeySettler, pages: KeyPages): Promise<void> {
  if (settler.doubtful.length === 0) return;
  await setTimeout(SAVE_MS);
  settler.settleDoubtful(await pages.again(settler.doubtful), Date.now());
}

function keyLimit(keys: number): OperatorError {
  return new OperatorError(EXIT.limit, `stopped after ${keys} keys, as --limit says; there are more`);
}

function rejectLimit(rejects: number): OperatorError {
  return new OperatorError(
    EXIT.limit,
    `stopped because more than ${rejects} keys were rejected, as --max-rejects says`,
  );
}
