import { EXIT, OperatorError } from '../errors.js';
import type { LaneSettings } from '../lane/settings.js';
import { META } from '../ledger/keys.js';
import type { Ledger } from '../ledger/ledger.js';
import type { LedgerShare, PassRange } from '../ledger/record-doubt.js';
import { lastRecordedPass } from '../ledger/visit.js';
import type { Endpoint } from '../redis/endpoint.js';
import { formatCount } from '../units.js';
import type { Conclusion, KnownMarker, SampleCount } from './conclusion.js';
import { BY_EXPIRY, incompleteness, LEFT_TO_SYNC, noteIncomplete } from './incompleteness.js';
import type { RunMarkers } from './markers.js';
import { hasRecordGap } from './record-gap.js';
import { isRecovered } from './record-recovery.js';

export interface TrustOptions {
  /** Null where none is named. A dry run reads of it, and writes nothing. */
  target: Endpoint | null;
  isDryRun: boolean;
  /** The pass in the freeze, and the one that says that the application runs on the target. */
  isFinal: boolean;
  isCutoverDone: boolean;
  /** The operator said that the files are right, whatever the target looks like. */
  doFilesWin: boolean;
  /** Whether changes of the files are followed, also those that the records of a lost ledger would tell of. */
  followsChanges: boolean;
  /** `asked`: the operator said that what is gone is to be brought back. */
  repair: 'no' | 'final' | 'asked';
  warn(message: string): void;
}

/** How far a pass can trust the ledger, and the target. */
export interface Trust extends Pick<LedgerShare, 'mode' | 'doubt' | 'isWhole' | 'settlesDoubt'> {
  isCutover: boolean;
}

/**
 * Decides by what the target went through how far the ledger can be trusted; what follows from it is on record before
 * this resolves.
 * @throws {OperatorError} with exit code 7 where writing could let in who has logged out
 */
export async function trustIn(
  ledger: Ledger,
  lanes: LaneSettings,
  markers: RunMarkers | null,
  options: TrustOptions,
  signal: AbortSignal,
): Promise<Trust> {
  const conclusion = markers === null ? null : await act(ledger, lanes, markers, options, signal);
  const isCutover = (await ledger.fact<boolean>(META.cutover)) === true;
  const isWhole = (await incompleteness(ledger, Date.now())) === null;
  const isNew = !(await ledger.hasRecords());
  const doubt = await ledger.fact<PassRange>(META.doubt);
  if (!isCutover) {
    const mode = isNew && lanes.sources.length === 1 ? 'fresh' : 'compare';
    // What is there is left to the sync that reads the receipts, and is not judged by its expiry alone.
    const isLeft = isNew && !options.followsChanges && (await ledger.fact<boolean>(META.receipts)) === true;
    return { mode, doubt, isWhole: isWhole || isLeft, settlesDoubt: false, isCutover };
  }
  const hasAllReplies = ledger.openBatches.length === 0;
  const settlesDoubt = !hasAllReplies && isWhole && (await isUntouched(markers));
  if (!hasAllReplies && !settlesDoubt) {
    options.warn(
      `the last pass before the switch was cut short: of ${formatCount(ledger.openBatches.length)} round trips no reply is on ` +
        'record, and the application is at work already, so what is absent is left absent; those users have to log in again',
    );
  }
  // A ledger that knows nothing of what was moved can't tell the new from what ended since.
  const knows = isWhole && !(isNew && conclusion?.kind === 'switched' && conclusion.isByTarget);
  return { mode: 'cutover', doubt: null, isWhole: knows, settlesDoubt, isCutover };
}

