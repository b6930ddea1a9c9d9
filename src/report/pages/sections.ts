import type { RunSample } from '../../counts/progress.js';
import type { Statistics } from '../../counts/statistics.js';
import { cliffOf, evenSpans, type Span, spansOf } from '../../counts/time-histogram.js';
import { bytesOfClass } from '../../redis/memory-model.js';
import { codeOf, OUTCOMES, type Outcome, type OutcomeClass } from '../../session.js';
import { formatBytes, formatCount, formatDuration } from '../../units.js';
import { describeCliff } from '../audit/text.js';
import { type EndOfRun, faceOf, meaningOf } from '../end.js';
import type { Histogram, Section, Tone } from '../section.js';
import type { Summary } from '../summary.js';
import { CLASS_TITLES } from '../text.js';

/** Sections that the report of any run has. */

const TONES: Readonly<Record<OutcomeClass, Tone>> = {
  moved: 'good',
  kept: 'neutral',
  skip: 'neutral',
  reject: 'bad',
  verified: 'good',
  difference: 'bad',
};

/** What became of every entry, with a face for each count. */
export function outcomesSection({ summary, examples, rejects, sources }: EndOfRun): Section {
  const occurred = OUTCOMES.filter(([outcome]) => summary.outcomes[outcome] !== undefined);
  const countOf = (outcome: Outcome) => summary.outcomes[outcome] ?? 0;
  const exampleOf = (outcome: Outcome) => {
    const example = rejects.find((note) => note.outcome === outcome) ?? examples[codeOf(outcome)];
    return example ? faceOf(example, sources) : null;
  };
  const rows = occurred.map(([outcome, kind]) => [
    outcome,
    CLASS_TITLES[kind],
    countOf(outcome),
    meaningOf(outcome, summary),
    kind === 'moved' || kind === 'verified' ? null : exampleOf(outcome),
  ]);
  if (summary.unsettled > 0) rows.push(['open', '', summary.unsettled, 'fate unknown: run again to settle', null]);
  return {
    title: 'What became of every entry',
    lead: `${formatCount(summary.listed)} directory entries, each with exactly one outcome.`,
    ...(occurred.length > 0 && {
      figure: {
        kind: 'bars' as const,
        title: 'Entries by outcome',
        unit: 'count' as const,
        bars: occurred.map(([outcome, kind]) => ({
          name: outcome,
          value: countOf(outcome),
          tone: TONES[kind],
        })),
      },
    }),
    table: {
      columns: [
        { title: 'Outcome' },
        { title: 'Class' },
        { title: 'Entries', unit: 'count' },
        { title: 'Meaning' },
        { title: 'Example' },
      ],
      rows,
    },
  };
}

/** Some files that could not be moved, or differ, with their reasons. */
export function rejectsSection({ rejects, sources, summary }: EndOfRun): Section | null {
  if (rejects.length === 0) return null;
  const rows = rejects.map(({ outcome, fingerprint, source, path, reason, offset }) => [
    fingerprint,
    outcome,
    source < 0 ? `key ${path}` : `${sources[source]}/${path}`,
    reason,
    offset < 0 ? null : offset,
  ]);
  const columns = [
    { title: 'Fingerprint' },
    { title: 'Outcome' },
    { title: 'File' },
    { title: 'Why' },
    { title: 'Byte', unit: 'count' as const },
  ];
  return {
    title: summary.command === 'verify' ? 'Differences' : 'Rejected files',
    lead: 'Some of each kind, with the reason.',
    table: { columns, rows },
  };
}

/** Values by size. */
export function sizesSection({ valueSizes }: Statistics): Section | null {
  const bins = [...valueSizes.entries()]
    .filter(([, count]) => count > 0)
    .map(([sizeClass, count]) => ({
      from: sizeClass === 0 ? bytesOfClass(0) / 2 : bytesOfClass(sizeClass - 1),
      to: bytesOfClass(sizeClass),
      count,
    }));
  if (bins.length === 0) return null;
  const largest = bins.reduce((a, b) => (b.count > a.count ? b : a));
  return {
    title: 'Sizes of the values',
    lead: `Most values have ${formatBytes(largest.from)} to ${formatBytes(largest.to)}.`,
    figure: {
      kind: 'histogram',
      title: 'Values by size',
      scale: 'doubling',
      unit: 'bytes',
      axis: 'size of a value',
      bins,
    },
  };
}

/** Two samples make a line; runs that are over sooner have nothing to show. */
const FEWEST_SAMPLES = 4;

