import { EXIT_CODE_HELP } from '../errors.js';
import type { OptionEntry } from '../options/table.js';
import type { Command } from './command.js';
import { groupsOf, valueHint } from './help.js';

/** An option that means the same in so many commands is explained once. */
const SHARED = 2;

/** The manual page sess2redis(1) in man(7) macros, made from the commands and their options. */
export function manPage(commands: readonly Command[], version: string): string {
  const shared = sharedOptions(commands);
  return [
    `.\\" Made by scripts/man.mjs from the table of options: change that, not this.`,
    `.TH SESS2REDIS 1 "" "sess2redis ${roff(version)}" "User Commands"`,
    '.SH NAME',
    "sess2redis \\- move Odoo's filesystem sessions into Redis",
    '.SH SYNOPSIS',
    ...commands.flatMap(({ usage }, i) => [
      ...(i === 0 ? [] : ['.br']),
      `.B sess2redis ${roff(usage)}`,
      '[\\fIoptions\\fR]',
    ]),
    '.SH DESCRIPTION',
    'Copies the sessions that Odoo keeps as files into Redis, as the very keys and values that a Redis session module reads,',
    'so that nobody is logged out when Odoo is restarted on Redis, and nobody who logged out comes back.',
    'Data goes to stdout, everything else to stderr.',
    '.SH COMMANDS',
    ...commands.flatMap((command) => commandPart(command, shared)),
    '.SH COMMON OPTIONS',
    'Which of them a command takes is said by its \\fB\\-\\-help\\fR.',
    ...[...groupedOf(shared)].flatMap(([group, entries]) => [`.SS ${roff(group)}`, ...entries.flatMap(optionPart)]),
    '.SH CONFIGURATION',
    'Flags go before the environment, that before the configuration file, and that before the defaults;',
    '\\fB\\-\\-print\\-config\\fR shows each value with its origin.',
    'The file is YAML or JSON: its keys are the long names of options, and a key that names a command holds options of that command alone.',
    '.SH ENVIRONMENT',
    '.TP',
    '.BI SESS2REDIS_ NAME',
    'the option of that name, in capitals and with _ for each hyphen; lists with commas',
    '.TP',
    '.B SESS2REDIS_PASSWORD',
    "the target's password, where no \\fB\\-\\-password\\-file\\fR is named",
    '.TP',
    '.B NO_COLOR',
    'no colours',
    '.SH FILES',
    '.TP',
    '.I $XDG_CONFIG_HOME/sess2redis/config.yaml',
    'the configuration, where \\fB\\-\\-config\\fR names no other; by default in ~/.config',
    '.TP',
    '.I $XDG_STATE_HOME/sess2redis/',
    'ledgers and lists of rejects, where \\fB\\-\\-state\\-dir\\fR names no other; by default in ~/.local/state',
    '.SH EXIT STATUS',
    ...exitStatus(),
    '.SH SEE ALSO',
    '.BR redis\\-cli (1),',
    '.BR systemd.timer (5)',
    '',
  ].join('\n');
}

type Entries = [string, OptionEntry][];

function commandPart(command: Command, shared: ReadonlyMap<string, OptionEntry>): string[] {
  const own = groupsOf(command)
    .flatMap(([, entries]) => entries)
    .filter(([name, entry]) => shared.get(name) !== entry);
  return [
    `.SS ${roff(command.usage)}`,
    `${roff(command.describe)}.`,
    ...command.examples.flatMap(([line, meaning]) => [
      '.PP',
      `${roff(meaning)}:`,
      '.PP',
      '.RS 4',
      '.nf',
      roff(line.replace('$0', 'sess2redis')),
      '.fi',
      '.RE',
    ]),
    ...Object.entries(command.arguments ?? {}).flatMap(([name, text]) => ['.TP', `.I ${roff(name)}`, roff(text)]),
    ...own.flatMap(optionPart),
  ];
}

/** Options that mean the same in several commands. */
function sharedOptions(commands: readonly Command[]): Map<string, OptionEntry> {
  const uses = new Map<OptionEntry, number>();
  const entries: Entries = commands.flatMap((command) => groupsOf(command).flatMap(([, group]) => group));
  for (const [, entry] of entries) uses.set(entry, (uses.get(entry) ?? 0) + 1);
  return new Map(entries.filter(([, entry]) => (uses.get(entry) as number) >= SHARED));
}

function groupedOf(options: ReadonlyMap<string, OptionEntry>): Map<string, Entries> {
  const groups = new Map<string, Entries>();
  for (const [name, entry] of options) groups.set(entry.group, [...(groups.get(entry.group) ?? []), [name, entry]]);
  return groups;
}

function optionPart([name, { type, describe }]: [string, OptionEntry]): string[] {
  const value = type === 'boolean' ? '' : ` \\fI${roff(valueHint(name).word)}\\fR`;
  return [
    '.TP',
    `\\fB${roff(`--${name}`)}\\fR${value}`,
    roff(describe.replace(/ +\[default: (.*)\]$/, ' (default: $1)')),
  ];
}

function exitStatus(): string[] {
  const codes = [...EXIT_CODE_HELP.matchAll(/^ +(\d+) {2}(.*)$/gm)];
  return codes.flatMap(([, code, meaning]) => ['.TP', `.B ${code}`, roff(meaning as string)]);
}

/** Text as roff prints it unchanged: hyphens can be copied, and no line begins with a request. */
function roff(text: string): string {
  return text
    .replace(/\\/g, '\\e')
    .replace(/-/g, '\\-')
    .replace(/^([.'])/, '\\&$1')
    .replace(/~/g, '\\(ti');
}
