import { basename } from 'node:path';
import { EXIT, type ExitCode, OperatorError } from '../errors.js';
import type { OptionEntry } from '../options/table.js';
import { type Command, nameOf, optionsOf, type ParsedLine } from './command.js';
import { COMMANDS } from './commands.js';
import { valueHint } from './help.js';

/** A script for bash 3.2 and later, with or without the bash-completion package. */
export function bashCompletion(commands: readonly Command[]): string {
  const names = commands.map(nameOf);
  return `# Completion of sess2redis for bash: source <(sess2redis completion bash)
_sess2redis() {
  local cur=\${COMP_WORDS[COMP_CWORD]} prev=\${COMP_WORDS[COMP_CWORD-1]} command='' i
  # bash parts --option=value at the sign.
  if [[ $cur == '=' ]]; then
    cur=''
  elif [[ $prev == '=' ]]; then
    prev=\${COMP_WORDS[COMP_CWORD-2]}
  fi
  for ((i = 1; i < COMP_CWORD; i++)); do
    case \${COMP_WORDS[i]} in
      ${names.join('|')}) command=\${COMP_WORDS[i]}; break ;;
    esac
  done
  COMPREPLY=()
  case $command,$prev in
${commands.flatMap(valueCases).join('\n')}
  esac
  case $command,$cur in
${commands.map(optionCase).join('\n')}
  esac
  case $command in
    '') _sess2redis_words '${[...names, 'help'].join(' ')}' ;;
${commands.map(argumentCase).join('\n')}
  esac
}
_sess2redis_words() {
  COMPREPLY=($(compgen -W "$1" -- "$cur"))
}
_sess2redis_paths() {
  local path
  compopt -o filenames 2>/dev/null
  while IFS= read -r path; do COMPREPLY+=("$path"); done < <(compgen "$1" -- "$cur")
}
complete -F _sess2redis sess2redis
`;
}

/** What can stand behind an option that takes a value. */
function valueCases(command: Command): string[] {
  const taking = Object.entries(optionsOf(command)).filter(([, { type }]) => type !== 'boolean');
  return taking.map(([name]) => `    ${nameOf(command)},--${name}) ${completionOf(name)}return ;;`);
}

function optionCase(command: Command): string {
  const options = [...Object.keys(optionsOf(command)), 'help'].map((name) => `--${name}`);
  return `    ${nameOf(command)},-*) _sess2redis_words '${options.join(' ')}'; return ;;`;
}

function argumentCase(command: Command): string {
  const [name] = Object.keys(command.arguments ?? {});
  return `    ${nameOf(command)}) ${name === undefined ? '' : completionOf(name)};;`;
}

function completionOf(name: string): string {
  const { choices, kind } = valueHint(name);
  if (choices !== undefined) return `_sess2redis_words '${choices.join(' ')}'; `;
  return kind === undefined ? '' : `_sess2redis_paths ${kind === 'file' ? '-f' : '-d'}; `;
}

/** A script for fish 3. */
export function fishCompletion(commands: readonly Command[]): string {
  const lines = commands.flatMap((command) => {
    const name = nameOf(command);
    const options = Object.entries(optionsOf(command)).map(([option, entry]) => optionLine(name, option, entry));
    return [
      `complete -c sess2redis -n __fish_use_subcommand -a ${name} -d ${fishQuoted(command.describe)}`,
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
  return `complete -c sess2redis -n '${seen(command)}' -l ${option} ${values}-d ${fishQuoted(describe)}`;
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

function fishQuoted(text: string): string {
  return `'${text.replace(/[\\']/g, '\\$&')}'`;
}

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
${commands.map((command) => `        ${zshQuoted(`${nameOf(command)}:${command.describe}`)}`).join('\n')}
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
  const words = [...specs, '--help[show the help]', ...positionals].map((spec) => `          ${zshQuoted(spec)}`);
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

function zshQuoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}

const SCRIPTS = { bash: bashCompletion, zsh: zshCompletion, fish: fishCompletion };

/**
 * Prints a script by which a shell completes commands, options and values. It holds all that is needed: the shell does
 * not start the program for each press of the key.
 */
export async function runCompletion(line: ParsedLine): Promise<ExitCode> {
  const shell = String(line.shell ?? basename(process.env.SHELL ?? ''));
  if (!Object.hasOwn(SCRIPTS, shell)) {
    throw new OperatorError(EXIT.usage, `there is no completion for ${JSON.stringify(shell)}: name bash, zsh or fish`);
  }
  process.stdout.write(SCRIPTS[shell as keyof typeof SCRIPTS](COMMANDS));
  return EXIT.complete;
}
