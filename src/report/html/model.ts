/**
 * A report as plain data: what a command found, in the order in which it is to be read. Any command can fill one in; the
 * page that is made of it knows nothing of sessions. Nothing in here may hold a sid, and no text needs to be escaped.
 */
export interface RunReport {
  command: string;
  /** What was run over, and with what: one line each. */
  subject: readonly { label: string; value: string }[];
  /** When the run began, epoch milliseconds. */
  startedMs: number;
  verdict: Verdict;
  /** What to know and what to do, one sentence each. */
  notes: readonly Note[];
  /** The handful of numbers that matter most. */
  facts: readonly { label: string; value: string }[];
  sections: readonly Section[];
}

export type Tone = 'good' | 'warn' | 'bad' | 'neutral';

export interface Verdict {
  tone: Tone;
  headline: string;
  /** Why, in one or more sentences. */
  sentences: readonly string[];
}

export interface Note {
  kind: 'warning' | 'next';
  text: string;
}

export interface Section {
  title: string;
  /** What there is to see. */
  lead?: string;
  figure?: Figure;
  table?: Table;
}

/** How numbers of a column or an axis are written. */
export type Unit = 'count' | 'bytes' | 'hours' | 'ms';

export interface Table {
  /** A column without a unit holds text. */
  columns: readonly { title: string; unit?: Unit }[];
  rows: readonly (readonly (string | number | null)[])[];
}

/** A picture, and with it the numbers that it shows. */
export type Figure = Bars | Histogram | Lines;

/** Quantities of things that are named, one bar each. */
export interface Bars {
  kind: 'bars';
  title: string;
  unit: Unit;
  bars: readonly { name: string; value: number; tone?: Tone }[];
}

/** How often values fall between two bounds. */
export interface Histogram {
  kind: 'histogram';
  title: string;
  /** `doubling`: bounds are spread so that each doubling takes the same room. */
  scale: 'even' | 'doubling';
  unit: Unit;
  axis: string;
  bins: readonly { from: number; to: number; count: number }[];
}

/** Quantities over another one, such as time. */
export interface Lines {
  kind: 'lines';
  title: string;
  axis: string;
  unit: Unit;
  valueUnit: Unit;
  lines: readonly { name: string; points: readonly (readonly [number, number])[] }[];
  /** Stretches of the axis that stand out, such as those in which the run was held back. */
  shaded?: readonly { from: number; to: number }[];
  shadedName?: string;
}
