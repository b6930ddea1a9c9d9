import { KNOWN_PROFILES } from '../applications/odoo/profiles.js';
import { SERIES } from '../applications/odoo/series.js';
import { EXIT_CODE_HELP } from '../errors.js';
import type { OptionEntry } from '../options/table.js';
import { type Command, nameOf, optionsOf } from './command.js';

/** What the value of an option is: a word for it in help, and what a shell can complete. */
export interface ValueHint {
  word: string;
  choices?: readonly string[];
  kind?: 'file' | 'directory';
}

const FILE: ValueHint = { word: 'FILE', kind: 'file' };
const TIME: ValueHint = { word: 'TIME' };
const COUNT: ValueHint = { word: 'N' };
const oneOf = (word: string, ...choices: string[]): ValueHint => ({ word, choices });

const HINTS: Readonly<Record<string, ValueHint>> = {
  to: oneOf('URL', 'redis://', 'rediss://', 'unix://'),
  from: oneOf('URL', 'redis://', 'rediss://', 'unix://'),
  user: { word: 'NAME' },
  'password-file': FILE,
  'tls-ca': FILE,
  'tls-cert': FILE,
  'tls-key': FILE,
  'sentinel-user': { word: 'NAME' },
  'sentinel-password-file': FILE,
  'address-map': { word: 'FROM=TO' },
  conflict: oneOf('WHAT', 'keep', 'overwrite'),
  profile: oneOf('NAME', ...KNOWN_PROFILES.map(({ name }) => name)),
  prefix: { word: 'TEXT' },
  'key-template': { word: 'KEY' },
  encoding: oneOf('WHAT', 'json', 'c2c-json', 'pickle', 'verbatim'),
  sids: oneOf('LENGTHS', '40', '84', '86', '40,84', '84,86', '40,84,86'),
  lifetime: TIME,
  'anonymous-lifetime': TIME,
  anonymous: oneOf('WHAT', 'keep', 'skip'),
  'expiry-tolerance': TIME,
  'odoo-db': { word: 'NAME' },
  sample: COUNT,
  'max-age': TIME,
  'max-file-size': { word: 'SIZE' },
  shard: { word: 'i/n' },
  rate: COUNT,
  lanes: oneOf('N', 'auto'),
  throttle: oneOf('WHAT', 'auto', 'off'),
  'max-io-pressure': { word: 'SHARE' },
  'pause-file': FILE,
  'give-up-after': TIME,
  limit: COUNT,
  'max-rejects': COUNT,
  every: TIME,
  'max-delete': COUNT,
  'state-dir': { word: 'DIR', kind: 'directory' },
  'log-level': oneOf('LEVEL', 'error', 'warn', 'info', 'debug'),
  'log-file': FILE,
  report: FILE,
  'metrics-file': FILE,
  'metrics-listen': { word: 'ADDRESS' },
  config: FILE,
  source: { word: 'DIR', kind: 'directory' },
  session: { word: 'SESSION', kind: 'file' },
  directory: { word: 'DIR', kind: 'directory' },
  shell: oneOf('SHELL', 'bash', 'zsh', 'fish'),
  sessions: COUNT,
  odoo: oneOf('SERIES', ...SERIES.map(({ name }) => name)),
  files: { word: 'DIR', kind: 'directory' },
  owner: { word: 'USER:GROUP' },
  junk: COUNT,
  seed: COUNT,
};

/** What is known of an option's or an argument's value. */
export function valueHint(name: string): ValueHint {
  return HINTS[name] ?? { word: 'VALUE' };
}

/** Where descriptions begin: behind the longest option that is common. */
const COLUMN = 28;

/** The help of the program. `columns` is the width it may take. */
export function programHelp(commands: readonly Command[], columns: number): string {
  const rows = commands.map((command): Row => [nameOf(command), command.describe]);
  return [
    "sess2redis moves Odoo's filesystem sessions into Redis.",
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

/** The help of one command: examples first, exit codes last. */
export function commandHelp(command: Command, columns: number): string {
  const positionals = Object.entries(command.arguments ?? {}).map(([name, text]): Row => [name, text]);
  const groups = groupsOf(command).map(([title, entries]) => {
    const rows = entries.map(([name, entry]): Row => [optionHead(name, entry), entry.describe]);
    return section(title, rows.map((row) => twoColumns(row, columns, COLUMN)).join('\n'));
  });
  return [
    `sess2redis ${command.usage}\n${paragraph(command.describe, columns)}`,
    section('Examples', examplesOf(command.examples, columns)),
    ...(positionals.length === 0
      ? []
      : [section('Arguments', positionals.map((row) => twoColumns(row, columns, COLUMN)).join('\n'))]),
    ...groups,
    EXIT_CODE_HELP,
  ].join('\n\n');
}

/** The options of a command under their headings, in the order of the table. */
export function groupsOf(command: Command): [string, [string, OptionEntry][]][] {
  const groups = new Map<string, [string, OptionEntry][]>();
  for (const [name, entry] of Object.entries(optionsOf(command))) {
    groups.set(entry.group, [...(groups.get(entry.group) ?? []), [name, entry]]);
  }
  return [...groups];
}

type Row = [head: string, text: string];

function optionHead(name: string, { type }: OptionEntry): string {
  return type === 'boolean' ? `--${name}` : `--${name} ${valueHint(name).word}`;
}

function section(title: string, body: string): string {
  return `${title}:\n${body}`;
}

function examplesOf(examples: Command['examples'], columns: number): string {
  return examples
    .map(([line, meaning]) => `  # ${meaning}\n${brokenLine(line.replace('$0', 'sess2redis'), columns)}`)
    .join('\n');
}

/** A shell line that goes on in the next where it is too long, still good to paste. */
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