/** Puts on record what is concluded. */
async function act(
  ledger: Ledger,
  lanes: LaneSettings,
  markers: RunMarkers,
  options: TrustOptions,
  signal: AbortSignal,
): Promise<Conclusion> {
  const { conclusion, found } = await markers.conclude();
  const lastPass = await ledger.lastPass();
  // A first migrate follows nothing: the receipts are kept for what follows it.
  const mayRecover = options.followsChanges || (await ledger.hasRecords());
  if (options.isCutoverDone || conclusion.kind === 'switched') {
    if (conclusion.kind === 'switched' && conclusion.isByTarget) {
      options.warn(
        'the target says that the application runs on it (--cutover-done): nothing that was moved is written again',
      );
    }
    await ledger.keepFact(META.cutover, true);
    return conclusion;
  }
  switch (conclusion.kind) {
    case 'rewritten':
      if (!options.doFilesWin) throw runsOnTarget(conclusion.sample);
      break;
    case 'unmarked':
      if (await ledger.hasRecords()) break;
      // Nothing was sent yet, so there are receipts of all that will be.
      await ledger.keepFact(META.receipts, true);
      if (options.followsChanges && (await isRecovered(ledger, lanes, markers, found, signal))) {
        options.warn(recoveredFrom('an earlier run has moved these sessions, and its marker is gone'));
      }
      break;
    case 'doubt':
      if (!options.doFilesWin && options.repair !== 'asked') throw inDoubt(conclusion.sample);
      await ledger.keepFact(META.receipts, false);
      await addDoubt(ledger, { from: 0, to: lastPass });
      break;
    case 'lost':
      options.warn('the target has lost what it held of this run: all its sessions are looked at and sent again');
      await addDoubt(ledger, { from: 0, to: lastPass });
      break;
    case 'rolled-back': {
      const { pass, atMs } = conclusion.marker;
      const time = new Date(atMs).toISOString().slice(0, 16).replace('T', ' ');
      options.warn(`the target went back to pass ${pass} of ${time} UTC: what passes did since is done again`);
      await addDoubt(ledger, { from: conclusion.fromPass, to: lastPass });
      break;
    }
    case 'incomplete': {
      await ledger.skipPasses(Math.max(...[...found.markers.values()].map(({ pass }) => pass)));
      if (mayRecover && (await isRecovered(ledger, lanes, markers, found, signal))) {
        options.warn(recoveredFrom(conclusion.reason));
        return conclusion;
      }
      const areKept = !mayRecover && [...found.markers.values()].every(({ hasReceipts }) => hasReceipts);
      await ledger.keepFact(META.receipts, areKept);
      await noteIncomplete(ledger, lanes, conclusion.reason, areKept ? LEFT_TO_SYNC : BY_EXPIRY, options);
    }
  }
  const reason = await incompleteness(ledger, Date.now());
  const isKnown = reason !== null;
  if (isKnown && mayRecover && (await ledger.fact<boolean>(META.receipts)) === true) {
    if (await isRecovered(ledger, lanes, markers, found, signal)) options.warn(recoveredFrom(reason));
    return conclusion;
  }
  // Where the target lost data, or may have, receipts are gone as well.
  const isThere = conclusion.kind !== 'lost' && conclusion.kind !== 'doubt';
  const mayHaveGap = isThere && lastPass > (await lastRecordedPass(ledger));
  if (!isKnown && mayHaveGap && (await isRecovered(ledger, lanes, markers, found, signal))) return conclusion;
  if (!isKnown && (await hasRecordGap(ledger, { ...lanes, target: markers.target }, signal))) {
    await noteIncomplete(ledger, lanes, gapOf(lastPass), BY_EXPIRY, options);
  }
  return conclusion;
}

function recoveredFrom(reason: string): string {
  return `the ledger does not know all that was moved (${reason}): what it lacks was read from the target`;
}

function gapOf(pass: number): string {
  return `pass ${pass} was cut short, and keys are in the target that it lacks, as after a power loss or in a copy made meanwhile`;
}

/**
 * Notes that the target may lack what these passes did, until a pass has done it again.
 * @throws {OperatorError}
 */
export async function addDoubt(ledger: Ledger, range: PassRange): Promise<void> {
  const before = await ledger.fact<PassRange>(META.doubt);
  const from = Math.min(range.from, before?.from ?? range.from);
  await ledger.keepFact(META.doubt, { from, to: Math.max(range.to, before?.to ?? range.to) });
}

/**
 * Leaves the marker of a pass that begins or, when `isComplete`, has ended; where the application runs on the target
 * and that was said before, it stays as it is.
 * @throws {OperatorError}
 */
export async function leaveMarker(
  markers: RunMarkers,
  { pass, mode }: Pick<LedgerShare, 'pass' | 'mode'>,
  options: Pick<TrustOptions, 'isFinal' | 'isCutoverDone' | 'warn'>,
  isComplete = false,
): Promise<void> {
  if (mode === 'cutover' && !options.isCutoverDone) return;
  const known = await markers.ledger.fact<KnownMarker>(META.marker);
  const isFinalDone = known?.isFinalDone === true || (isComplete && options.isFinal);
  const stage = mode === 'cutover' ? 'switched' : !isComplete ? 'loading' : isFinalDone ? 'final' : 'complete';
  if (await markers.write(pass, stage, isFinalDone)) return;
  options.warn(
    `the user may not write the marker ${markers.names[0]}: if the target loses data, that can't be told from logouts`,
  );
}

/** Whether nobody has logged out or been saved there since, as far as a sample shows. */
async function isUntouched(markers: RunMarkers | null): Promise<boolean> {
  if (markers === null) return false;
  const { wanted, held, rewritten } = await markers.sample();
  return held === wanted && rewritten === 0;
}

function runsOnTarget({ rewritten, held }: SampleCount): OperatorError {
  return new OperatorError(
    EXIT.refused,
    `${formatCount(rewritten)} of ${formatCount(held)} sampled keys were rewritten since the final pass, so it runs on ` +
      'the target: nothing was written; say so by sync --cutover-done, or, if the application still runs on the files, run the same ' +
      'line with --conflict overwrite',
  );
}

function inDoubt({ wanted, held }: SampleCount): OperatorError {
  return new OperatorError(
    EXIT.refused,
    `of ${formatCount(wanted)} sampled copies the target holds ${formatCount(held)}, and its marker can't tell why: they may be lost or ` +
      'logged out, so nothing was written; if the application runs on the target, say so by sync --cutover-done; if it still runs on ' +
      'the files, run the same line with --repair',
  );
}
