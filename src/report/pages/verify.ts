import type { RunSample } from '../../counts/progress.js';
import { EXIT, EXIT_MEANINGS } from '../../errors.js';
import type { RejectNote } from '../../intake/take-file.js';
import { OUTCOMES, type OutcomeClass } from '../../session.js';
import { formatBytes, formatCount, formatDuration } from '../../units.js';
import type { EndOfRun } from '../end.js';
import type { RunReport, Section, Tone } from '../section.js';
import type { Summary } from '../summary.js';
import { describePath, MEANINGS, table } from '../text.js';
import { capitalised, notesOf, ofClass, subjectOf } from './pass.js';
import { memorySection, outcomesSection, rejectsSection, throughputSection } from './sections.js';

/** What a verification found, beside the counts of its summary. */
export interface Found {
  compared: number;
  different: number;
  sample?: { wanted: number; upperBound: number | null; confidence: number };
}

const CLASSES: readonly (readonly [OutcomeClass, string])[] = [
  ['verified', 'sound'],
  ['difference', 'different'],
  ['skip', 'passed over'],
  ['reject', 'unreadable'],
];

/** The end of a verification: the verdict in a sentence, the counts, some differences, and how it went. */
export function renderVerification(
  summary: Summary,
  found: Found,
  examples: readonly RejectNote[],
  sources: readonly string[],
): string {
  const parts = [verdictOf(summary, found), '', countsOf(summary)];
  if (examples.length > 0) parts.push('', 'different:', differencesOf(examples, summary, sources));
  const pace = `${formatDuration(summary.elapsedMs)}, ${formatCount(summary.entriesPerSecond)} entries/s`;
  parts.push('', `  ${pace}, ${formatBytes(summary.sourceBytes)} read, ${formatBytes(summary.peakRssBytes)} memory`);
  return parts.join('\n');
}

/** The verdict in a sentence. */
function verdictOf({ outcomes }: Summary, { compared, different, sample }: Found): string {
  const { newer = 0, extra = 0 } = outcomes;
  const sentences: string[] = [];
  if (compared === 0) sentences.push('no session could be compared');
  else if (sample !== undefined && sample.upperBound !== null) {
    const bound = `at most ${percent(sample.upperBound)} of all at ${percent(sample.confidence)} confidence`;
    sentences.push(`${formatCount(different)} of ${formatCount(compared)} sessions drawn at random differ: ${bound}`);
  } else if (different > 0) {
    sentences.push(`${formatCount(different)} of ${formatCount(compared)} sessions differ`);
  } else sentences.push(`all ${formatCount(compared)} sessions compared are in Redis as they should be`);
  if (newer > 0) sentences.push(`${formatCount(newer)} ${newer === 1 ? 'was' : 'were'} rewritten by Odoo since`);
  if (extra > 0) sentences.push(`${formatCount(extra)} ${extra === 1 ? 'key has' : 'keys have'} no file`);
  return sentences.join('; ');
}

function countsOf(summary: Summary): string {
  const rows: string[][] = [];
  for (const [kind, title] of CLASSES) {
    const members = OUTCOMES.filter(([outcome, of]) => of === kind && summary.outcomes[outcome] !== undefined);
    members.forEach(([outcome], i) => {
      rows.push([i === 0 ? title : '', outcome, formatCount(summary.outcomes[outcome] ?? 0), MEANINGS[outcome]]);
    });
  }
  rows.push(['listed', '', formatCount(summary.listed), '']);
  if (summary.unsettled > 0) rows.push(['open', '', formatCount(summary.unsettled), 'the target did not tell']);
  return table(rows, [2]);
}

function differencesOf(examples: readonly RejectNote[], summary: Summary, sources: readonly string[]): string {
  const sorted = [...examples].sort((a, b) => a.outcome.localeCompare(b.outcome));
  const rows = sorted.map((note) => [note.outcome, placeOf(note, sources), note.fingerprint, note.reason]);
  const total = OUTCOMES.reduce(
    (sum, [name, kind]) => sum + (kind === 'difference' ? (summary.outcomes[name] ?? 0) : 0),
    0,
  );
  const more = total - examples.length;
  return `${table(rows)}${more > 0 ? `\n  and ${formatCount(more)} more` : ''}`;
}

/** A difference as `--json` and the log tell it. */
export function differenceRecord(note: RejectNote, sources: readonly string[]): object {
  const { outcome, fingerprint, reason } = note;
  const place = note.source < 0 ? { key: note.path } : { path: describePath(note, sources) };
  return { type: 'difference', outcome, ...place, fingerprint, reason };
}

function placeOf(note: RejectNote, sources: readonly string[]): string {
  return note.source < 0 ? `key ${note.path}` : describePath(note, sources);
}

/** A share with two digits that say something: `0.1 %`, `0.038 %`. */
function percent(share: number): string {
  return `${Number((share * 100).toPrecision(2))} %`;
}

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
