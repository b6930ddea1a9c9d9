import { EXIT, type ExitCode } from '../exit-codes.js';
import { countSessionFiles } from '../export/present.js';
import type { ExportOptions } from '../options-export.js';
import { renderEnd } from '../report/end.js';
import { exportMeanings, exportWarnings } from '../report/export-text.js';
import { type Summary, summarize } from '../report/summary.js';
import type { ExportResult } from '../run-export.js';
import type { CommandConsole } from './desk.js';

/** An export that is over, and what it was about. */
export interface FinishedExport {
  options: ExportOptions;
  /** The target as it may be shown. */
  source: string;
  root: string;
  result: ExportResult;
  /** Where all rejects are listed, or null where nothing is written. */
  listPath: string | null;
}

/** The summary of every command, and what only an export has to say. */
export interface ExportSummary extends Summary {
  odoo: string;
  directory: string;
  endless: number;
  capped: number;
}

export function summarizeExport({ options, root, result }: FinishedExport): ExportSummary {
  const { run, file } = options;
  const title = { command: 'export', isDryRun: run.isDryRun, profile: run.profile.name, isResumed: false } as const;
  const { endless, capped } = result;
  const summary = summarize(title, { ...result, deletes: {} }, exitCodeOf(result, run.failIfEmpty));
  return { ...summary, odoo: file.odoo, directory: root, endless, capped };
}

function exitCodeOf({ exitCode, tally }: ExportResult, failIfEmpty: boolean): ExitCode {
  if (exitCode === EXIT.complete && hasNoSession(tally)) return failIfEmpty ? EXIT.nothing : EXIT.refused;
  const isEmpty = exitCode === EXIT.complete && tally.ofClass('moved') + tally.ofClass('kept') === 0;
  return failIfEmpty && isEmpty ? EXIT.nothing : exitCode;
}

/** Whether no key was one of the reader's: then this is hardly the place that was meant. */
export function hasNoSession(tally: ExportResult['tally']): boolean {
  return tally.listed - (tally.outcomes().foreign ?? 0) === 0;
}

/** What the operator should know although no single key was wrong. Lists the directory, if all of it was to be written. */
export function exportWarningsOf(finished: FinishedExport): string[] {
  const { options, root, result, source } = finished;
  const { run, file } = options;
  const { placed, endless, capped, tally, stopped } = result;
  const { written = 0, updated = 0, same = 0, kept = 0, dead = 0, foreign = 0 } = tally.outcomes();
  // A dry run may have found no directory.
  const leftovers =
    sawAllSessions(finished) && !run.isDryRun
      ? countSessionFiles(root, file) - (written + updated + same + kept)
      : Number.NaN;
  const { listed } = tally;
  const counts = { placed, endless, capped, leftovers, listed, sessions: listed - foreign, dead };
  const warnings = exportWarnings({ directory: root, odoo: file.odoo, ...counts });
  if (hasNoSession(tally) && stopped === null) {
    const { before, after } = run.pass.lanes.key;
    warnings.push(`${source}: no key of ${run.profile.name} is in there, none is as ${before}{sid}${after}`);
  }
  return warnings;
}

function sawAllSessions({ options, result }: FinishedExport): boolean {
  const { policy, shard } = options.run.pass.lanes;
  const { databases, anonymous, maxAgeMs } = policy;
  const isWhole = databases.length === 0 && anonymous === 'keep' && maxAgeMs === Number.POSITIVE_INFINITY;
  return result.stopped === null && shard === null && isWhole;
}

/** The end of an export: on stdout as text or as JSON lines, the summary last, and on stderr what went wrong. */
export function tellExport(
  desk: CommandConsole,
  { options, source, result, listPath }: FinishedExport,
  summary: ExportSummary,
  warnings: readonly string[],
): void {
  if (options.run.isJson) {
    for (const message of warnings) desk.print({ type: 'warning', message });
    desk.print(summary);
  } else {
    for (const message of warnings) desk.warn(`warning: ${message}`);
    if (listPath !== null && result.tally.ofClass('reject') > 0) desk.say(`rejects are listed in ${listPath}`);
    const meanings = exportMeanings(options.run.isDryRun);
    const end = { summary, examples: [], rejects: desk.shownRejects, sources: [source], advice: [], meanings };
    process.stdout.write(`${renderEnd(end, desk.styles)}\n`);
  }
  if (result.stopped !== null) desk.warn(`sess2redis: ${result.stopped.message}`);
}
