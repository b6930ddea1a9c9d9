import type { Statistics } from '../lane/statistics.js';
import { formatCount } from '../quantities.js';
import { cliffOf, evenSpans, type Span, spansOf } from './audit/spans.js';
import { describeCliff } from './audit/text.js';
import type { Histogram, Section } from './html/model.js';

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
