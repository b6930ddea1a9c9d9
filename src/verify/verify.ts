import { applicationOf } from '../applications/application-of.js';
import type { Tally } from '../counts/tally.js';
import { BY_SIGNAL, EXIT, type ExitCode } from '../errors.js';
import type { PauseSwitch } from '../governor/pause-switch.js';
import { sampleOf } from '../intake/settings.js';
import type { LaneSettings } from '../lane/settings.js';
import type { Ledger } from '../ledger/ledger.js';
import type { LedgerShare } from '../ledger/record-doubt.js';
import type { RunOptions } from '../options/run-options.js';
import type { Endpoint } from '../redis/endpoint.js';
import { scanKeys } from '../redis/scan.js';
import { type PassObserver, type PassResult, runPass } from '../run.js';
import type { Outcome } from '../session.js';
import { incompleteness, recordedUntilMs } from '../sync/incompleteness.js';
import { RunMarkers } from '../sync/markers.js';
import { hasRecordGap } from '../sync/record-gap.js';
import { chunksOfKeys, chunksOfRecords } from './keys-without-files.js';
import { CONFIDENCE, countSessions, upperBound, type VerifySettings } from './sample.js';

const PROGRAM = new URL('./lane.js', import.meta.url);

/** Outcomes of files whose session was compared with a key, or whose key was missed. */
const COMPARED: readonly Outcome[] = ['match', 'newer', 'differs', 'missing', 'expiry-drift'];
const UNEQUAL: readonly Outcome[] = ['differs', 'missing', 'expiry-drift'];

/** What a verification found, over and above the counts. */
export interface Findings {
  /** Files that were compared, and those among them that differ. */
  compared: number;
  different: number;
  /**
   * Present with `--sample`: at this confidence no larger share of all sessions differs; null where none was compared.
   */
  sample?: { wanted: number; upperBound: number | null; confidence: number };
}

/**
 * Compares the sources with the target: one pass over the files, then one over the keys, each of which should have a
 * file. Never rejects for what happens to sessions or to the target, as `runPass`.
 *
 * @param seed draws the sample: a number that no earlier run had
 * @param ledger what the runs that wrote have recorded, to tell their values from the application's
 */
export async function verifySources(
  options: RunOptions,
  sources: readonly string[],
  observer: PassObserver,
  signal: AbortSignal,
  seed: number,
  ledger: Ledger | null,
  pauses: PauseSwitch,
): Promise<{ result: PassResult; findings: Findings }> {
  const { pass, verify } = options;
  const wanted = verify.sample;
  const sample =
    wanted === null
      ? null
      : sampleOf(wanted, await countSessions(sources, applicationOf(pass.lanes.application), signal), seed);
  const { expiryToleranceMs } = verify;
  const lanes: VerifySettings = {
    ...pass.lanes,
    sources,
    expiryToleranceMs,
    recordedUntilMs: (ledger && (await recordedUntilMs(ledger, Date.now()))) ?? Number.NEGATIVE_INFINITY,
    sample,
    ledger: await shareOf(ledger, { ...pass.lanes, sources }, signal),
  };
  const { before, after, digest } = lanes.key;
  const check = {
    program: PROGRAM,
    furtherChunks: () =>
      digest === undefined
        ? chunksOfKeys(scanKeys(lanes.target as Endpoint, before, after), lanes)
        : ledger === null
          ? noChunks()
          : chunksOfRecords(ledger, lanes),
  };
  const result = await runPass({ ...pass, lanes, check, record: null, pauses }, observer, signal);

  const compared = countOf(result.tally, COMPARED);
  const different = countOf(result.tally, UNEQUAL);
  const findings: Findings = { compared, different };
  if (wanted !== null) {
    const bound = compared === 0 ? null : upperBound(different, compared);
    findings.sample = { wanted, upperBound: bound, confidence: CONFIDENCE };
  }
  return { result: { ...result, exitCode: exitCodeOf(result, findings) }, findings };
}

/** What lanes have to know to read the ledger; they write nothing into it. */
async function shareOf(ledger: Ledger | null, lanes: LaneSettings, signal: AbortSignal): Promise<LedgerShare | null> {
  if (ledger === null) return null;
  const { directory, secret } = ledger;
  const target = lanes.target as Endpoint;
  const { kind } = (await new RunMarkers(ledger, target, lanes).conclude()).conclusion;
  const mayBeWhole = kind !== 'incomplete' && (await incompleteness(ledger, Date.now())) === null;
  // Once the application runs on the target, its own new sessions are not on record either.
  const isWhole = mayBeWhole && (kind === 'switched' || !(await hasRecordGap(ledger, { ...lanes, target }, signal)));
  const index = await ledger.readIndex();
  const counters = new Uint32Array(new SharedArrayBuffer(8));
  return {
    directory,
    secret,
    isTextId: ledger.cipher.isText,
    pass: 0,
    mode: 'compare',
    doubt: null,
    isWhole,
    settlesDoubt: false,
    index,
    toRepair: null,
    isPacking: false,
    openBatches: [],
    receipts: null,
    counters,
  };
}

/**
 * A difference that was found stays one, however the run ended, unless the operator ended it. Without one, a run that
 * could not see everything, or compared nothing, has not told.
 */
function exitCodeOf({ stopped, tally, exitCode }: PassResult, { compared }: Findings): ExitCode {
  if (BY_SIGNAL.includes(exitCode)) return exitCode;
  if (tally.ofClass('difference') > 0) return EXIT.different;
  if (stopped !== null) return exitCode === EXIT.temporary ? EXIT.inconclusive : exitCode;
  const isOpen = tally.unsettled > 0 || countOf(tally, ['unreadable']) > 0;
  return isOpen || compared === 0 ? EXIT.inconclusive : exitCode;
}

function countOf(tally: Tally, outcomes: readonly Outcome[]): number {
  const occurred = tally.outcomes();
  return outcomes.reduce((sum, outcome) => sum + (occurred[outcome] ?? 0), 0);
}

/** Without a record nobody knows whose keys are digests. */
async function* noChunks(): AsyncGenerator<never> {}
