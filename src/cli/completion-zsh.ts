import type { OptionEntry } from '../options-table.js';
import { type Command, nameOf, optionsOf } from './command-line.js';
import { valueHint } from './option-values.js';

/** A script for zsh with compinit, to be sourced or put into a directory of $fpath as \`_sess2redis\`. */
export function zshCompletion(commands: readonly Command[]): string {
  return `#compdef sess2redis
# Completion of sess2redis for zsh: source <(sess2redis completion zsh)
_sess2redis() {
  local context state state_descr line
  typeset -A opt_args
  _arguments -C '1:command:->command' '*::argument:->argument'
  case $state in
    command)
      local -a commands=(
${commands.map((command) => `        ${quoted(`${nameOf(command)}:${command.describe}`)}`).join('\n')}
      )
      _describe command commands
      ;;
    argument)
      case $words[1] in
${commands.map(commandCase).join('\n')}
      esac
      ;;
  esac
}
if [[ $funcstack[1] == _sess2redis ]]; then
  _sess2redis "$@"
else
  compdef _sess2redis sess2redis
fi
`;
}

function commandCase(command: Command): string {
  const specs = Object.entries(optionsOf(command)).map(([name, entry]) => optionSpec(name, entry));
  const positionals = Object.keys(command.arguments ?? {}).map((name) => `*:${name}:${actionOf(name)}`);
  const words = [...specs, '--help[show the help]', ...positionals].map((spec) => `          ${quoted(spec)}`);
  return `        ${nameOf(command)})
          _arguments -s -S \\
  ${words.join(' \\\n  ')}
          ;;`;
}

function optionSpec(name: string, { type, describe }: OptionEntry): string {
  const text = describe.replace(/[[\]:\\]/g, '\\$&');
  const head = type === 'array' ? `*--${name}` : `--${name}`;
  if (type === 'boolean') return `${head}[${text}]`;
  return `${head}=[${text}]:${valueHint(name).word}:${actionOf(name)}`;
}

function actionOf(name: string): string {
  const { choices, kind } = valueHint(name);
  if (choices !== undefined) return `(${choices.map((choice) => choice.replace(/:/g, '\\:')).join(' ')})`;
  if (kind === undefined) return ' ';
  return kind === 'file' ? '_files' : '_files -/';
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
