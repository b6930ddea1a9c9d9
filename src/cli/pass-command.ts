import { applicationOf } from '../applications/application-of.js';
import { auditWordsOf } from '../applications/audit-words-of.js';
import { describeReader } from '../applications/configured-reader.js';
import { EXIT, type ExitCode, type OperatorError } from '../errors.js';
import { PauseSwitch } from '../governor/pause-switch.js';
import type { LaneSettings } from '../lane/settings.js';
import type { Ledger } from '../ledger/ledger.js';
import { neededStateDir } from '../options/output.js';
import { type RunOptions, withReader } from '../options/run-options.js';
import type { TypedOptions } from '../options/settle.js';
import { observeStore } from '../preflight/store-observation.js';
import { describeEndpoint } from '../redis/endpoint.js';
import { estimateFreezeMs, stageOf, warningsFrom, warningsOfGrowth } from '../report/advice.js';
import { PassDiary } from '../report/every.js';
import { RejectList } from '../report/lists.js';
import { ReportFile } from '../report/report-file.js';
import { summarize } from '../report/summary.js';
import { runPass } from '../run.js';
import { DirectoryCensus } from '../source/directories.js';
import { findSources } from '../source/sources.js';
import { RecordedPass, type RecordOptions, SourceAway } from '../sync/recorded-pass.js';
import { describeDamage } from '../sync/repair.js';
import { realFileSystem } from '../system/file-system.js';
import { ownPlaces, refusePlacesInside } from '../system/own-files.js';
import { inTurns } from '../system/process.js';
import { CommandConsole } from './console.js';
import { afterPass, exitCodeIfEmpty, type FinishedPass, type Outlook, type PassReport } from './finished-pass.js';
import { headingLines, recognitionOf } from './heading.js';
import { markerLine, noteOf, openLedger, outlookOf } from './pass-preflight.js';
import { type Interruption, interruption, pauseSignals, sleep, unlessAborted } from './signals.js';
import { type TargetRetry, targetRetryOf, withRetries } from './target-retry.js';
import { withMetrics } from './with-metrics.js';

/** Passes that follow at once where a server may have lost what it acknowledged. */
const MOST_REPEATS = 3;

/** A command that passes over sources. */
type PassCommand = 'migrate' | 'sync' | 'audit';

/** What all passes of one process share. */
interface PassSetting {
  command: PassCommand;
  options: RunOptions;
  report: PassReport;
  typed: TypedOptions;
  reportFile: ReportFile | null;
  out: CommandConsole;
  lanes: LaneSettings;
  ledger: Ledger | null;
  pauses: PauseSwitch;
  outlook: Outlook;
  retry: TargetRetry | null;
  diary: PassDiary;
}

/**
 * What `migrate`, `sync` and `audit` have in common: pre-flight, a pass with progress on stderr, and the end of it on
 * stdout, the summary last. With `--every` the passes follow one another until a signal. Returns the exit code of the
 * process.
 * @throws {OperatorError} for what stops a run before its start
 */
export function runPassCommand(
  command: PassCommand,
  options: RunOptions,
  report: PassReport,
  typed: TypedOptions,
): Promise<ExitCode> {
  refusePlacesInside(options.patterns, ownPlaces(options, command === 'audit' ? null : options.stateDir));
  if (command !== 'audit' && !options.isDryRun) neededStateDir(options);
  const interrupted = interruption();
  return withMetrics(command, options, async (metrics) => {
    return runPasses(await CommandConsole.open(options, metrics), command, options, report, typed, interrupted);
  });
}

