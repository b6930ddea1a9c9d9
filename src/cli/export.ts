import type { Application } from '../applications/application.js';
import { applicationOf, selectionOf } from '../applications/application-of.js';
import { EXIT, type ExitCode } from '../errors.js';
import { prepareDirectory } from '../export/directory.js';
import { FileMaker } from '../export/make-file.js';
import { OpenedStore } from '../export/opened-store.js';
import { AtomicPlacer, dryRunPlacer } from '../export/place.js';
import { type ExportPassOptions, type ExportResult, runExport } from '../export/run.js';
import { countSessionFiles, SessionFiles } from '../export/session-files.js';
import { PauseSwitch } from '../governor/pause-switch.js';
import { type ExportOptions, parseExportOptions } from '../options/command-options.js';
import { neededStateDir } from '../options/output.js';
import type { SettledOptions } from '../options/settle.js';
import { describeEndpoint } from '../redis/endpoint.js';
import { exportMeanings, exportWarnings } from '../report/commands/export.js';
import { RejectList } from '../report/lists.js';
import { outcomesSection } from '../report/outcomes.js';
import { type Summary, summarize } from '../report/summary.js';
import { isThere } from '../system/errno.js';
import { ownPlaces, refusePlacesInside } from '../system/own-files.js';
import { CommandConsole } from './console.js';
import { afterPass, exitCodeIfEmpty } from './finished-pass.js';
import { headingLines } from './heading.js';
import { endedBy, type Interruption, interruption, pauseSignals, unlessInterrupted } from './signals.js';
import { targetRetryOf, withRetries } from './target-retry.js';
import { withMetrics } from './with-metrics.js';

/** An export that is over, and what it was about. */
export interface FinishedExport {
  options: ExportOptions;
  /** The target as it may be shown. */
  source: string;
  root: string;
  result: ExportResult;
}

/** The summary of every command, and what only an export has to say. */
export interface ExportSummary extends Summary {
  /** The release of the application that will read the files; absent where all read the same ones. */
  odoo?: string;
  directory: string;
  endless: number;
  capped: number;
}

export function summarizeExport({ options, root, result }: FinishedExport): ExportSummary {
  const { run, encoder } = options;
  const { release } = encoder;
  const title = { command: 'export', isDryRun: run.isDryRun, profile: run.reader.name, isResumed: false } as const;
  const { endless, capped } = result;
  const summary = summarize(title, { ...result, deletes: {} }, exitCodeOf(result, run.failIfEmpty));
  return { ...summary, ...(release !== null && { odoo: release }), directory: root, endless, capped };
}

function exitCodeOf(result: ExportResult, failIfEmpty: boolean): ExitCode {
  const isRefused = result.exitCode === EXIT.complete && hasNoSession(result.tally) && !failIfEmpty;
  return isRefused ? EXIT.refused : exitCodeIfEmpty(result, failIfEmpty);
}

/** Whether no key was one of the reader's: then this is hardly the place that was meant. */
export function hasNoSession(tally: ExportResult['tally']): boolean {
  return tally.listed - (tally.outcomes().foreign ?? 0) === 0;
}

/**
 * What the operator should know although no single key was wrong. Lists the directory, if all of it was to be written.
 */
export function exportWarningsOf(finished: FinishedExport): string[] {
  const { options, root, result, source } = finished;
  const { run, encoder } = options;
  const { placed, endless, capped, tally, stopped } = result;
  const { written = 0, updated = 0, same = 0, kept = 0, dead = 0, foreign = 0 } = tally.outcomes();
  // A dry run may have found no directory.
  const leftovers =
    sawAllSessions(finished) && !run.isDryRun
      ? countSessionFiles(root, encoder, applicationOf(run.pass.lanes.application)) - (written + updated + same + kept)
      : Number.NaN;
  const { listed } = tally;
  const counts = { placed, endless, capped, leftovers, listed, sessions: listed - foreign, dead };
  const warnings = exportWarnings({ directory: root, reader: encoder.title, ...counts });
  if (hasNoSession(tally) && stopped === null) {
    const { before, after } = run.pass.lanes.key;
    warnings.push(`${source}: no key of ${run.reader.name} is in there, none is as ${before}{sid}${after}`);
  }
  return warnings;
}

function sawAllSessions({ options, result }: FinishedExport): boolean {
  const { shard, application } = options.run.pass.lanes;
  const { anonymous, maxAgeMs } = selectionOf(application);
  const isWhole =
    applicationOf(application).scope.length === 0 && anonymous === 'keep' && maxAgeMs === Number.POSITIVE_INFINITY;
  return result.stopped === null && shard === null && isWhole;
}

