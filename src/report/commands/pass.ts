import type { RunSample } from '../../counts/progress.js';
import type { Statistics } from '../../counts/statistics.js';
import { EXIT, EXIT_MEANINGS } from '../../errors.js';
import { counted, formatBytes, formatCount, formatDuration } from '../../units.js';
import { rejectKindsSection } from '../lists.js';
import { countOfClass, type EndOfRun, notesSection, outcomesSection } from '../outcomes.js';
import { capitalised, type LabelledValue, type Note, type RunReport, type Section, type Verdict } from '../section.js';
import type { Summary } from '../summary.js';
import { toneOf } from '../text.js';
import { freezeAnswer, loginAnswers, passAnswer } from './answers.js';
import { memorySection, sizesSection, throughputSection, timeSections } from './pictures.js';

/** What the report of every run over session directories is made from. */
export interface ReportedRun extends EndOfRun {
  /** What tells runs apart beside sources, target and reader: key, user, version, options. */
  particulars?: readonly LabelledValue[];
  samples: readonly RunSample[];
  warnings: readonly string[];
  /** As it may be shown; null without one. */
  target: string | null;
  /** Epoch milliseconds. */
  startedMs: number;
}

export interface ReportedPass extends ReportedRun {
  statistics: Statistics;
  /** Whether files of the application say which sessions are logins. */
  tellsLogins: boolean;
  /** How long the freeze takes at most, milliseconds; null where that is not known. */
  freezeMs: number | null;
  /** When the pass before this one started, epoch milliseconds; null where there was none. */
  previousMs: number | null;
  /** Memory of one session in Redis; NaN where no session was measured or read. */
  bytesPerSession: number;
}

/** The report of a pass that writes: `migrate` or `sync`. */
export function passReport(pass: ReportedPass): RunReport {
  const { summary, samples, statistics } = pass;
  const inRedis = summary.ours ?? countOfClass(summary, 'moved');
  const bytes = inRedis * pass.bytesPerSession;
  const each = `${formatCount(pass.bytesPerSession)} bytes for each of ${formatCount(inRedis)} sessions`;
  const facts = [
    ...loginAnswers(summary, statistics, pass.tellsLogins),
    ...freezeAnswer(pass.freezeMs),
    ...(bytes > 0 ? [{ label: 'memory in Redis', value: formatBytes(bytes), note: `about ${each}` }] : []),
    ...passAnswer(summary, pass.previousMs),
  ];
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
 * @param said what the verdict says already, and no warning repeats
 */
export function reportOf(
  { summary, sources, target, startedMs, warnings, advice, particulars = [] }: ReportedRun,
  verdict: Verdict,
  facts: readonly LabelledValue[],
  sections: readonly (Section | null)[],
  said = '',
): RunReport {
  const { command, dryRun, profile, exitCode, listed, outcomes } = summary;
  const subject: LabelledValue[] = sources.map((value, i) => ({ label: i === 0 ? 'from' : '', value }));
  if (target !== null) subject.push({ label: 'to', value: target });
  const isNew = (text: string) => said === '' || !text.includes(said);
  const notes: Note[] = [...warnings.filter(isNew).map((text) => ({ kind: 'warning' as const, text })), ...advice];
  return {
    command: dryRun && command !== 'audit' ? `${command} --dry-run` : command,
    subject: [
      ...subject,
      { label: 'reader', value: profile },
      ...particulars,
      { label: 'duration', value: durationOf(summary) },
    ],
    startedMs,
    verdict,
    notes,
    facts,
    record: {
      command,
      about: [
        ...sources,
        target ?? '',
        profile,
        ...particulars.filter(({ label }) => label === 'key').map(({ value }) => value),
      ].join(' '),
      startedMs,
      counts: { listed, ...outcomes },
    },
    sections: sections.filter((section) => section !== null),
    exitCode,
  };
}

function durationOf({ elapsedMs, entriesPerSecond, peakRssBytes }: Summary): string {
  return `${formatDuration(elapsedMs)}, ${formatCount(entriesPerSecond)} entries/s, ${formatBytes(peakRssBytes)} of memory at most`;
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
