import { OWN_CODE } from '../applications/built-in-names.js';
import { EXIT_CODE_HELP } from '../errors.js';
import { defaultWords, type Option } from '../options/option.js';
import { optionsOf, ROWS } from '../options/table.js';
import { type Command, usageOf } from './command.js';
import { byGroup } from './help.js';

/** The manual page sess2redis(1) in the macros of man(7), made from commands and options. */
export function manPage(commands: readonly Command[], version: string): string {
  return [
    `.\\" Made by scripts/man.mjs from the table of options: change that, not this.`,
    `.TH SESS2REDIS 1 "" "sess2redis ${roff(version)}" "User Commands"`,
    '.SH NAME',
    'sess2redis \\- move the file sessions of web applications into Redis',
    '.SH SYNOPSIS',
    ...commands.flatMap((command, i) => [
      ...(i === 0 ? [] : ['.br']),
      `.B sess2redis ${roff(usageOf(command))}`,
      '[\\fIoptions\\fR]',
    ]),
    '.SH DESCRIPTION',
    `Copies the sessions that ${OWN_CODE.spoken}, PHP, Laravel and others keep as files into Redis, as the very keys and values that their`,
    'Redis readers look for,',
    'so that nobody is logged out when the application is restarted on Redis, and nobody who logged out comes back.',
    'Data goes to stdout, everything else to stderr.',
    '.SH COMMANDS',
    ...commands.flatMap(commandPart),
    '.SH COMMON OPTIONS',
    'Which of them a command takes is said by its \\fB\\-\\-help\\fR.',
    ...byGroup(ROWS.filter(isShared)).flatMap(([group, options]) => [
      `.SS ${roff(group)}`,
      ...options.flatMap(optionPart),
    ]),
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

function commandPart(command: Command): string[] {
  const { argument } = command;
  return [
    `.SS ${roff(usageOf(command))}`,
    `${roff(command.help)}.`,
    ...command.examples.flatMap(([line, meaning]) => [
      '.PP',
      `${roff(meaning)}:`,
      '.PP',
      '.RS 4',
      '.nf',
      roff(line),
      '.fi',
      '.RE',
    ]),
    ...(argument === undefined ? [] : ['.TP', `.I ${roff(argument.name)}`, roff(argument.help)]),
    ...optionsOf(command.name)
      .filter((option) => !isShared(option))
      .flatMap(optionPart),
  ];
}

/** Whether an option means the same in several commands: then it is explained once for all of them. */
function isShared({ commands }: Option): boolean {
  return commands.length > 1;
}

function optionPart(option: Option): string[] {
  const { name, word, help } = option;
  const words = defaultWords(option);
  return [
    '.TP',
    `\\fB${roff(`--${name}`)}\\fR${word === '' ? '' : ` \\fI${roff(word)}\\fR`}`,
    roff(words === undefined ? help : `${help} (default: ${words})`),
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
