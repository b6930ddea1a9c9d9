import type { RejectNote } from '../../intake/take-file.js';
import { classOf } from '../../session.js';
import { formatCount, formatDuration } from '../../units.js';
import { countOfClass, describePath, MEANINGS, notesSection, outcomesSection, paceLines } from '../outcomes.js';
import { capitalised, type LabelledValue, type RunReport } from '../section.js';
import type { Summary } from '../summary.js';
import { toneOf } from '../text.js';
import { type ReportedRun, rejectsSection, reportOf } from './pass.js';
import { memorySection, throughputSection } from './pictures.js';

/** What a verification found, beside the counts of its summary. */
export interface Found {
  compared: number;
  different: number;
  /** Present with `--sample`. */
  sample?: { wanted: number; upperBound: number | null; confidence: number };
}

/** The report of a verification: does Redis hold what the files say? */
export function verificationReport(run: ReportedRun, found: Found): RunReport {
  const { summary, sources, rejects, samples } = run;
  const { exitCode, stopped, listed, elapsedMs } = summary;
  const headline = verdictOf(summary, found);
  const different = countOfClass(summary, 'difference');
  const isDifference = ({ outcome }: RejectNote) => classOf(outcome) === 'difference';
  const differences = rejects.filter(isDifference);
  const verdict = {
    tone: toneOf(exitCode),
    headline: capitalised(headline),
    sentences: stopped === undefined ? [] : [`${capitalised(stopped)}.`],
  };
  const newer = summary.outcomes.newer ?? 0;
  const facts: LabelledValue[] = [
    { label: 'compared', value: formatCount(found.compared), note: `sessions of ${formatCount(listed)} entries` },
    {
      label: 'different',
      value: formatCount(different),
      note: different === 0 ? 'nobody would notice the switch' : 'see below which, and why',
      ...(different > 0 && { tone: 'bad' as const }),
    },
    ...(newer === 0 ? [] : [{ label: 'rewritten in Redis', value: formatCount(newer), note: MEANINGS.newer }]),
    { label: 'took', value: formatDuration(elapsedMs), note: 'as files and Redis were then' },
  ];
  const { lines: _, ...outcomes } = outcomesSection(run, '', false);
  return reportOf(run, verdict, facts, [
    notesSection('Differences', differences, sources, different - differences.length),
    outcomes,
    rejectsSection({ ...run, rejects: rejects.filter((note) => !isDifference(note)) }),
    throughputSection(samples, summary),
    memorySection(samples),
    { title: headline, textTitle: headline, only: 'text', lines: paceLines(summary) },
  ]);
}

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
  if (newer > 0) sentences.push(`${formatCount(newer)} ${newer === 1 ? 'was' : 'were'} rewritten in Redis since`);
  if (extra > 0) sentences.push(`${formatCount(extra)} ${extra === 1 ? 'key has' : 'keys have'} no file`);
  return sentences.join('; ');
}

/** A share with two significant digits: `0.1 %`, `0.038 %`. */
function percent(share: number): string {
  return `${Number((share * 100).toPrecision(2))} %`;
}

/** A difference as `--json` and the log have it. */
export function differenceRecord(note: RejectNote, sources: readonly string[]): object {
  const { outcome, fingerprint, reason } = note;
  const place = note.source < 0 ? { key: note.path } : { path: describePath(note, sources) };
  return { type: 'difference', outcome, ...place, fingerprint, reason };
}
