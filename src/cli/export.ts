import type { ExitCode } from '../exit-codes.js';
import { prepareDirectory } from '../export/directory.js';
import { OpenedStore } from '../export/held-store.js';
import { AtomicPlacer, dryRunPlacer } from '../export/place.js';
import { SessionFiles } from '../export/session-files.js';
import { PauseSwitch } from '../governor/pause-switch.js';
import { type ExportOptions, parseExportOptions } from '../options-export.js';
import { neededStateDir } from '../options-output.js';
import type { RawOptions } from '../options-table.js';
import { RejectList } from '../report/reject-list.js';
import { type ExportPassOptions, runExport } from '../run-export.js';
import { ownPlaces, refusePlacesInside } from '../state-directory.js';
import { describeEndpoint } from '../target/endpoint.js';
import { afterPass } from './after-pass.js';
import type { ParsedLine } from './command-line.js';
import { CommandConsole } from './desk.js';
import { exportWarningsOf, type FinishedExport, hasNoSession, summarizeExport, tellExport } from './export-end.js';
import { pauseSignals } from './pause-signals.js';
import { endedBy, type Interruption, interruption, unlessInterrupted } from './signals.js';
import { targetRetryOf, withRetries } from './target-patience.js';
import { withMetrics } from './with-metrics.js';

/** A file holds four times its value at most (see export/journey.ts), and what is there is compared with it. */
const FILE_GROWTH = 4;

/** The way back: every session in Redis becomes the file that the chosen Odoo reads. */
export async function runExportCommand(line: ParsedLine, raw: RawOptions): Promise<ExitCode> {
  const options = parseExportOptions(String(line.directory), raw, process.env);
  const { run } = options;
  refusePlacesInside([options.directory], ownPlaces(run, run.stateDir));
  const interrupted = interruption();
  return withMetrics('export', run, async (metrics) => {
    return exportSessions(options, await CommandConsole.open(run, metrics), interrupted);
  });
}

/** Pre-flight, one pass, and the end of it. @throws {OperatorError} for what stops an export before its start */
async function exportSessions(
  options: ExportOptions,
  desk: CommandConsole,
  interrupted: Interruption,
): Promise<ExitCode> {
  interrupted.speakBy((text) => desk.warn(text));
  const { signal } = interrupted;
  const { run, file, from } = options;
  const pauses = new PauseSwitch(run.pauseFile);
  pauseSignals(pauses, (text) => desk.warn(text));
  const source = describeEndpoint(from);
  const dryRun = run.isDryRun ? ' --dry-run' : '';
  desk.say(`sess2redis export${dryRun}: ${source} (${run.profile.name}) -> ${options.directory} (Odoo ${file.odoo})`);
  const { checkWork, compareReaders } = await import('../preflight/preflight.js');
  const patience = targetRetryOf(from, run.pass.pace, null, (text) => desk.warn(text), signal);
  const warnings = await withRetries(() => checkWork('export', from, run.pass.lanes.key), patience);
  // No directory is left behind by an export that has no place for its rejects.
  if (!run.isDryRun) RejectList.prepare(neededStateDir(run));
  const directory = prepareDirectory(options.directory, { ...options, isDryRun: run.isDryRun });
  const store = new OpenedStore(directory.root, directory.isAbsent);
  const placer = run.isDryRun ? dryRunPlacer : new AtomicPlacer(directory, file.tempSuffix, store);
  const list = run.isDryRun ? null : new RejectList(neededStateDir(run), [source]);
  const files = new SessionFiles(directory.root, file, placer, run.pass.lanes.maxFileBytes * FILE_GROWTH, store);

  desk.log.info({ source, directory: directory.root, odoo: file.odoo }, 'export starts');
  const observer = desk.watch([source], list, null, warnings);
  const exported = await runExport(passOptions(options, pauses), files, observer, signal);
  desk.close();
  store.close();

  const asks = hasNoSession(exported.tally) && exported.stopped === null;
  const other = asks ? await unlessInterrupted(compareReaders(from, run.pass.lanes, run.profile.name), signal) : null;
  const result = endedBy(signal, exported);
  interrupted.done();
  const finished: FinishedExport = { options, source, root: directory.root, result, listPath: list?.path ?? null };
  warnings.push(...exportWarningsOf(finished));
  const hint = other?.question?.message ?? other?.warning ?? null;
  if (hint !== null) warnings.push(hint);
  const summary = summarizeExport(finished);
  if (list !== null) await afterPass(() => list.close(), summary, warnings);
  for (const message of warnings) desk.log.warn(message);
  desk.log.info(summary, 'export ended');
  if (result.stopped !== null) desk.log.error(result.stopped, 'export stopped early');
  tellExport(desk, finished, summary, warnings);
  return summary.exitCode;
}

function passOptions({ run, file, from }: ExportOptions, pauses: PauseSwitch): ExportPassOptions {
  const { pace, maxEntries, maxRejects, lanes } = run.pass;
  const { key, reader, policy, maxFileBytes, shard } = lanes;
  const settings = { key, encoding: reader.encoding, file, policy, maxValueBytes: maxFileBytes, shard };
  return { from, settings, pace, pauses, maxKeys: maxEntries, maxRejects };
}