async function runPasses(
  out: CommandConsole,
  command: PassCommand,
  asked: RunOptions,
  report: PassReport,
  typed: TypedOptions,
  interrupted: Interruption,
): Promise<ExitCode> {
  interrupted.setOutput((text) => out.warn(text));
  const { signal } = interrupted;
  const pauses = new PauseSwitch(asked.pauseFile);
  pauseSignals(pauses, (text) => out.warn(text));
  const passedOver: string[] = [];
  const sources = await unlessAborted(
    findSources(
      asked.patterns,
      (warning) => passedOver.push(warning),
      (path) => asked.reader.wrongDirectoryReason(path),
    ),
    signal,
  );
  // A glob shows only now what it matches.
  refusePlacesInside(sources, ownPlaces(asked, command === 'audit' ? null : asked.stateDir));
  const reader = await inTurns(observeStore({ ...asked.pass.lanes, sources }, asked.reader), signal);
  const options = withReader(asked, reader);
  const planned: LaneSettings = { ...options.pass.lanes, sources };
  const target = options.target === null ? '' : ` -> ${describeEndpoint(options.target)}`;
  const dryRun = options.isDryRun && command !== 'audit' ? ' --dry-run' : '';
  out.say(
    `sess2redis ${command}${dryRun}: ${sources.join(' ')}${target} (${describeReader(reader)}${recognitionOf(options)})`,
  );
  for (const line of headingLines(options, command === 'audit' ? null : options.stateDir)) out.say(line);
  const reportFile = options.reportPath === null ? null : new ReportFile(options.reportPath);
  const keptIn = command === 'audit' ? null : options.stateDir;
  // An audit answers at once, whatever the answer is.
  const limit = command === 'audit' ? { giveUpAfterMs: 0, firstGiveUpAfterMs: 0 } : options.pass.pace;
  const retry = targetRetryOf(options.target, limit, keptIn, (text) => out.warn(text), signal);
  const beginning = withRetries(() => outlookOf(command, options, planned), retry);
  const outlook = await unlessAborted(beginning, signal);
  const { grainMs } = outlook;
  const lanes: LaneSettings = { ...planned, ownership: { ...planned.ownership, grainMs } };
  outlook.warnings.unshift(...passedOver);
  if (outlook.capacity !== null) out.log.info(outlook.capacity, 'capacity');

  const ledger = command === 'audit' ? null : await openLedger(options, sources);
  // From here on the target is known to be there.
  if (retry !== null) retry.isKnown = true;
  const marker = markerLine(command, options, lanes, outlook);
  if (marker !== null) out.say(marker);
  const shared = { command, options, report, typed, reportFile, out };
  const setting: PassSetting = { ...shared, lanes, ledger, pauses, outlook, retry, diary: new PassDiary() };
  try {
    const { everyMs } = options.sync;
    for (let repeats = 0; ; ) {
      const warnings = outlook.warnings.splice(0);
      const { exitCode, isTargetReplaced, isSourceAway } = await runOnePass(setting, warnings, signal);
      if (isTargetReplaced && exitCode === EXIT.temporary && ++repeats <= MOST_REPEATS) {
        out.warn(
          'a server of the target was replaced, restarted or emptied meanwhile: checking all sessions once more',
        );
        continue;
      }
      const mayGoOn =
        exitCode === EXIT.complete || exitCode === EXIT.rejects || exitCode === EXIT.temporary || isSourceAway;
      if (everyMs === null || !mayGoOn) return exitCode;
      if (!(await sleep(everyMs, signal))) return (signal.reason as OperatorError).exitCode;
    }
  } finally {
    out.close();
    interrupted.done();
    await ledger?.close();
  }
}

interface EndOfPass {
  exitCode: ExitCode;
  isTargetReplaced: boolean;
  /** The store will be mounted again: an empty mount point is borne as an absent one is. */
  isSourceAway: boolean;
}

