import { readFileSync } from 'node:fs';
import { OWN_CODE } from '../applications/built-in-names.js';
import { EXIT_CODE_HELP } from '../errors.js';
import { helpOf, type Option } from '../options/option.js';
import { optionsOf } from '../options/table.js';
import { type Command, usageOf } from './command.js';

/** Column in which descriptions begin: wide enough for most options. */
const COLUMN = 28;

/** The help of the program, in lines of at most `columns` characters. */
export function programHelp(commands: readonly Command[], columns: number): string {
  const rows = commands.map(({ name, help }): Row => [name, help]);
  return [
    `sess2redis moves the file sessions of ${OWN_CODE.spoken} and other applications into Redis.`,
    section(
      'Examples',
      examplesOf(
        commands.flatMap(({ examples }) => examples.slice(0, 1)),
        columns,
      ),
    ),
    section('Commands', rows.map((row) => twoColumns(row, columns, 14)).join('\n')),
    paragraph(
      'Each command has its own --help. Every option can also be given as SESS2REDIS_<NAME> in the environment, or in ' +
        'a file: flags go before the environment, that before the file. See --print-config.',
      columns,
    ),
    EXIT_CODE_HELP,
  ].join('\n\n');
}

/** The help of one command: examples first, then its options. */
export function commandHelp(command: Command, columns: number): string {
  const { argument } = command;
  const groups = byGroup(optionsOf(command.name)).map(([title, options]) => {
    const rows = options.map((option): Row => [`--${option.name} ${option.word}`.trimEnd(), helpOf(option)]);
    return section(title, rows.map((row) => twoColumns(row, columns, COLUMN)).join('\n'));
  });
  return [
    `sess2redis ${usageOf(command)}\n${paragraph(command.help, columns)}`,
    section('Examples', examplesOf(command.examples, columns)),
    ...(argument === undefined
      ? []
      : [section('Arguments', twoColumns([argument.name, argument.help], columns, COLUMN))]),
    ...groups,
    'Exit codes: see sess2redis --help',
  ].join('\n\n');
}

/** Options under their headings, in the order of the table. */
export function byGroup(options: readonly Option[]): [string, Option[]][] {
  const groups = new Map<string, Option[]>();
  for (const option of options) groups.set(option.group, [...(groups.get(option.group) ?? []), option]);
  return [...groups];
}

/** A word and its description. */
type Row = [head: string, text: string];

function section(title: string, body: string): string {
  return `${title}:\n${body}`;
}

function examplesOf(examples: Command['examples'], columns: number): string {
  return examples.map(([line, meaning]) => `  # ${meaning}\n${brokenLine(line, columns)}`).join('\n');
}

/** A shell line, broken by backslashes where it is too long, so that it can still be pasted. */
function brokenLine(line: string, columns: number): string {
  const parts = fold(line.split(/ (?=--)/), columns - 8, ' ');
  return parts.map((part, i) => `  ${i === 0 ? '' : '    '}${part}`).join(' \\\n');
}

function twoColumns([head, text]: Row, columns: number, column: number): string {
  const lines = fold(text.match(/\[default: [^\]]*\]|\S+/g) ?? [], Math.max(20, columns - column), ' ');
  const first = `  ${head}`;
  const indent = ' '.repeat(column);
  if (first.length + 2 > column) return [first, ...lines.map((line) => indent + line)].join('\n');
  return [first.padEnd(column) + (lines[0] ?? ''), ...lines.slice(1).map((line) => indent + line)].join('\n');
}

function paragraph(text: string, columns: number): string {
  return fold(text.split(' '), columns, ' ').join('\n');
}

/** Joins words to lines of at most `width` characters; a longer word has a line of its own. */
function fold(words: readonly string[], width: number, glue: string): string[] {
  const lines: string[] = [];
  for (const word of words) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + glue.length + word.length <= width)
      lines[lines.length - 1] = last + glue + word;
    else lines.push(word);
  }
  return lines;
}

/** The version of this program, from its package. */
export function programVersion(): string {
  const file = new URL('../../package.json', import.meta.url);
  return (JSON.parse(readFileSync(file, 'utf8')) as { version: string }).version;
}
