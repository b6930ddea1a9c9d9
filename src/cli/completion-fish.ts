import type { OptionEntry } from '../options-table.js';
import { type Command, nameOf, optionsOf } from './command-line.js';
import { valueHint } from './option-values.js';

/** A script for fish 3. */
export function fishCompletion(commands: readonly Command[]): string {
  const lines = commands.flatMap((command) => {
    const name = nameOf(command);
    const options = Object.entries(optionsOf(command)).map(([option, entry]) => optionLine(name, option, entry));
    return [
      `complete -c sess2redis -n __fish_use_subcommand -a ${name} -d ${quoted(command.describe)}`,
      ...argumentLines(command),
      ...options,
    ];
  });
  return `# Completion of sess2redis for fish: sess2redis completion fish > ~/.config/fish/completions/sess2redis.fish
complete -c sess2redis -e
complete -c sess2redis -f
complete -c sess2redis -l help -d 'show the help'
${lines.join('\n')}
`;
}

function argumentLines(command: Command): string[] {
  return Object.keys(command.arguments ?? {}).flatMap((argument) => {
    const values = valuesOf(argument);
    return values === '' ? [] : [`complete -c sess2redis -n '${seen(nameOf(command))}' ${values}`];
  });
}

function optionLine(command: string, option: string, { type, describe }: OptionEntry): string {
  const values = type === 'boolean' ? '' : `${valuesOf(option) || '-x'} `;
  return `complete -c sess2redis -n '${seen(command)}' -l ${option} ${values}-d ${quoted(describe)}`;
}

function seen(command: string): string {
  return `__fish_seen_subcommand_from ${command}`;
}

/** What follows as `complete` takes it; empty where anything may. */
function valuesOf(name: string): string {
  const { choices, kind } = valueHint(name);
  if (choices !== undefined) return `-x -a '${choices.join(' ')}'`;
  if (kind === undefined) return '';
  return kind === 'file' ? '-r -F' : "-x -a '(__fish_complete_directories)'";
}

function quoted(text: string): string {
  return `'${text.replace(/[\\']/g, '\\$&')}'`;
}
