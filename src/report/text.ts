import { OWN_CODE } from '../applications/built-in-names.js';
import { EXIT, EXIT_MEANINGS, type ExitCode } from '../errors.js';
import {
  type ExampleCell,
  formatIn,
  type Note,
  noteSentence,
  type RunReport,
  type Section,
  type Table,
  type TableCell,
  type TextLine,
  type Tone,
  type TonedWord,
  type Unit,
} from './section.js';
import { brokenCommand, hangingLines, PLAIN, type Style, type TextCell, table } from './text-table.js';

/** How a report is shown as text. */
export interface TextView {
  style?: Style;
  /** The size of the terminal; left out where a file or a program takes the text: nothing is broken or summed up. */
  screen?: { columns: number; rows: number };
  /** Whether examples are shown of what is normal, too, and every outcome has its row, however long that gets. */
  isVerbose?: boolean;
}

/**
 * A report as text: sections with a blank line between them, what to do next, and what the exit code means. Empty for
 * a report that has none of these. On a terminal the result, which is the last section, and what follows it fit into
 * the screen if they can: outcomes of one class share a row where there are too many.
 */
export function renderText(report: Pick<RunReport, 'sections' | 'notes' | 'exitCode'>, view: TextView = {}): string {
  const whole = blocksOf(report, view, false);
  const { screen, isVerbose = false } = view;
  if (screen === undefined || isVerbose) return whole.join('\n\n');
  const first = report.sections.filter(isInText).findIndex(({ isResult }) => isResult);
  const results =
    first < 0
      ? 0
      : blocksOf({ ...report, sections: report.sections.filter(isInText).slice(first) }, view, false).length;
  // The prompt takes the last line.
  const isTooLong = lineCount(whole.slice(-results)) > screen.rows - 1;
  return (isTooLong ? blocksOf(report, view, true) : whole).join('\n\n');
}

function lineCount(blocks: readonly string[]): number {
  return blocks.join('\n\n').split('\n').length;
}

function blocksOf(
  { sections, notes, exitCode }: Pick<RunReport, 'sections' | 'notes' | 'exitCode'>,
  view: TextView,
  isShort: boolean,
): string[] {
  const { style = PLAIN } = view;
  const shown = sections.filter(isInText);
  const blocks: string[] = [];
  for (let from = 0, to = 1; from < shown.length; from = to++) {
    const title = titleOf(shown[from] as Section);
    while (title !== '' && to < shown.length && titleOf(shown[to] as Section) === title) to++;
    blocks.push(renderSections(title, shown.slice(from, to), view, isShort));
  }
  const next = notes.filter(({ kind }) => kind === 'next').map((note) => renderStep(note, view));
  if (next.length > 0) blocks.push([style('title', 'next'), ...next].join('\n'));
  if (exitCode !== undefined) {
    blocks.push(style(toneOf(exitCode), `exit code ${exitCode}: ${EXIT_MEANINGS[exitCode]}`));
  }
  return blocks;
}