/** Entries per second over the run, and when it was held back. */
export function throughputSection(samples: readonly RunSample[], { throttle }: Summary): Section | null {
  if (samples.length < FEWEST_SAMPLES) return null;
  const held = Object.entries(throttle.reasons).filter(([, ms]) => ms > 0);
  const reasons = held.map(([reason, ms]) => `${formatDuration(ms)} by ${reason}`).join(', ');
  return {
    title: 'Throughput',
    lead: reasons === '' ? 'Nothing held the run back.' : `Held back ${reasons}.`,
    figure: {
      kind: 'lines',
      title: 'Entries per second over the run',
      axis: 'time since the start',
      unit: 'ms',
      valueUnit: 'count',
      lines: [{ name: 'entries per second', points: ratesOf(samples) }],
      shaded: heldBack(samples),
      shadedName: 'held back',
    },
  };
}

/** Points that a line is readable with: chunks come in lumps, and a rate needs some of them. */
const MOST_POINTS = 80;

function ratesOf(samples: readonly RunSample[]): [number, number][] {
  const step = Math.max(1, Math.ceil(samples.length / MOST_POINTS));
  const points: [number, number][] = [];
  for (let i = step; i < samples.length; i += step) {
    const [before, now] = [samples[i - step] as RunSample, samples[i] as RunSample];
    const ms = now.elapsedMs - before.elapsedMs;
    if (ms > 0) points.push([now.elapsedMs, Math.round(((now.done - before.done) / ms) * 1000)]);
  }
  return points;
}

function heldBack(samples: readonly RunSample[]): { from: number; to: number }[] {
  const stretches: { from: number; to: number }[] = [];
  for (let i = 1; i < samples.length; i++) {
    const [before, now] = [samples[i - 1] as RunSample, samples[i] as RunSample];
    if (!now.isHeldBack) continue;
    const last = stretches.at(-1);
    if (last !== undefined && last.to === before.elapsedMs) last.to = now.elapsedMs;
    else stretches.push({ from: before.elapsedMs, to: now.elapsedMs });
  }
  return stretches;
}

/** Memory over the run: of the target where it was asked, and of this process. */
export function memorySection(samples: readonly RunSample[]): Section | null {
  if (samples.length < FEWEST_SAMPLES) return null;
  const own = samples.map(({ elapsedMs, rssBytes }): [number, number] => [elapsedMs, rssBytes]);
  const target = samples.flatMap(({ elapsedMs, targetBytes }): [number, number][] =>
    targetBytes === undefined ? [] : [[elapsedMs, targetBytes]],
  );
  const hasTarget = target.length >= FEWEST_SAMPLES;
  return {
    title: 'Memory',
    lead: hasTarget
      ? 'Memory of Redis as it fills, and of this program.'
      : 'Memory of this program: flat, whatever the store.',
    figure: {
      kind: 'lines',
      title: 'Memory over the run',
      axis: 'time since the start',
      unit: 'ms',
      valueUnit: 'bytes',
      lines: [...(hasTarget ? [{ name: 'Redis', points: target }] : []), { name: 'sess2redis', points: own }],
    },
  };
}

/** What the pictures show: ages by half a day for two weeks, expiries by two hours for a week. */
const AGES = { stepHours: 12, days: 14 } as const;
const EXPIRIES = { stepHours: 2, days: 7 } as const;

/** Ages and expiries as pictures; nothing where no session was read. */
export function timeSections({ ages, expiries }: Statistics): Section[] {
  const sections: Section[] = [];
  const ageSpans = evenSpans(ages, AGES.stepHours, AGES.days);
  const expirySpans = evenSpans(expiries, EXPIRIES.stepHours, EXPIRIES.days);
  const [aged, living] = [sumOf(spansOf(ages)), sumOf(spansOf(expiries))];
  if (aged > 0) {
    sections.push({
      title: 'Age',
      lead: `Time since the last save. ${beyond(aged - sumOf(ageSpans), 'older')}`,
      figure: histogram('Sessions by time since their last save', 'time since the last save', ageSpans),
    });
  }
  if (living > 0) {
    const cliff = cliffOf(expiries);
    const warning = cliff === null ? '' : ` A cliff: ${describeCliff(cliff)}`;
    sections.push({
      title: 'Expiry over the next 7 days',
      lead: `When the sessions that move will end. ${beyond(living - sumOf(expirySpans), 'to live longer')}${warning}`,
      figure: histogram('Sessions that move, by the time that is left to them', 'time from now', expirySpans),
    });
  }
  return sections;
}

function beyond(sessions: number, what: string): string {
  return sessions === 0 ? 'All of them are shown.' : `${formatCount(sessions)} are ${what} and not shown.`;
}

function sumOf(spans: readonly Span[]): number {
  return spans.reduce((total, { sessions }) => total + sessions, 0);
}

function histogram(title: string, axis: string, spans: readonly Span[]): Histogram {
  const bins = spans.map(({ fromHours, toHours, sessions }) => ({
    from: fromHours,
    to: toHours ?? fromHours,
    count: sessions,
  }));
  return { kind: 'histogram', title, scale: 'even', unit: 'hours', axis, bins };
}
