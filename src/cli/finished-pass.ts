import { spokenWords, tellsLogins } from '../applications/application-of.js';
import { auditWordsOf } from '../applications/audit-words-of.js';
import type { RunSamples } from '../counts/progress.js';
import { EXIT, type ExitCode, OperatorError } from '../errors.js';
import type { RejectNote } from '../intake/take-file.js';
import type { RunOptions } from '../options/run-options.js';
import type { TypedOptions } from '../options/settle.js';
import { ROWS } from '../options/table.js';
import type { CapacityVerdict } from '../preflight/capacity.js';
import type { Endpoint } from '../redis/endpoint.js';
import { adviceFor, type Stage } from '../report/advice.js';
import { modelledBytes, type TargetMemory } from '../report/audit/capacity.js';
import type { ReportedPass } from '../report/commands/pass.js';
import type { RunReport } from '../report/section.js';
import type { Summary } from '../report/summary.js';
import type { PassResult } from '../run.js';
import type { DirectoryHealth } from '../source/directories.js';
import { explained } from '../system/errno.js';
import { particularsOf, wordsOf } from './heading.js';

/**
 * The options of the operator's line that another command needs to work on the same keys of the same server with the
 * same ledger, as words of a line. None of them is a secret: a password comes from a file or the environment.
 * @param target as it was named: a user in its URL becomes an option, because no URL is shown with one
 */
export function carriedWords(command: string, typed: TypedOptions, target: Endpoint | null = null): string[] {
  const words = target?.username !== undefined && typed.user === undefined ? wordsOf('user', target.username) : [];
  const carried = ROWS.filter(({ commands, isOfOneRun }) => !isOfOneRun && commands.some((each) => each === command));
  for (const [name, value] of Object.entries(typed)) {
    if (!carried.some((option) => option.name === name)) continue;
    // The syncs that are proposed stand in the freeze, in which a pace for a live shop only costs time.
    if (name === 'rate' && command === 'sync') continue;
    for (const one of Array.isArray(value) ? value : [value]) words.push(...wordsOf(name, one));
  }
  return words;
}

/** What was found before the first pass. */
export interface Outlook {
  warnings: string[];
  /** Why a migration would be refused; null if it would not. */
  refusal: string | null;
  /** The following are null without a target. */
  memory: TargetMemory | null;
  /** Whether the load fits, by an estimate; null also where it was not asked for. */
  capacity: CapacityVerdict | null;
  /** The target keeps expiries no finer than this. */
  grainMs: number;
  /** The markers' own database; null where they lie beside the sessions. */
  markerDatabase: number | null;
  /** The target takes no marker of this user, and a warning says so. */
  isMarkerRefused: boolean;
}

export interface FinishedPass {
  options: RunOptions;
  typed: TypedOptions;
  sources: readonly string[];
  /** As it may be shown; null without one. */
  target: string | null;
  outlook: Outlook;
  result: PassResult;
  summary: Summary;
  stage: Stage;
  warnings: string[];
  /** Examples of each kind. */
  shownRejects: readonly RejectNote[];
  /** Where all rejects are listed, or null where nothing is written. */
  listPath: string | null;
  /** Only of an audit. */
  directories: DirectoryHealth[];
  series: RunSamples;
  startedMs: number;
  /** See {@link ReportedPass}. */
  freezeMs: number | null;
  previousMs: number | null;
}

/** What a command reports of a pass: a report for people, and what `--json` has before its summary. */
export interface PassReport {
  toReport: (finished: FinishedPass) => RunReport;
  toLines: (finished: FinishedPass) => readonly object[];
}

/** What the report of a pass is made from. */
export function reportedPass(finished: FinishedPass): ReportedPass {
  const { summary, stage, result, shownRejects, sources, target, listPath, options, typed } = finished;
  const { series, warnings, startedMs, outlook, freezeMs, previousMs } = finished;
  const { lanes } = options.pass;
  // As the operator named them: the default state directory follows from these words.
  const { patterns } = options;
  return {
    summary,
    examples: result.statistics.examples.first,
    rejects: shownRejects,
    sources,
    advice: options.isQuiet
      ? []
      : adviceFor({
          summary,
          ...spokenWords(options.pass.lanes),
          stage,
          sources: patterns,
          target,
          rejectList: listPath,
          carried: (next) => [
            ...carriedWords(next, typed, options.target),
            ...options.reader.missing.flatMap(({ name }) => wordsOf(name, `<${name}>`)),
          ],
          isPasswordLeftOut: options.target?.isPasswordInUrl === true,
        }),
    meanings: {
      ...(stage === 'switched' && { kept: 'moved before the switch: left as the application has it' }),
      ...(options.pass.lanes.shard?.server && {
        'other-shard': 'another server of the pool has it, or another --shard',
      }),
      ...(!('odoo' in options.pass.lanes.application) && { foreign: `no session file of ${options.reader.name}` }),
    },
    statistics: result.statistics,
    samples: series.samples,
    warnings,
    target,
    startedMs,
    particulars: particularsOf(options, typed),
    tellsLogins: tellsLogins(lanes.application),
    freezeMs,
    previousMs,
    bytesPerSession: outlook.capacity?.isMeasured ? outlook.capacity.bytesPerSession : meanModelledBytes(finished),
  };
}

/** Memory of one session that moves, by the model; NaN where none was read. */
function meanModelledBytes({ result, options }: Pick<FinishedPass, 'result' | 'options'>): number {
  const { application, key } = options.pass.lanes;
  const overhead = key.before.length + key.after.length;
  const moving = result.statistics.valueSizes.reduce((sum, count) => sum + count, 0);
  return modelledBytes(auditWordsOf(application), result.statistics, overhead) / moving;
}

/** The exit code of a run, which `--fail-if-empty` changes where there was nothing to do. */
export function exitCodeIfEmpty(
  { exitCode, tally }: Pick<PassResult, 'exitCode' | 'tally'>,
  failIfEmpty: boolean,
): ExitCode {
  const done = tally.ofClass('moved') + tally.ofClass('kept') + (tally.outcomes().unchanged ?? 0);
  return failIfEmpty && exitCode === EXIT.complete && done === 0 ? EXIT.nothing : exitCode;
}

/**
 * Does what comes after a pass. A disk that fails then takes nothing of the result away: it becomes a warning, and no
 * success either.
 */
export async function afterPass(
  step: () => Promise<void> | void,
  summary: { exitCode: ExitCode },
  warnings: string[],
): Promise<void> {
  try {
    await step();
  } catch (thrown) {
    const error = explained(thrown);
    if (!(error instanceof OperatorError)) throw error;
    warnings.push(error.message);
    if (summary.exitCode === EXIT.complete || summary.exitCode === EXIT.rejects) summary.exitCode = error.exitCode;
  }
}
