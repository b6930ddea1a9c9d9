import { randomInt } from 'node:crypto';
import { spokenWords } from '../applications/application-of.js';
import { describeReader } from '../applications/configured-reader.js';
import { EXIT, type ExitCode, OperatorError } from '../errors.js';
import { PauseSwitch } from '../governor/pause-switch.js';
import { META } from '../ledger/keys.js';
import type { Ledger } from '../ledger/ledger.js';
import { parseOptions, type RunOptions, withReader } from '../options/run-options.js';
import type { SettledOptions, TypedOptions } from '../options/settle.js';
import { observeStore } from '../preflight/store-observation.js';
import { describeEndpoint, type Endpoint } from '../redis/endpoint.js';
import { adviceFor, misplacedWarnings, stageOf } from '../report/advice.js';
import { differenceRecord, verificationReport } from '../report/commands/verify.js';
import { DifferenceList, rejectRecord } from '../report/lists.js';
import { ReportFile } from '../report/report-file.js';
import { summarize } from '../report/summary.js';
import type { PassObserver, PassResult } from '../run.js';
import { classOf } from '../session.js';
import { findSources } from '../source/sources.js';
import { ownPlaces, refusePlacesInside } from '../system/own-files.js';
import { inTurns } from '../system/process.js';
import { verifySources } from '../verify/verify.js';
import { CommandConsole } from './console.js';
import { carriedWords } from './finished-pass.js';
import { headingLines, particularsOf, recognitionOf } from './heading.js';
import { ledgerIdentityOf } from './pass-preflight.js';
import { endedBy, type Interruption, interruption, pauseSignals, unlessAborted, unlessInterrupted } from './signals.js';
import { targetRetryOf, withRetries } from './target-retry.js';
import { withMetrics } from './with-metrics.js';

/** Compares files with what Redis holds, by meaning and expiry; writes nothing. */
export async function runVerify(settled: SettledOptions, words: readonly string[]): Promise<ExitCode> {
  const options = parseOptions(settled, words);
  refusePlacesInside(options.patterns, ownPlaces(options, null));
  const interrupted = interruption();
  return withMetrics('verify', options, async (metrics) => {
    return verify(options, await CommandConsole.open(options, metrics), settled.typed, interrupted);
  });
}

