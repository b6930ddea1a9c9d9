import { OperatorError } from '../errors.js';
import { EXIT, type ExitCode } from '../exit-codes.js';
import type { RejectNote } from '../lane/journey.js';
import type { LaneSettings } from '../lane/settings.js';
import type { RunOptions } from '../options.js';
import { checkReader } from '../reader-check.js';
import { createLogger } from '../report/logger.js';
import { ProgressLine } from '../report/progress.js';
import { RejectList, rejectRecord } from '../report/reject-list.js';
import { type Summary, summarize } from '../report/summary.js';
import { renderRejects, renderSummary } from '../report/text.js';
import { warningsFrom } from '../report/warnings.js';
import { type PassObserver, type PassResult, runPass } from '../run.js';
import { findSources } from '../source/sources.js';
import { describeEndpoint } from '../target/endpoint.js';
import { interruption } from './signals.js';

/** Examples of each kind of reject that the end of a run shows; all of them are in the list. */
const SHOWN_PER_OUTCOME = 2;

export interface FinishedPass {
  sources: readonly string[];
  result: PassResult;
  summary: Summary;
  warnings: readonly string[];
  /** Examples of each kind; empty with `--json`, which prints them all. */
  shownRejects: readonly RejectNote[];
  /** Where all rejects are listed, or null where nothing is written. */
  listPath: string | null;
}

/** How a command tells its findings: as text for a person, and as lines for a program. */
export interface PassReport {
  render: (finished: FinishedPass) => string;
  toLines: (finished: FinishedPass) => readonly object[];
}

const say = (text: string) => process.stderr.write(`${text}\n`);
const print = (line: object) => process.stdout.write(`${JSON.stringify(line)}\n`);

/**
 * What `migrate` and `audit` have in common: pre-flight, one pass with progress on stderr, and the end of it on stdout,
 * the summary last. Returns the exit code of the process. @throws {OperatorError} for what stops a run before its start
 */
export async function runPassCommand(
  command: 'migrate' | 'audit',
  options: RunOptions,
  report: PassReport,
): Promise<ExitCode> {
  const log = createLogger(options.log.level, options.log.file);
  const sources = await findSources(options.patterns);
  const lanes = { ...options.pass.lanes, sources };
  const target = options.target === null ? null : describeEndpoint(options.target);
  const title = { command, isDryRun: options.isDryRun, profile: options.profile.name };
  const dryRun = options.isDryRun && command === 'migrate' ? ' --dry-run' : '';
  say(
    `sess2redis ${command}${dryRun}: ${sources.join(' ')}${target === null ? '' : ` -> ${target}`} (${title.profile})`,
  );
  const warnings = await preflight(command, options, lanes);

  const list = options.isDryRun ? null : new RejectList(options.stateDir, sources);
  const progress = new ProgressLine(process.stderr, performance.now());
  const shownRejects: RejectNote[] = [];
  log.info({ ...title, sources, target }, 'pass starts');
  const interrupted = interruption();
  const observer: PassObserver = {
    progress: (tally, laneCount) => progress.update(tally, laneCount, performance.now()),
    reject: (note) => {
      list?.add(note);
      if (options.isJson) print(rejectRecord(note, sources));
      else if (isExample(note, shownRejects)) shownRejects.push(note);
      log.warn(rejectRecord(note, sources), 'rejected');
    },
  };
  const result = await runPass({ ...options.pass, lanes }, observer, interrupted.signal);
  interrupted.done();
  progress.clear();
  list?.close();

  warnings.push(...warningsFrom(result.statistics));
  const summary = summarize(title, result, exitCodeOf(result, options));
  for (const message of warnings) log.warn(message);
  log.info(summary, 'pass ended');
  // The log keeps the stack of an unexpected failure, the terminal shows its message.
  if (result.stopped !== null) log.error(result.stopped, 'pass stopped early');
  const finished = { sources, result, summary, warnings, shownRejects, listPath: list?.path ?? null };
  if (options.isJson) printLines(finished, report);
  else tell(finished, report);
  if (result.stopped !== null) say(`sess2redis: ${result.stopped.message}`);
  return summary.exitCode;
}

/** Looks at target and reader before anything is written; returns warnings. @throws {OperatorError} to refuse the run */
async function preflight(command: 'migrate' | 'audit', options: RunOptions, lanes: LaneSettings): Promise<string[]> {
  const warnings: string[] = [];
  if (options.target !== null) {
    // Imported when there is a target: an audit without one is spared the 28 MB that ioredis takes.
    const { inspectTarget } = await import('../target/preflight.js');
    warnings.push(...(await inspectTarget(options.target)).warnings);
  }
  try {
    checkReader(lanes, options.profile, options.hasSidsOption);
  } catch (error) {
    // An audit is there to say so, and to go on and show the rest.
    if (command !== 'audit' || !(error instanceof OperatorError)) throw error;
    warnings.push(`migrate would be refused (exit ${error.exitCode}): ${error.message}`);
  }
  return warnings;
}

function exitCodeOf({ exitCode, tally }: PassResult, { failIfEmpty }: RunOptions): ExitCode {
  const isEmpty = exitCode === EXIT.complete && tally.ofClass('moved') + tally.ofClass('kept') === 0;
  return failIfEmpty && isEmpty ? EXIT.nothing : exitCode;
}

function printLines(finished: FinishedPass, report: PassReport): void {
  for (const message of finished.warnings) print({ type: 'warning', message });
  for (const line of report.toLines(finished)) print(line);
  print(finished.summary);
}

function tell(finished: FinishedPass, report: PassReport): void {
  const { sources, result, warnings, listPath } = finished;
  process.stdout.write(`${report.render(finished)}\n`);
  for (const message of warnings) say(`warning: ${message}`);
  if (result.tally.listed === 0) say(`warning: ${sources.join(', ')}: nothing is in there`);
  if (listPath !== null && result.tally.ofClass('reject') > 0) say(`rejects are listed in ${listPath}`);
}

/** The part of the text that both commands end with. */
export function renderEnd({ summary, result, shownRejects, sources }: FinishedPass): string {
  const rejects = result.tally.ofClass('reject');
  const parts = [renderSummary(summary)];
  if (shownRejects.length > 0) parts.push(`\nrejected:\n${renderRejects(shownRejects, rejects, sources)}`);
  return parts.join('\n');
}

function isExample(note: RejectNote, shown: readonly RejectNote[]): boolean {
  return shown.filter(({ outcome }) => outcome === note.outcome).length < SHOWN_PER_OUTCOME;
}
