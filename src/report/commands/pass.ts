import type { RunSample } from '../../counts/progress.js';
import type { Statistics } from '../../counts/statistics.js';
import { EXIT, EXIT_MEANINGS } from '../../errors.js';
import { counted, formatBytes, formatCount, formatDuration } from '../../units.js';
import { rejectKindsSection } from '../lists.js';
import { countOfClass, type EndOfRun, notesSection, outcomesSection } from '../outcomes.js';
import { capitalised, type LabelledValue, type Note, type RunReport, type Section, type Verdict } from '../section.js';
import type { Summary } from '../summary.js';
import { toneOf } from '../text.js';
import { memorySection, sizesSection, throughputSection, timeSections } from './pictures.js';

/** What the report of every run over session directories is made from. */
export interface ReportedRun extends EndOfRun {
  samples: readonly RunSample[];
  warnings: readonly string[];
  /** As it may be shown; null without one. */
  target: string | null;
  /** Epoch milliseconds. */
  startedMs: number;
}

export interface ReportedPass extends ReportedRun {
  statistics: Statistics;
}

/** The report of a pass that writes: `migrate` or `sync`. */
export function passReport(pass: ReportedPass): RunReport {
  const { summary, samples, statistics } = pass;
  const { ours } = summary;
  const facts = {
    ...factsOf(summary),
    time: formatDuration(summary.elapsedMs),
    'entries/s': formatCount(summary.entriesPerSecond),
    values: formatBytes(summary.valueBytes),
    'peak memory': formatBytes(summary.peakRssBytes),
    ...(ours !== undefined && { 'in Redis by us': formatCount(ours) }),
  };
  return reportOf(pass, verdictOf(summary), facts, [
    outcomesSection(pass),
    rejectKindsSection(summary.rejectKinds),
    rejectsSection(pass),
    throughputSection(samples, summary),
    memorySection(samples),
    ...timeSections(statistics),
    sizesSection(statistics),
  ]);
}

/**
 * The parts that the reports of all runs share, with those that differ.
 *
 * @param facts values by label
 * @param said what the verdict says already, and no warning repeats
 */
export function reportOf(
  { summary, sources, target, startedMs, warnings, advice }: ReportedRun,
  verdict: Verdict,
  facts: Readonly<Record<string, string>>,
  sections: readonly (Section | null)[],
  said = '',
): RunReport {
  const { command, dryRun, profile, exitCode } = summary;
  const subject: LabelledValue[] = sources.map((value, i) => ({ label: i === 0 ? 'from' : '', value }));
  if (target !== null) subject.push({ label: 'to', value: target });
  const isNew = (text: string) => said === '' || !text.includes(said);
  const notes: Note[] = [...warnings.filter(isNew).map((text) => ({ kind: 'warning' as const, text })), ...advice];
  return {
    command: dryRun && command !== 'audit' ? `${command} --dry-run` : command,
    subject: [...subject, { label: 'reader', value: profile }],
    startedMs,
    verdict,
    notes,
    facts: Object.entries(facts).map(([label, value]) => ({ label, value })),
    sections: sections.filter((section) => section !== null),
    exitCode,
  };
}

/** How many entries there were and what became of them, by label. */
export function factsOf(summary: Summary): Record<string, string> {
  return {
    entries: formatCount(summary.listed),
    [summary.dryRun ? 'would move' : 'moved']: formatCount(countOfClass(summary, 'moved')),
    skipped: formatCount(countOfClass(summary, 'skip')),
    rejected: formatCount(countOfClass(summary, 'reject')),
  };
}

/** Some rejected files. Only on the page: the text shows them below their outcomes. */
export function rejectsSection({ rejects, sources }: EndOfRun): Section | null {
  const section = notesSection('Rejected files', rejects, sources);
  return section === null ? null : { ...section, only: 'page' };
}

/** Whether a run saw every entry. */
export function isWhole({ exitCode }: Pick<Summary, 'exitCode'>): boolean {
  return exitCode === EXIT.complete || exitCode === EXIT.rejects || exitCode === EXIT.nothing;
}

function verdictOf(summary: Summary): Verdict {
  const { exitCode, stopped, ours } = summary;
  const moved = formatCount(countOfClass(summary, 'moved'));
  const rejects = countOfClass(summary, 'reject');
  const did = summary.dryRun ? 'would be in Redis' : 'are in Redis';
  const left = rejects > 0 ? `, ${counted(rejects, 'file')} could not be moved` : '';
  const all =
    ours === undefined
      ? `${moved} sessions ${did}`
      : `${counted(ours, 'session')} ${ours === 1 ? 'is' : 'are'} in Redis by us, ${moved} of this pass`;
  return {
    tone: toneOf(exitCode),
    headline: isWhole(summary) ? `${all}${left}` : `Stopped early: ${EXIT_MEANINGS[exitCode]}`,
    sentences: stopped === undefined ? [] : [`${capitalised(stopped)}.`],
  };
}
