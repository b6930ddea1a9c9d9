import { styleText } from 'node:util';
import { EXIT, EXIT_MEANINGS, type ExitCode } from '../errors.js';
import {
  type ExampleCell,
  formatIn,
  type RunReport,
  type Section,
  type Table,
  type TableCell,
  type TextLine,
  type Tone,
  type TonedWord,
  type Unit,
} from './section.js';

// The sixteen colours that every terminal has, so that the operator's own theme decides what they look like.
const FORMATS = { title: 'bold', neutral: 'dim', good: 'green', bad: 'red', warn: 'yellow' } as const;

/** Makes a text stand out on a terminal with colours; returns it unchanged everywhere else. */
export type Style = (format: Tone | 'title', text: string) => string;

const PLAIN: Style = (_, text) => text;
const COLOURED: Style = (format, text) =>
  text === '' ? '' : styleText(FORMATS[format], text, { validateStream: false });

export function styleFor(isColoured: boolean): Style {
  return isColoured ? COLOURED : PLAIN;
}

/**
 * A report as text: sections with a blank line between them, what to do next, and what the exit code means. Empty for
 * a report that has none of these.
 */
export function renderText(
  { sections, notes, exitCode }: Pick<RunReport, 'sections' | 'notes' | 'exitCode'>,
  style: Style = PLAIN,
): string {
  const shown = sections.filter(isInText);
  const blocks: string[] = [];
  for (let from = 0, to = 1; from < shown.length; from = to++) {
    const title = titleOf(shown[from] as Section);
    while (title !== '' && to < shown.length && titleOf(shown[to] as Section) === title) to++;
    blocks.push(renderSections(title, shown.slice(from, to), style));
  }
  const next = notes.filter(({ kind }) => kind === 'next').map(({ text }) => `  ${text}`);
  if (next.length > 0) blocks.push([style('title', 'next'), ...next].join('\n'));
  if (exitCode !== undefined) {
    blocks.push(style(toneOf(exitCode), `exit code ${exitCode}: ${EXIT_MEANINGS[exitCode]}`));
  }
  return blocks.join('\n\n');
}

/** How good or bad an exit code is. */
export function toneOf(exitCode: ExitCode): Tone {
  if (exitCode === EXIT.complete) return 'good';
  return exitCode === EXIT.rejects || exitCode === EXIT.nothing ? 'warn' : 'bad';
}

/** A figure needs a page; a section that is nothing else is left out. */
function isInText({ only, figure, table, lines }: Section): boolean {
  return only !== 'page' && (figure === undefined || table !== undefined || lines !== undefined);
}

function titleOf({ title, textTitle }: Section): string {
  return textTitle ?? decapitalised(title);
}

const PROPER_NAME = /^(Odoo|Redis|[A-Z]{2})/;

function decapitalised(title: string): string {
  return PROPER_NAME.test(title) ? title : title.charAt(0).toLowerCase() + title.slice(1);
}

function renderSections(title: string, sections: readonly Section[], style: Style): string {
  const tables = sections.flatMap(({ table }) => (table === undefined ? [] : [table]));
  const lines = sections.flatMap((section) => section.lines ?? []);
  const parts = title === '' ? [] : [style('title', title)];
  if (tables.length > 0) parts.push(renderTables(tables, style));
  return [...parts, ...lines.map((line) => `  ${renderLine(line, style)}`)].join('\n');
}

function renderLine(line: TextLine, style: Style): string {
  if (typeof line === 'string') return line;
  return line.map((part) => (typeof part === 'string' ? part : style(part.tone, part.text))).join('');
}

/** Tables with the same columns as one table. */
function renderTables(tables: readonly Table[], style: Style): string {
  const isMerged = tables.length > 1;
  const [{ columns, isHeadless }] = tables as [Table];
  const shown = columnsInText(columns);
  const heads = shown.map(({ title }, i) => (isMerged && i === 0 ? '' : decapitalised(title)));
  const rows = tables.flatMap((one) => {
    const name = { text: decapitalised(one.columns[0]?.title ?? ''), tone: 'title' } as const;
    return rowsInText(one).map((row, i) => (isMerged ? [i === 0 ? name : '', ...row] : row));
  });
  const first = isMerged ? 1 : 0;
  const right = shown.flatMap(({ unit }, i) => (unit === undefined ? [] : [first + i]));
  return table([...(isHeadless ? [] : [isMerged ? ['', ...heads] : heads]), ...rows], right, style);
}

/** The columns of the text with their places in a row, the group first. */
function columnsInText(columns: Table['columns']): (Table['columns'][number] & { at: number })[] {
  return columns
    .map((column, at) => ({ ...column, at }))
    .filter(({ only, role }) => only !== 'page' && role !== 'examples')
    .sort((a, b) => Number(b.role === 'group') - Number(a.role === 'group'));
}

function rowsInText({ columns, rows, totals = [] }: Table): TextCell[][] {
  const shown = columnsInText(columns);
  const examplesAt = columns.findIndex(({ role, only }) => role === 'examples' && only !== 'page');
  let group: TableCell = null;
  return [...rows, ...totals].flatMap((row) => {
    const cells = shown.map(({ at, unit, role }): TextCell => {
      const cell = row[at] ?? null;
      if (role !== 'group') return cellInText(cell, unit);
      const isRepeated = cell === group;
      group = cell;
      return isRepeated ? '' : { text: String(cell), tone: 'title' };
    });
    const below = row[examplesAt] as ExampleCell | null | undefined;
    return [cells, ...linesBelow(below ?? null).map((line) => [...cells.slice(1).map(() => ''), line])];
  });
}

function linesBelow(cell: ExampleCell | null): TonedWord[] {
  if (cell === null) return [];
  const { examples, more } = cell;
  const lines = examples.map((example) => `e.g. ${example}`);
  if (more > 0) lines.push(`and ${formatIn('count', more)} more`);
  return lines.map((text) => ({ text, tone: 'neutral' }));
}

function cellInText(cell: TableCell, unit: Unit | undefined): TextCell {
  if (cell === null) return '';
  if (typeof cell === 'object') return 'text' in cell ? cell : '';
  return typeof cell === 'number' && unit !== undefined ? formatIn(unit, cell) : String(cell);
}

type TextCell = string | { text: string; tone: Tone | 'title' };

/**
 * Rows as lines of text, indented by two spaces, their cells aligned.
 *
 * @param right columns that are aligned to the right
 */
export function table(
  rows: readonly (readonly TextCell[])[],
  right: readonly number[] = [],
  style: Style = PLAIN,
): string {
  const lengthOf = (cell: TextCell = '') => (typeof cell === 'string' ? cell : cell.text).length;
  const columns = Math.max(...rows.map((row) => row.length));
  const widths = Array.from({ length: columns }, (_, i) => Math.max(...rows.map((row) => lengthOf(row[i]))));
  const padded = (cell: TextCell, i: number): string => {
    const room = ' '.repeat((widths[i] as number) - lengthOf(cell));
    const text = typeof cell === 'string' ? cell : style(cell.tone, cell.text);
    return right.includes(i) ? room + text : text + room;
  };
  return rows.map((row) => `  ${row.map(padded).join('  ')}`.trimEnd()).join('\n');
}

/**
 * A table with a row per record.
 *
 * @param columns what each column shows of a record, by title
 * @param right columns that are aligned to the right
 */
export function recordTable<T>(
  records: readonly T[],
  columns: Readonly<Record<string, (record: T) => string>>,
  right: readonly number[] = [],
): string {
  const rows = records.map((record) => Object.values(columns).map((show) => show(record)));
  return table([Object.keys(columns), ...rows], right);
}