/** A file holds four times its value at most (see export/make-file.ts), and what is there is compared with it. */
const FILE_GROWTH = 4;

/** The way back: every session in Redis becomes the file that its application reads. */
export async function runExportCommand(settled: SettledOptions, words: readonly string[]): Promise<ExitCode> {
  const options = parseExportOptions(settled, words[0] as string);
  const { run } = options;
  refusePlacesInside([options.directory], ownPlaces(run, run.stateDir));
  const interrupted = interruption();
  return withMetrics('export', run, async (metrics) => {
    return exportSessions(options, await CommandConsole.open(run, metrics), interrupted);
  });
}

/**
 * Pre-flight, one pass, and the end of it.
 * @throws {OperatorError} for what stops an export before its start
 */
async function exportSessions(
  options: ExportOptions,
  out: CommandConsole,
  interrupted: Interruption,
): Promise<ExitCode> {
  interrupted.setOutput((text) => out.warn(text));
  const { signal } = interrupted;
  const { run, encoder, from } = options;
  const pauses = new PauseSwitch(run.pauseFile);
  pauseSignals(pauses, (text) => out.warn(text));
  const source = describeEndpoint(from);
  const dryRun = run.isDryRun ? ' --dry-run' : '';
  out.say(`sess2redis export${dryRun}: ${source} (${run.reader.name}) -> ${options.directory} (${encoder.title})`);
  for (const line of headingLines({ ...run, target: from }, run.isDryRun ? null : run.stateDir)) out.say(line);
  const { checkWork } = await import('../preflight/preflight.js');
  const { rivalsOf } = await import('../preflight/reader-comparison.js');
  const retry = targetRetryOf(from, run.pass.pace, null, (text) => out.warn(text), signal);
  const warnings = await withRetries(() => checkWork('export', from, run.pass.lanes.key), retry);
  // No directory is left behind by an export that has no place for its rejects.
  if (!run.isDryRun && !isThere(options.directory)) RejectList.prepare(neededStateDir(run));
  const application = applicationOf(run.pass.lanes.application);
  const directory = prepareDirectory(options.directory, { ...options, application, isDryRun: run.isDryRun });
  const store = new OpenedStore(directory.root, directory.isAbsent);
  const { mode } = application.store;
  const placer = run.isDryRun ? dryRunPlacer : new AtomicPlacer(directory, encoder.tempSuffix, store, mode);
  const list = run.isDryRun ? null : new RejectList(neededStateDir(run), [source]);
  const files = new SessionFiles(directory.root, encoder, placer, run.pass.lanes.maxFileBytes * FILE_GROWTH, store);

  out.log.info({ source, directory: directory.root, files: encoder.title }, 'export starts');
  const observer = out.observe([source], list, null, warnings);
  const exported = await runExport(passOptions(options, application, pauses), files, observer, signal);
  out.close();
  store.close();

  const asks = hasNoSession(exported.tally) && exported.stopped === null;
  const other = asks ? await unlessInterrupted(rivalsOf(from, run.reader), signal) : null;
  const result = endedBy(signal, exported);
  interrupted.done();
  const finished: FinishedExport = { options, source, root: directory.root, result };
  warnings.push(...exportWarningsOf(finished));
  const hint = other?.question ?? other?.warning ?? null;
  if (hint !== null) warnings.push(hint);
  const summary = summarizeExport(finished);
  if (list !== null) await afterPass(() => list.close(), summary, warnings);
  const notices = list !== null && result.tally.ofClass('reject') > 0 ? [`rejects are listed in ${list.path}`] : [];
  const outcomes = { summary, examples: [], rejects: out.shownRejects, sources: [source], advice: [] };
  const sections = () => [outcomesSection({ ...outcomes, meanings: exportMeanings(run.isDryRun) })];
  const report = () => ({ sections: sections(), notes: [], exitCode: summary.exitCode });
  const end = { summary, warnings, stopped: result.stopped, notices, report };
  await out.logEnd('export', end);
  out.tellEnd(end);
  return summary.exitCode;
}

function passOptions(
  { run, encoder, from }: ExportOptions,
  application: Application,
  pauses: PauseSwitch,
): ExportPassOptions {
  const { pace, maxEntries, maxRejects, lanes } = run.pass;
  const { key, maxFileBytes, shard } = lanes;
  const maker = new FileMaker({ application, encoder, key, maxValueBytes: maxFileBytes, shard });
  const { hash } = application.reader;
  return { from, key, maker, hash, pace, pauses, maxKeys: maxEntries, maxRejects };
}
