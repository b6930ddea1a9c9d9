import type { RejectNote } from '../lane/journey.js';
import type { RunOptions } from '../options.js';
import type { CapacityVerdict } from '../preflight/capacity.js';
import { adviceFor, type Stage } from '../report/advice.js';
import type { TargetMemory } from '../report/audit/capacity.js';
import type { EndOfRun } from '../report/end.js';
import type { RunReport } from '../report/html/model.js';
import type { ReportedPass } from '../report/pass-report.js';
import type { RunSamples } from '../report/series.js';
import type { Styles } from '../report/styles.js';
import type { Summary } from '../report/summary.js';
import type { PassResult } from '../run.js';
import type { DirectoryHealth } from '../source/directories.js';
import type { TypedOptions } from './command-line.js';
import { carriedWords } from './next-line.js';

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
  /** The report, once it is written; null without one. */
  reportPath: string | null;
  startedMs: number;
}

/** How a command tells its findings: as text for a person, as lines for a program, and as a report with pictures. */
export interface PassReport {
  render: (finished: FinishedPass, styles: Styles) => string;
  toLines: (finished: FinishedPass) => readonly object[];
  toReport: (finished: FinishedPass) => RunReport;
}

/** What the end of a pass is told from. */
export function endOf(finished: FinishedPass): EndOfRun {
  const { summary, stage, result, shownRejects, sources, target, listPath, options, typed } = finished;
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
          stage,
          sources: patterns,
          target,
          rejectList: listPath,
          carried: (next) => carriedWords(next, typed, options.target),
          isPasswordLeftOut: options.target?.isPasswordInUrl === true,
        }),
  };
}

/** What the report of a pass is made from. */
export function reportedPass(finished: FinishedPass): ReportedPass {
  const { result, series, warnings, target, startedMs } = finished;
  const { statistics } = result;
  return { end: endOf(finished), statistics, samples: series.samples, warnings, target, startedMs };
}