async function runOnePass(setting: PassSetting, warnings: string[], signal: AbortSignal): Promise<EndOfPass> {
  const { command, options, report, typed, reportFile, out, ledger, pauses, outlook } = setting;
  const [{ log }, { sources }] = [out, setting.lanes];
  const recording: RecordOptions = {
    ...{ followsChanges: command === 'sync', maySkipShards: command === 'sync' && !options.sync.isFinal },
    repair: options.sync.isRepair ? 'asked' : options.sync.isFinal ? 'final' : 'no',
    ...{ maxDelete: options.maxDelete, target: options.target, isDryRun: options.isDryRun },
    ...{ isFinal: options.sync.isFinal, isCutoverDone: options.sync.isCutoverDone },
    isMarkerRefused: outlook.isMarkerRefused,
    doFilesWin: options.pass.lanes.conflict === 'overwrite',
    warn: (message) => warnings.push(message),
  };
  // A pass leaves its marker as it begins: what has no place for its rejects begins none.
  if (!options.isDryRun) RejectList.prepare(neededStateDir(options));
  const record =
    ledger === null
      ? null
      : await withRetries(() => RecordedPass.begin(ledger, setting.lanes, recording, signal), setting.retry);
  const found = describeDamage(record?.damage ?? null);
  if (found !== null) out.say(found);
  const isResumed = record?.isResumed ?? false;
  const { isDryRun, reader } = options;
  const title = { command, isDryRun, profile: reader.name, release: reader.release, isResumed };
  const list = isDryRun ? null : new RejectList(neededStateDir(options), sources);
  const application = applicationOf(options.pass.lanes.application);
  const directories = command === 'audit' ? new DirectoryCensus(sources, realFileSystem, application) : null;
  log.info({ ...title, sources }, 'pass starts');
  const startedMs = Date.now();
  const lanes = record?.lanes ?? setting.lanes;
  const observer = out.observe(sources, list, directories, warnings);
  const result = await runPass({ ...options.pass, lanes, record, pauses }, observer, signal);
  out.close();

  const { unchanged = 0 } = result.tally.outcomes();
  warnings.push(...warningsFrom(auditWordsOf(lanes.application), result.statistics, result.tally, unchanged));
  const summary = summarize(title, result, exitCodeIfEmpty(result, options.failIfEmpty));
  if (list !== null) await afterPass(() => list.close(), summary, warnings);
  if (record !== null) {
    const note = noteOf(summary, startedMs, record, options.sync.isFinal && !options.isDryRun);
    await afterPass(() => record.end(note, result.stopped === null), summary, warnings);
  }
  if (!options.isDryRun && record !== null && record.ours !== null) summary.ours = record.ours;
  const stage = stageOf(ledger?.passes ?? [], record?.share.mode === 'cutover');
  const passes = ledger?.passes ?? [];
  if (stage === 'switched' && !('odoo' in lanes.application)) {
    warnings.push(...warningsOfGrowth(passes, result.statistics.latestSaveMs));
  }
  const freezeMs =
    stage === 'before' && result.stopped === null ? estimateFreezeMs(passes, record?.recordCount ?? 0) : null;
  if (command === 'sync') summary.freezeEstimateMs = freezeMs;
  const finished: FinishedPass = {
    options,
    typed,
    sources,
    target: options.target === null ? null : describeEndpoint(options.target),
    outlook,
    result,
    summary,
    stage,
    warnings,
    shownRejects: out.shownRejects,
    listPath: list?.path ?? null,
    directories: directories?.health ?? [],
    series: out.series,
    startedMs,
    freezeMs,
    previousMs: passes.findLast((pass) => pass.startedMs < startedMs)?.startedMs ?? null,
  };
  const notices: string[] = [];
  const end = { summary, warnings, stopped: result.stopped, notices, report: () => report.toReport(finished) };
  await out.logEnd('pass', end);
  await reportFile?.writeOrWarn(end.report, summary, warnings);
  // After the switch the directory may be emptied, and a pass that was ended did not see whether it is.
  const isEmpty = result.tally.listed === 0 && result.stopped === null && stage !== 'switched';
  if (isEmpty && !options.isJson) warnings.push(`${sources.join(', ')}: nothing is in there`);
  if (list !== null && result.tally.ofClass('reject') + result.tally.misplaced > 0) {
    notices.push(`rejects are listed in ${list.path}`);
  }
  if (reportFile?.isWritten) notices.push(`the report is in ${reportFile.path}`);
  const { everyMs } = options.sync;
  if (everyMs !== null && !options.isJson) out.tellPass(end, setting.diary, everyMs);
  else out.tellEnd(options.isJson ? { ...end, lines: report.toLines(finished) } : end);
  return {
    exitCode: summary.exitCode,
    isTargetReplaced: result.isTargetReplaced,
    isSourceAway: result.stopped instanceof SourceAway,
  };
}
