import type { ExitCode } from '../errors.js';
import { formatBytes, formatCount, formatDuration, formatMoment } from '../units.js';

/**
 * READ FIRST: a report as data. A command describes its result once, as a {@link RunReport} made of sections
 * (`commands/`, with the rows on outcomes in `outcomes.ts`); `text.ts` renders it for a terminal and `html/page.ts` as
 * a page. The renderers know nothing about sessions, so a new section of a command is written in one place.
 *
 * JSON has its own shapes, because scripts rely on them: `summary.ts` is the last line of `--json`, `lists.ts` has the
 * lines on single files. `progress-display.ts` shows progress while a run lasts, `metrics.ts` tells Prometheus.
 *
 * No text in a report holds a whole session id, and none is escaped: each renderer escapes for its own medium.
 */
export interface RunReport {
  command: string;
  /** What the run worked on: sources, target, reader. */
  subject: readonly LabelledValue[];
  /** When the run started, in epoch milliseconds. */
  startedMs: number;
  verdict: Verdict;
  /** Warnings, and what to do next, one sentence each. */
  notes: readonly Note[];
  /** What everybody asks first, shown at the top of the page. */
  facts: readonly LabelledValue[];
  sections: readonly Section[];
  /** What the next report is compared with. */
  record?: ReportRecord;
  /** Ends the text and the verdict of the page with the exit code and its meaning; left out where nothing needs it. */
  exitCode?: ExitCode;
}

/** What the next report at the same path is compared with. It stands in the page itself. */
export interface ReportRecord {
  command: string;
  /** What the report is about: its sources, target and keys. Reports about something else are not compared. */
  about: string;
  startedMs: number;
  /** Entries by outcome, `listed` among them. */
  counts: Readonly<Record<string, number>>;
}

export interface LabelledValue {
  label: string;
  value: string;
  /** Explains the value below it, where there is room. */
  note?: string;
  tone?: Tone;
}

export type Tone = 'good' | 'warn' | 'bad' | 'neutral';

export interface Verdict {
  tone: Tone;
  headline: string;
  /** The reasons, as whole sentences. */
  sentences: readonly string[];
}

export interface Note {
  kind: 'warning' | 'next';
  text: string;
  /** A command to type, as words that are quoted for a shell. */
  command?: readonly string[];
  /** What follows the command in the sentence, from its comma on. */
  after?: string;
}

/** The whole sentence, its command in the middle of it. */
export function noteSentence({ text, command = [], after = '' }: Note): string {
  return command.length === 0 ? text : `${text}${text.endsWith(',') ? '' : ':'} ${command.join(' ')}${after}`;
}

/** Where a section or a column is shown, if not everywhere. */
export type Medium = 'text' | 'page';

/**
 * One heading of a report and what stands below it. The text shows table and lines, the page lead, figure and table.
 */
export interface Section {
  title: string;
  /**
   * The title in the text, if it differs; empty for none. Neighbours with the same one become a single table there,
   * whose first column names the tables that it was made from.
   */
  textTitle?: string;
  only?: Medium;
  /** Introduces the figure and the table, in whole sentences. */
  lead?: string;
  figure?: Figure;
  table?: Table;
  /** The result begins here: it and all that follows should fit into one screen of a terminal. */
  isResult?: boolean;
  /** Stand below the table in the text. */
  lines?: readonly TextLine[];
}

/** A word that the text shows in a colour: green, yellow, red or dimmed. */
export interface TonedWord {
  text: string;
  tone: Tone;
}

export type TextLine = string | readonly (string | TonedWord)[];

/**
 * How the numbers of a column or an axis are written; `moment` is a date and time (epoch milliseconds), `bytesEach` are
 * bytes per item, `share` is signed (0.01: +1 %).
 */
export type Unit = 'moment' | 'count' | 'bytes' | 'bytesEach' | 'hours' | 'ms' | 'perSecond' | 'ratio' | 'share';

export interface Column {
  title: string;
  /** A column without a unit holds text. */
  unit?: Unit;
  only?: Medium;
  /**
   * `group`: the text puts this column first and does not repeat a value from row to row. `examples`: the cells are
   * {@link ExampleCell}s, which the text puts below their rows.
   */
  role?: 'group' | 'examples';
}

/** Some examples of what a row counts, and how many more there are. The page shows the first one. */
export interface ExampleCell {
  examples: readonly string[];
  more: number;
  /** There is nothing to look into: the text leaves them out unless all is asked for. */
  isNormal?: boolean;
}

export type TableCell = string | number | null | TonedWord | ExampleCell;

export interface Table {
  columns: readonly Column[];
  rows: readonly (readonly TableCell[])[];
  /** Rows that only the text has, below the others. */
  totals?: readonly (readonly TableCell[])[];
  /** Leaves the column titles out of the text. */
  isHeadless?: boolean;
}

/** Columns from their titles, in this order: with a unit, with `text` for none, or with whatever else they need. */
export function columnsOf(kinds: Readonly<Record<string, Unit | 'text' | Omit<Column, 'title'>>>): Column[] {
  return Object.entries(kinds).map(([title, kind]) => {
    if (typeof kind === 'object') return { title, ...kind };
    return kind === 'text' ? { title } : { title, unit: kind };
  });
}

/** A chart, together with the numbers that it shows. */
export type Figure = Bars | Histogram | Lines;

/** Quantities of named things, one bar each. */
export interface Bars {
  kind: 'bars';
  title: string;
  unit: Unit;
  /** What is counted. */
  axis: string;
  /** What the tones of the bars mean, where they mean something. */
  legend?: readonly { name: string; tone: Tone }[];
  bars: readonly { name: string; value: number; tone?: Tone }[];
}

/** How many values lie between two bounds; all bins are equally wide. */
export interface Histogram {
  kind: 'histogram';
  title: string;
  unit: Unit;
  axis: string;
  /** What is counted. */
  valueAxis: string;
  bins: readonly { from: number; to: number; count: number }[];
}

/** Quantities as functions of another one, such as time. */
export interface Lines {
  kind: 'lines';
  title: string;
  axis: string;
  unit: Unit;
  valueUnit: Unit;
  valueAxis: string;
  lines: readonly { name: string; points: readonly (readonly [number, number])[] }[];
  /** Ranges of the axis to highlight, such as the times at which the run was throttled. */
  shaded?: readonly { from: number; to: number }[];
  shadedName?: string;
}

const HOUR_MS = 3_600_000;

/** A number of a table as it is shown, with its unit. */
export function formatIn(unit: Unit, value: number): string {
  switch (unit) {
    case 'moment':
      return formatMoment(value);
    case 'count':
      return formatCount(value);
    case 'bytes':
      return formatBytes(value);
    case 'bytesEach':
      return `${value < 1000 ? value.toFixed(1) : formatCount(value)} B`;
    case 'hours':
      return value === 0 ? '0' : formatDuration(value * HOUR_MS);
    case 'ms':
      return value === 0 ? '0' : formatDuration(value);
    case 'perSecond':
      return `${formatCount(value)}/s`;
    case 'ratio':
      return value.toFixed(2);
    case 'share':
      return `${value >= 0 ? '+' : ''}${(value * 100).toFixed(2)} %`;
  }
}

/** A text as the beginning of a sentence. */
export function capitalised(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
