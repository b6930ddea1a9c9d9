import type { RunSample } from '../../counts/progress.js';
import type { Statistics } from '../../counts/statistics.js';
import { type Cliff, cliffOf, evenSpans, type Span, spansOf } from '../../counts/time-histogram.js';
import { bytesOfClass } from '../../redis/memory-model.js';
import { formatBytes, formatCount, formatDuration } from '../../units.js';
import type { Histogram, Section } from '../section.js';
import type { Summary } from '../summary.js';

/** Sections that are a chart: the sizes and times of a store, and a run over time. Only the page shows them. */

/** Values by size, or null if none moves. */
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

/** A run that ended with fewer samples has no line worth a chart. */
const FEWEST_SAMPLES = 4;

/** Entries per second over the run, and when the run was throttled. */
export function throughputSection(samples: readonly RunSample[], { throttle }: Summary): Section | null {
  if (samples.length < FEWEST_SAMPLES) return null;
  const throttled = Object.entries(throttle.reasons).filter(([, ms]) => ms > 0);
  const reasons = throttled.map(([reason, ms]) => `${formatDuration(ms)} by ${reason}`).join(', ');
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
      shaded: throttledRanges(samples),
      shadedName: 'held back',
    },
  };
}

/** With more points the line is noise: chunks end in bursts, and a rate needs several of them. */
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

function throttledRanges(samples: readonly RunSample[]): { from: number; to: number }[] {
  const ranges: { from: number; to: number }[] = [];
  for (let i = 1; i < samples.length; i++) {
    const [before, now] = [samples[i - 1] as RunSample, samples[i] as RunSample];
    if (!now.isHeldBack) continue;
    const last = ranges.at(-1);
    if (last !== undefined && last.to === before.elapsedMs) last.to = now.elapsedMs;
    else ranges.push({ from: before.elapsedMs, to: now.elapsedMs });
  }
  return ranges;
}

/** Memory over the run: of the target, if it reports any, and of this process. */
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

/** The charts show ages in steps of half a day for two weeks, and expiries in steps of two hours for a week. */
const AGES = { stepHours: 12, days: 14 } as const;
const EXPIRIES = { stepHours: 2, days: 7 } as const;

/** Ages and expiries of sessions; empty if no session was read. */
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

const MINUTE_MS = 60_000;

/** A moment at which many sessions end at once. */
export function describeCliff({ inMinutes, minutes, sessions, share }: Cliff): string {
  return (
    `${formatCount(sessions)} sessions (${Math.round(share * 100)} % of what moves) end within ${minutes} minutes, ` +
    `${formatDuration(inMinutes * MINUTE_MS)} from now: were the times lost in a restore?`
  );
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