async function verify(
  asked: RunOptions,
  out: CommandConsole,
  typed: TypedOptions,
  interrupted: Interruption,
): Promise<ExitCode> {
  interrupted.setOutput((text) => out.warn(text));
  const { signal } = interrupted;
  const { log } = out;
  const passedOver: string[] = [];
  const sources = await unlessAborted(
    findSources(
      asked.patterns,
      (warning) => passedOver.push(warning),
      (path) => asked.reader.wrongDirectoryReason(path),
    ),
    signal,
  );
  refusePlacesInside(sources, ownPlaces(asked, null));
  const reader = await inTurns(observeStore({ ...asked.pass.lanes, sources }, asked.reader), signal);
  const options = withReader(asked, reader);
  const endpoint = options.target as Endpoint;
  const { name: profile, release } = reader;
  const title = { command: 'verify', isDryRun: false, profile, release, isResumed: false } as const;
  const target = describeEndpoint(endpoint);
  out.say(
    `sess2redis verify: ${sources.join(' ')} with ${target} (${describeReader(reader)}${recognitionOf(options)})`,
  );
  for (const line of headingLines(options, options.stateDir)) out.say(line);
  const reportFile = options.reportPath === null ? null : new ReportFile(options.reportPath);
  const { pace } = options.pass;
  const retry = targetRetryOf(endpoint, pace, options.stateDir, (text) => out.warn(text), signal);
  const warnings = [...passedOver, ...(await withRetries(() => preflight(options, endpoint), retry))];
  const ledger = await openLedger(options, sources);
  const isRecorded = ledger !== null;
  const stage = stageOf(ledger?.passes ?? [], (await ledger?.fact<boolean>(META.cutover)) === true);
  log.info({ ...title, sources, target, ledger: isRecorded }, 'verification starts');

  const startedMs = Date.now();
  const differences = new DifferenceList(performance.now());
  const pauses = new PauseSwitch(options.pauseFile);
  pauseSignals(pauses, (text) => out.warn(text));
  const shown = out.observe(sources, null, null, warnings);
  const observer: PassObserver = {
    ...shown,
    reject: (note) => {
      // A misplaced session is told as a reject is.
      const isReject = note.outcome === 'foreign' || classOf(note.outcome) === 'reject';
      if (!isReject && !differences.add(note, performance.now())) return;
      if (isReject) out.show(note);
      const record = isReject ? rejectRecord(note, sources) : differenceRecord(note, sources);
      if (options.isJson) out.print(record);
      log.warn(record, isReject ? 'rejected' : 'different');
    },
  };
  const seed = randomInt(2 ** 32);
  const { result: compared, findings } = await verifySources(options, sources, observer, signal, seed, ledger, pauses);
  await ledger?.close();
  out.close();

  const hint = isRecorded ? null : await unlessInterrupted(hintOf(options, endpoint, compared), signal);
  const result = endedBy(signal, compared);
  interrupted.done();
  const { stopped } = result;
  warnings.push(...misplacedWarnings(result.tally.misplaced));
  if (hint !== null) warnings.push(hint);
  const summary = {
    ...summarize(title, result, hint === null ? result.exitCode : EXIT.refused),
    ...findings,
    ledger: isRecorded,
    untold: differences.omitted,
  };
  const advice = options.isQuiet
    ? []
    : adviceFor({
        summary,
        ...spokenWords(options.pass.lanes),
        stage,
        sources: options.patterns,
        target,
        carried: (next) => carriedWords(next, typed, endpoint),
        isPasswordLeftOut: endpoint.isPasswordInUrl === true,
        rejectList: null,
      });
  const rejects = [...differences.examples, ...out.shownRejects];
  const outcomes = { summary, examples: result.statistics.examples.first, rejects, sources, advice };
  const particulars = particularsOf(options, typed);
  const run = { ...outcomes, samples: out.series.samples, warnings, target, startedMs, particulars };
  const notices: string[] = [];
  const end = { summary, warnings, stopped, notices, report: () => verificationReport(run, findings) };
  await out.logEnd('verification', end);
  await reportFile?.writeOrWarn(end.report, summary, warnings);
  if (reportFile?.isWritten) notices.push(`the report is in ${reportFile.path}`);
  out.tellEnd(end);
  return summary.exitCode;
}

/** Opens the ledger of earlier runs to read in, while another run may have it open; null without a state directory. */
async function openLedger(options: RunOptions, sources: readonly string[]): Promise<Ledger | null> {
  // The copy holds what only the ledger's owner may read.
  process.umask(0o077);
  const { openForReading } = await import('../ledger/copy.js');
  return options.stateDir === null ? null : openForReading(options.stateDir, ledgerIdentityOf(options, sources));
}

/**
 * A hint at a prefix under which there are keys, if no session has a key and no recorded run wrote any; else null. Keys
 * that were recorded and are gone were lost, and the prefix is not the problem.
 */
async function hintOf(
  options: RunOptions,
  endpoint: Endpoint,
  { exitCode, tally }: PassResult,
): Promise<string | null> {
  const { missing = 0, match = 0, differs = 0, newer = 0, extra = 0, 'expiry-drift': drift = 0 } = tally.outcomes();
  if (exitCode !== EXIT.different || missing === 0 || match + differs + newer + extra + drift > 0) return null;
  const { rivalsOf } = await import('../preflight/reader-comparison.js');
  return (await rivalsOf(endpoint, options.reader)).hint;
}

/**
 * Looks at target and reader before anything is compared; returns warnings.
 * @throws {OperatorError}
 */
async function preflight(options: RunOptions, endpoint: Endpoint): Promise<string[]> {
  const { checkWork } = await import('../preflight/preflight.js');
  const { compareReaders } = await import('../preflight/reader-comparison.js');
  const warnings = await checkWork('verify', endpoint, options.pass.lanes.key);
  const { question, warning } = await compareReaders(endpoint, options.reader);
  if (question !== null) throw question;
  if (warning !== null) warnings.push(warning);
  try {
    return [...warnings, ...options.reader.check()];
  } catch (error) {
    if (!(error instanceof OperatorError)) throw error;
    return [...warnings, error.message];
  }
}
