import type { RunSample } from '../../counts/progress.js';
import type { Statistics } from '../../counts/statistics.js';
import { type Cliff, cliffOf, type Distances, evenSpans, type Span, spansOf } from '../../counts/time-histogram.js';
import { bytesOfClass } from '../../redis/memory-model.js';
import { formatBytes, formatCount, formatDuration, zoneAt } from '../../units.js';
import type { Histogram, Section } from '../section.js';
import type { Summary } from '../summary.js';

/** Sections that are a chart: the sizes and times of a store, and a run over time. Only the page shows them. */

/** So many of the values, the smallest ones, decide how far the axis of sizes reaches. */
const USUAL_SHARE = 0.99;
const SIZE_BINS = 8;

/** Values by size, in bins of equal width, or null if none moves. */
export function sizesSection({ valueSizes }: Statistics): Section | null {
  const classes = [...valueSizes].map((count, sizeClass) => ({ to: bytesOfClass(sizeClass), count }));
  const all = classes.reduce((sum, { count }) => sum + count, 0);
  if (all === 0) return null;
  let usual = 0;
  for (let within = 0, i = 0; within < all * USUAL_SHARE; i++) {
    within += classes[i]?.count ?? all;
    usual = classes[i]?.to ?? usual;
  }
  // Classes end at eighths of each power of two, so that each of them lies within one bin.
  const most = 2 ** Math.ceil(Math.log2(Math.max(usual, 128)));
  const step = most / SIZE_BINS;
  const bins = Array.from({ length: SIZE_BINS }, (_, i) => ({ from: i * step, to: (i + 1) * step, count: 0 }));
  for (const { to, count } of classes) {
    const bin = bins[Math.ceil(to / step) - 1];
    if (bin !== undefined) bin.count += count;
  }
  const larger = all - bins.reduce((sum, { count }) => sum + count, 0);
  const largest = bins.reduce((a, b) => (b.count > a.count ? b : a));
  return {
    title: 'Sizes of the values',
    lead: `Most values have ${formatBytes(largest.from)} to ${formatBytes(largest.to)}. ${beyond(larger, 'larger')}`,
    figure: {
      kind: 'histogram',
      title: 'Values by size',
      unit: 'bytes',
      axis: 'size of a value (bytes)',
      valueAxis: 'sessions',
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
      valueAxis: 'entries per second',
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
      valueAxis: 'memory in use',
      lines: [...(hasTarget ? [{ name: 'Redis', points: target }] : []), { name: 'sess2redis', points: own }],
    },
  };
}

/** How far a chart of times reaches, and the width of its bins, the shortest first. */
const REACHES = [
  { days: 0.5, stepHours: 0.25 },
  { days: 1, stepHours: 0.5 },
  { days: 3, stepHours: 1 },
  { days: 7, stepHours: 2 },
  { days: 14, stepHours: 6 },
] as const;
/** So many of the sessions decide how far a chart reaches. */
const SHOWN_SHARE = 0.99;

/** The bins of a chart that shows nearly all of them, or the first two weeks. */
function shownSpans(distances: Distances, all: number): Span[] {
  const candidates = REACHES.map(({ stepHours, days }) => evenSpans(distances, stepHours, days));
  return candidates.find((spans) => sumOf(spans) >= all * SHOWN_SHARE) ?? (candidates.at(-1) as Span[]);
}

/** Ages and expiries of sessions that live for `lifetimeMs`, or for days; empty if no session was read. */
export function timeSections({ ages, expiries, startMs }: Statistics, lifetimeMs?: number): Section[] {
  const sections: Section[] = [];
  const [aged, living] = [sumOf(spansOf(ages)), sumOf(spansOf(expiries))];
  const ageSpans = shownSpans(ages, aged);
  const expirySpans = shownSpans(expiries, living);
  if (aged > 0) {
    sections.push({
      title: 'Age',
      lead: `Time since the last save. ${beyond(aged - sumOf(ageSpans), 'older')}`,
      figure: {
        ...{ kind: 'histogram', title: 'Sessions by time since their last save', unit: 'hours' },
        ...{ axis: 'time since the last save', valueAxis: 'sessions', bins: binsOf(ageSpans) },
      },
    });
  }
  if (living > 0) {
    const cliff = cliffOf(expiries, lifetimeMs);
    const warning = cliff === null ? '' : ` A cliff: ${describeCliff(cliff)}`;
    sections.push({
      title: 'When they end',
      lead: `When the sessions that move will end. ${beyond(living - sumOf(expirySpans), 'to live longer')}${warning}`,
      figure: {
        ...{ kind: 'histogram', title: 'Sessions that move, by the moment at which they end', unit: 'moment' },
        ...{ axis: `date and time (${zoneAt(startMs)})`, valueAxis: 'sessions', bins: binsOf(expirySpans, startMs) },
      },
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

/** @param startMs where distances become moments: the epoch milliseconds that they are from */
function binsOf(spans: readonly Span[], startMs?: number): Histogram['bins'] {
  const at = (hours: number) => (startMs === undefined ? hours : startMs + hours * 60 * MINUTE_MS);
  return spans.map(({ fromHours, toHours, sessions }) => ({
    ...{ from: at(fromHours), to: at(toHours ?? fromHours), count: sessions },
  }));
}
