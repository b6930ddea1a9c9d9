import { styleText } from 'node:util';
import type { Tone } from './section.js';

// The sixteen colours that every terminal has, so that the operator's own theme decides what they look like.
const FORMATS = { title: 'bold', neutral: 'dim', good: 'green', bad: 'red', warn: 'yellow' } as const;

/** Makes a text stand out on a terminal with colours; returns it unchanged everywhere else. */
export type Style = (format: Tone | 'title', text: string) => string;

export const PLAIN: Style = (_, text) => text;
const COLOURED: Style = (format, text) =>
  text === '' ? '' : styleText(FORMATS[format], text, { validateStream: false });

export function styleFor(isColoured: boolean): Style {
  return isColoured ? COLOURED : PLAIN;
}

/** A text broken at spaces into lines of at most `columns` characters. A longer word has a line of its own. */
function wordWrapped(text: string, columns: number): string[] {
  if (text.length <= columns) return [text];
  const lines: string[] = [];
  for (const word of text.split(' ')) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + 1 + word.length <= columns) lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
  }
  return lines;
}

/** The same with every line but the first one indented by `indent`, beside what the text itself begins with. */
export function hangingLines(text: string, columns: number, indent: string): string {
  if (text.length <= columns) return text;
  const begin = /^ */.exec(text)?.[0] ?? '';
  const [first = '', ...rest] = wordWrapped(text.slice(begin.length), columns - begin.length);
  const further = wordWrapped(rest.join(' '), columns - begin.length - indent.length);
  return [begin + first, ...(rest.length === 0 ? [] : further.map((line) => begin + indent + line))].join('\n');
}

/**
 * A shell line in lines of at most `columns` characters, each but the last ending in a backslash, so that it can be
 * pasted. It is broken before options only.
 *
 * @param words as a shell takes them, quoted where needed
 */
export function brokenCommand(words: readonly string[], columns: number, indent: string): string {
  const parts: string[] = [];
  for (const word of words) {
    const last = parts.at(-1);
    if (last === undefined || word.startsWith('--')) parts.push(word);
    else parts[parts.length - 1] = `${last} ${word}`;
  }
  const lines: string[] = [];
  for (const part of parts) {
    const last = lines.at(-1);
    const room = columns - indent.length - 2;
    if (last !== undefined && last.length + 1 + part.length <= room) lines[lines.length - 1] = `${last} ${part}`;
    else lines.push(part);
  }
  return lines.join(` \\\n${indent}`);
}

export type TextCell = string | { text: string; tone: Tone | 'title' };

/** A column that is made narrower keeps so many characters. */
const LEAST_WIDTH = 16;

/**
 * Rows as lines of text, indented by two spaces, their cells aligned.
 *
 * @param right columns that are aligned to the right
 * @param columns the width of the terminal: where a row is wider, texts are broken at spaces
 */
export function table(
  rows: readonly (readonly TextCell[])[],
  right: readonly number[] = [],
  style: Style = PLAIN,
  columns = Number.POSITIVE_INFINITY,
): string {
  const count = Math.max(...rows.map((row) => row.length));
  const widths = Array.from({ length: count }, (_, i) => Math.max(...rows.map((row) => textOf(row[i]).length)));
  narrow(widths, right, columns);
  const padded = (cell: TextCell, text: string, i: number): string => {
    const room = ' '.repeat(Math.max(0, (widths[i] as number) - text.length));
    const shown = typeof cell === 'string' ? text : style(cell.tone, text);
    return right.includes(i) ? room + shown : shown + room;
  };
  const lines = rows.flatMap((row) => {
    const parts = row.map((cell, i) => wordWrapped(textOf(cell), widths[i] as number));
    return Array.from({ length: Math.max(1, ...parts.map(({ length }) => length)) }, (_, line) =>
      `  ${row.map((cell, i) => padded(cell, parts[i]?.[line] ?? '', i)).join('  ')}`.trimEnd(),
    );
  });
  return lines.join('\n');
}

function textOf(cell: TextCell = ''): string {
  return typeof cell === 'string' ? cell : cell.text;
}

/** Takes what is too much from the widest columns of text, as far as that goes. */
function narrow(widths: number[], right: readonly number[], columns: number): void {
  const total = () => widths.reduce((sum, width) => sum + width + 2, 0);
  for (let excess = total() - columns; excess > 0; excess = total() - columns) {
    const texts = widths.map((width, i) => (right.includes(i) ? 0 : width));
    const widest = Math.max(...texts);
    if (!(widest > LEAST_WIDTH)) return;
    widths[texts.indexOf(widest)] = Math.max(LEAST_WIDTH, widest - excess);
  }
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
