import type { RunSample } from '../../counts/progress.js';
import type { Statistics } from '../../counts/statistics.js';
import { EXIT, EXIT_MEANINGS } from '../../errors.js';
import { OUTCOMES, type OutcomeClass } from '../../session.js';
import { formatBytes, formatCount, formatDuration } from '../../units.js';
import type { EndOfRun } from '../end.js';
import { rejectKindsSection } from '../lists.js';
import type { Note, RunReport, Section, Tone, Verdict } from '../section.js';
import type { Summary } from '../summary.js';
import {
  memorySection,
  outcomesSection,
  rejectsSection,
  sizesSection,
  throughputSection,
  timeSections,
} from './sections.js';

/** What the report of a pass is made from. */
export interface ReportedPass {
  end: EndOfRun;
  statistics: Statistics;
  samples: readonly RunSample[];
  warnings: readonly string[];
  target: string | null;
  startedMs: number;
}

/** The report of a pass that writes. */
export function passReport(pass: ReportedPass): RunReport {
  const { ours } = pass.end.summary;
  return {
    command: commandLineOf(pass.end.summary),
    subject: subjectOf(pass),
    startedMs: pass.startedMs,
    verdict: verdictOf(pass.end.summary),
    notes: notesOf(pass),
    facts: [
      ...factsOf(pass.end.summary),
      ...(ours === undefined ? [] : [{ label: 'in Redis by us', value: formatCount(ours) }]),
    ],
    sections: [
      outcomesSection(pass.end),
      rejectKindsSection(pass.end.summary.rejectKinds),
      rejectsSection(pass.end),
      throughputSection(pass.samples, pass.end.summary),
      memorySection(pass.samples),
      ...timeSections(pass.statistics),
      sizesSection(pass.statistics),
    ].filter((section): section is Section => section !== null),
  };
}

function commandLineOf({ command, dryRun }: Summary): string {
  return dryRun && command !== 'audit' ? `${command} --dry-run` : command;
}

export function subjectOf({ end, target }: Pick<ReportedPass, 'end' | 'target'>): RunReport['subject'] {
  return [
    ...end.sources.map((value, i) => ({ label: i === 0 ? 'from' : '', value })),
    ...(target === null ? [] : [{ label: 'to', value: target }]),
    { label: 'reader', value: end.summary.profile },
  ];
}

export function factsOf(summary: Summary): RunReport['facts'] {
  return [
    { label: 'entries', value: formatCount(summary.listed) },
    { label: summary.dryRun ? 'would move' : 'moved', value: formatCount(ofClass(summary, 'moved')) },
    { label: 'skipped', value: formatCount(ofClass(summary, 'skip')) },
    { label: 'rejected', value: formatCount(ofClass(summary, 'reject')) },
    { label: 'time', value: formatDuration(summary.elapsedMs) },
    { label: 'entries/s', value: formatCount(summary.entriesPerSecond) },
    { label: 'values', value: formatBytes(summary.valueBytes) },
    { label: 'peak memory', value: formatBytes(summary.peakRssBytes) },
  ];
}

/**
 * Warnings first, then what comes next.
 * @param said what the verdict says already
 */
export function notesOf({ end, warnings }: Pick<ReportedPass, 'end' | 'warnings'>, said = ''): Note[] {
  const isNew = (text: string) => said === '' || !text.includes(said);
  return [
    ...warnings.filter(isNew).map((text) => ({ kind: 'warning' as const, text })),
    ...end.advice.map((text) => ({ kind: 'next' as const, text })),
  ];
}

function verdictOf(summary: Summary): Verdict {
  const { exitCode, stopped, ours } = summary;
  const moved = formatCount(ofClass(summary, 'moved'));
  const rejects = ofClass(summary, 'reject');
  const did = summary.dryRun ? 'would be in Redis' : 'are in Redis';
  const isWhole = exitCode === EXIT.complete || exitCode === EXIT.rejects || exitCode === EXIT.nothing;
  const tone: Tone = exitCode === EXIT.complete ? 'good' : isWhole ? 'warn' : 'bad';
  const left = rejects > 0 ? `, ${formatCount(rejects)} files could not be moved` : '';
  const all =
    ours === undefined
      ? `${moved} sessions ${did}`
      : `${formatCount(ours)} sessions are in Redis by us, ${moved} of this pass`;
  const headline = isWhole ? `${all}${left}` : `Stopped early: ${EXIT_MEANINGS[exitCode]}`;
  return {
    tone,
    headline,
    sentences: [
      ...(stopped === undefined ? [] : [`${capitalised(stopped)}.`]),
      `Exit code ${exitCode}: ${EXIT_MEANINGS[exitCode]}.`,
    ],
  };
}

export function ofClass({ outcomes }: Pick<Summary, 'outcomes'>, wanted: OutcomeClass): number {
  return OUTCOMES.reduce((sum, [outcome, kind]) => (kind === wanted ? sum + (outcomes[outcome] ?? 0) : sum), 0);
}

export function capitalised(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