/** What to do next; a command that does not fit beside its words has lines of its own, from which it can be copied. */
function renderStep(note: Note, { screen }: TextView): string {
  const sentence = noteSentence(note);
  if (screen === undefined || sentence.length + 2 <= screen.columns) return `  ${sentence}`;
  const { text, command = [], after = '' } = note;
  const colon = command.length > 0 && !text.endsWith(',') ? ':' : '';
  const lines = [hangingLines(`  ${text}${colon}`, screen.columns, '  ')];
  if (command.length > 0) lines.push(`    ${brokenCommand(command, screen.columns - 4, '      ')}`);
  if (after !== '') lines.push(hangingLines(`  ${after.replace(/^, /, '')}`, screen.columns, '  '));
  return lines.join('\n');
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

const PROPER_NAME = new RegExp(`^(${OWN_CODE.spoken}|Redis|[A-Z]{2})`);

function decapitalised(title: string): string {
  return PROPER_NAME.test(title) ? title : title.charAt(0).toLowerCase() + title.slice(1);
}

function renderSections(title: string, sections: readonly Section[], view: TextView, isShort: boolean): string {
  const { style = PLAIN, screen } = view;
  const tables = sections.flatMap(({ table }) =>
    table === undefined ? [] : [isShort ? summedUpByGroup(table) : table],
  );
  const lines = sections.flatMap((section) => section.lines ?? []);
  const parts = title === '' ? [] : [style('title', title)];
  if (tables.length > 0) parts.push(renderTables(tables, view));
  return [...parts, ...lines.map((line) => renderLine(line, style, screen?.columns))].join('\n');
}

/** A toned word begins its line and is too short to be broken, or the line has one tone. */
function renderLine(line: TextLine, style: Style, columns = Number.POSITIVE_INFINITY): string {
  const words = typeof line === 'string' ? [line] : line;
  const plain = words.map((part) => (typeof part === 'string' ? part : part.text)).join('');
  const folded = hangingLines(`  ${plain}`, columns, '  ');
  const [first, ...rest] = words;
  if (typeof first !== 'object') return folded;
  if (rest.length === 0)
    return folded
      .split('\n')
      .map((part) => `  ${style(first.tone, part.trim())}`)
      .join('\n');
  return folded.replace(first.text, () => style(first.tone, first.text));
}

/** A table in which the rows of one group are a single one: their sum, and each name with its number. */
function summedUpByGroup(table: Table): Table {
  const { columns, rows } = table;
  const group = columns.findIndex(({ role }) => role === 'group');
  const number = columns.findIndex(({ unit }) => unit === 'count');
  if (group < 0 || number < 0) return table;
  const groups = new Map<TableCell, (readonly TableCell[])[]>();
  for (const row of rows) groups.set(row[group] ?? null, [...(groups.get(row[group] ?? null) ?? []), row]);
  const sums = [...groups].map(([name, ofGroup]) => {
    const [only] = ofGroup;
    if (only !== undefined && ofGroup.length === 1) return only.filter((_, i) => columns[i]?.role !== 'examples');
    const sum = ofGroup.reduce((total, row) => total + Number(row[number]), 0);
    const largestFirst = [...ofGroup].sort((a, b) => Number(b[number]) - Number(a[number]));
    const parts = largestFirst.map((row) => `${plainText(row[0])} ${formatIn('count', Number(row[number]))}`);
    return columns.map((_, i) => (i === group ? name : i === number ? sum : i === number + 1 ? parts.join(', ') : ''));
  });
  return { ...table, columns: columns.filter(({ role }) => role !== 'examples'), rows: sums };
}

function plainText(cell: TableCell = null): string {
  return typeof cell === 'object' && cell !== null && 'text' in cell ? cell.text : String(cell);
}

/** Tables with the same columns as one table. */
function renderTables(tables: readonly Table[], { style, screen, isVerbose = false }: TextView): string {
  const isMerged = tables.length > 1;
  const [{ columns, isHeadless }] = tables as [Table];
  const shown = columnsInText(columns);
  const heads = shown.map(({ title }, i) => (isMerged && i === 0 ? '' : decapitalised(title)));
  const rows = tables.flatMap((one) => {
    const name = { text: decapitalised(one.columns[0]?.title ?? ''), tone: 'title' } as const;
    return rowsInText(one, isVerbose).map((row, i) => (isMerged ? [i === 0 ? name : '', ...row] : row));
  });
  const first = isMerged ? 1 : 0;
  const right = shown.flatMap(({ unit }, i) => (unit === undefined ? [] : [first + i]));
  return table([...(isHeadless ? [] : [isMerged ? ['', ...heads] : heads]), ...rows], right, style, screen?.columns);
}

/** The columns of the text with their places in a row, the group first. */
function columnsInText(columns: Table['columns']): (Table['columns'][number] & { at: number })[] {
  return columns
    .map((column, at) => ({ ...column, at }))
    .filter(({ only, role }) => only !== 'page' && role !== 'examples')
    .sort((a, b) => Number(b.role === 'group') - Number(a.role === 'group'));
}

function rowsInText({ columns, rows, totals = [] }: Table, isVerbose: boolean): TextCell[][] {
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
    const lines = below?.isNormal === true && !isVerbose ? [] : linesBelow(below ?? null);
    return [cells, ...lines.map((line) => [...cells.slice(1).map(() => ''), line])];
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
