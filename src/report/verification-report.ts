import { EXIT, EXIT_MEANINGS } from '../exit-codes.js';
import { formatCount, formatDuration } from '../quantities.js';
import type { EndOfRun } from './end.js';
import type { RunReport, Section, Tone } from './html/model.js';
import { capitalised, notesOf, ofClass, subjectOf } from './pass-report.js';
import { memorySection, outcomesSection, rejectsSection, throughputSection } from './run-sections.js';
import type { RunSample } from './series.js';
import { type Found, verdictOf } from './verification.js';

/** What the report of a verification is made from. */
export interface ReportedVerification {
  end: EndOfRun;
  found: Found;
  samples: readonly RunSample[];
  warnings: readonly string[];
  target: string;
  startedMs: number;
}

/** The report of a verification: does Redis hold what the files say? */
export function verificationReport(verification: ReportedVerification): RunReport {
  const { end, found, samples, startedMs } = verification;
  const { summary } = end;
  const { exitCode, stopped } = summary;
  const tone: Tone = exitCode === EXIT.complete ? 'good' : exitCode === EXIT.rejects ? 'warn' : 'bad';
  const sections = [
    outcomesSection(end),
    rejectsSection(end),
    throughputSection(samples, summary),
    memorySection(samples),
  ];
  return {
    command: summary.command,
    subject: subjectOf(verification),
    startedMs,
    verdict: {
      tone,
      headline: capitalised(verdictOf(summary, found)),
      sentences: [
        ...(stopped === undefined ? [] : [`${capitalised(stopped)}.`]),
        `Exit code ${exitCode}: ${EXIT_MEANINGS[exitCode]}.`,
      ],
    },
    notes: notesOf(verification),
    facts: [
      { label: 'entries', value: formatCount(summary.listed) },
      { label: 'compared', value: formatCount(found.compared) },
      { label: 'different', value: formatCount(ofClass(summary, 'difference')) },
      { label: 'time', value: formatDuration(summary.elapsedMs) },
    ],
    sections: sections.filter((section): section is Section => section !== null),
  };
}
