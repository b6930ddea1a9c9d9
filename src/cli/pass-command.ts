import { OperatorError } from '../errors.js';
import { EXIT, type ExitCode } from '../exit-codes.js';
import type { RejectNote } from '../lane/journey.js';
import type { RunOptions } from '../options.js';
import { checkReader } from '../reader-check.js';
import { createLogger } from '../report/logger.js';
import { ProgressLine } from '../report/progress.js';
import { RejectList, rejectRecord } from '../report/reject-list.js';
import { type Summary, summarize } from '../report/summary.js';
import { renderRejects, renderSummary } from '../report/text.js';
import { warningsFrom } from '../report/warnings.js';
import { type PassResult, runPass } from '../run.js';
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
  shownRejects: readonly RejectNote[];
}

/**
 * What `migrate` and `audit` have in common: pre-flight, one pass with progress on stderr, rejects and warnings, and the
 * summary. `render` makes the text for a person; with `--json` stdout gets lines instead, the summary last.
 *
 * @returns the exit code of the process
 */
export async function runPassCommand(
  command: 'migrate' | 'audit',
  options: RunOptions,
  render: (finished: FinishedPass) => string,
  toLines: (finished: FinishedPass) => readonly object[] = () => [],
): Promise<ExitCode> {
  const log = createLogger(options.log.level, options.log.file);
  const say = (text: string) => process.stderr.write(`${text}\n`);
  const print = (line: object) => process.stdout.write(`${JSON.stringify(line)}\n`);
  const warnings: string[] = [];
  const warn = (message: string) => {
    warnings.push(message);
    log.warn(message);
  };

  const sources = await findSources(options.patterns);
  const target = options.target === null ? null : describeEndpoint(options.target);
  const what = `${sources.join(' ')}${target === null ? '' : ` -> ${target}`} (${options.profile.name})`;
  say(`sess2redis ${command}${options.isDryRun && command !== 'audit' ? ' --dry-run' : ''}: ${what}`);
  if (options.target !== null) {
    // Imported when there is a target: an audit without one is spared the 28 MB that ioredis takes.
    const { inspectTarget } = await import('../target/preflight.js');
    const { version, warnings: targetWarnings } = await inspectTarget(options.target);
    log.info({ target, version }, 'target inspected');
    for (const message of targetWarnings) warn(message);
  }
  const lanes = { ...options.pass.lanes, sources };
  try {
    checkReader(lanes, options.profile, options.hasSidsOption);
  } catch (error) {
    // An audit is there to say so, and to go on and show the rest.
    if (command !== 'audit' || !(error instanceof OperatorError)) throw error;
    warn(`migrate would be refused (exit ${error.exitCode}): ${error.message}`);
  }

  const list = options.isDryRun ? null : new RejectList(options.stateDir, sources);
  const progress = new ProgressLine(process.stderr, performance.now());
  const shownRejects: RejectNote[] = [];
  log.info({ command, sources, target, profile: options.profile.name, dryRun: options.isDryRun }, 'pass starts');
  const interrupted = interruption();
  const result = await runPass(
    { ...options.pass, lanes },
    {
      progress: (tally, laneCount) => progress.update(tally, laneCount, performance.now()),
      reject: (note) => {
        list?.add(note);
        if (options.isJson) print(rejectRecord(note, sources));
        else if (isExample(note, shownRejects)) shownRejects.push(note);
        log.warn(rejectRecord(note, sources), 'rejected');
      },
    },
    interrupted.signal,
  );
  interrupted.done();
  progress.clear();
  list?.close();

  for (const message of warningsFrom(result.statistics)) warn(message);
  const { tally } = result;
  const isEmpty = result.exitCode === EXIT.complete && tally.ofClass('moved') + tally.ofClass('kept') === 0;
  const exitCode = options.failIfEmpty && isEmpty ? EXIT.nothing : result.exitCode;
  const summary = summarize({ command, isDryRun: options.isDryRun, profile: options.profile.name }, result, exitCode);
  log.info(summary, 'pass ended');

  const finished: FinishedPass = { sources, result, summary, warnings, shownRejects };
  if (options.isJson) {
    for (const message of warnings) print({ type: 'warning', message });
    for (const line of toLines(finished)) print(line);
    print(summary);
  } else {
    process.stdout.write(`${render(finished)}\n`);
    for (const message of warnings) say(`warning: ${message}`);
    if (tally.listed === 0) say(`warning: ${sources.join(', ')}: nothing is in there`);
    if (list !== null && tally.ofClass('reject') > 0) say(`rejects are listed in ${list.path}`);
  }
  if (result.stopped !== null) {
    // An unexpected failure keeps its stack for the log, and shows its message.
    log.error(result.stopped, 'pass stopped early');
    say(`sess2redis: ${result.stopped.message}`);
  }
  return exitCode;
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
