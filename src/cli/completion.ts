import { basename } from 'node:path';
import { EXIT, type ExitCode, OperatorError } from '../errors.js';
import { helpOf, type Option } from '../options/option.js';
import type { SettledOptions } from '../options/settle.js';
import { optionsOf } from '../options/table.js';
import type { Argument, Command } from './command.js';
import { COMMANDS } from './commands.js';

/** What there is besides commands. */
const WITHOUT_COMMAND = [
  ['--help', 'show the help'],
  ['--version', 'show the version'],
] as const;

/** A script for bash 3.2 and later, with or without the bash-completion package. */
export function bashCompletion(commands: readonly Command[]): string {
  const names = commands.map(({ name }) => name);
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
    ,-*) _sess2redis_words '${WITHOUT_COMMAND.map(([name]) => name).join(' ')}'; return ;;
${commands.map(optionCase).join('\n')}
  esac
  case $command in
    '') _sess2redis_words '${[...names, 'help'].join(' ')}' ;;
${commands.map(argumentCase).join('\n')}
  esac
}
_sess2redis_words() {
  COMPREPLY=($(compgen -W "$1" -- "$cur"))
  [[ \${COMPREPLY[0]} != *// ]] || compopt -o nospace 2>/dev/null
}
_sess2redis_paths() {
  local path
  compopt -o filenames 2>/dev/null
  while IFS= read -r path; do COMPREPLY+=("$path"); done < <(compgen "$1" -- "$cur")
}
complete -F _sess2redis sess2redis
`;
}

/** What can follow an option that takes a value. */
function valueCases({ name }: Command): string[] {
  const taking = optionsOf(name).filter(({ kind }) => kind !== 'switch');
  return taking.map((option) => `    ${name},--${option.name}) ${bashValues(option)}return ;;`);
}

function optionCase({ name }: Command): string {
  const words = [...optionsOf(name).map((option) => `--${option.name}`), '--help'];
  return `    ${name},-*) _sess2redis_words '${words.join(' ')}'; return ;;`;
}

function argumentCase({ name, argument }: Command): string {
  return `    ${name}) ${argument === undefined ? '' : bashValues(argument)};;`;
}

/** What a shell can complete: a word out of `choices`, or a path. */
type Completable = Pick<Option | Argument, 'kind' | 'choices'>;

function bashValues({ kind, choices }: Completable): string {
  if (choices !== undefined) return `_sess2redis_words '${choices.join(' ')}'; `;
  if (kind === 'file') return '_sess2redis_paths -f; ';
  return kind === 'directory' ? '_sess2redis_paths -d; ' : '';
}

/** A script for fish 3. */
export function fishCompletion(commands: readonly Command[]): string {
  const lines = commands.flatMap(({ name, argument, help }) => {
    const isSeen = `__fish_seen_subcommand_from ${name}`;
    const values = argument === undefined ? '' : fishValues(argument);
    return [
      `complete -c sess2redis -n __fish_use_subcommand -a ${name} -d ${fishQuoted(help)}`,
      ...(values === '' ? [] : [`complete -c sess2redis -n '${isSeen}' ${values}`]),
      ...optionsOf(name).map((option) => {
        const takes = option.kind === 'switch' ? '' : `${fishValues(option) || '-x'} `;
        return `complete -c sess2redis -n '${isSeen}' -l ${option.name} ${takes}-d ${fishQuoted(helpOf(option))}`;
      }),
    ];
  });
  return `# Completion of sess2redis for fish: sess2redis completion fish > ~/.config/fish/completions/sess2redis.fish
complete -c sess2redis -e
complete -c sess2redis -f
complete -c sess2redis -l help -d 'show the help'
complete -c sess2redis -n __fish_use_subcommand -l version -d 'show the version'
${lines.join('\n')}
`;
}

/** What follows, in the options of `complete`; empty where it may be anything. */
function fishValues({ kind, choices }: Completable): string {
  if (choices !== undefined) return `-x -a '${choices.join(' ')}'`;
  if (kind === 'file') return '-r -F';
  return kind === 'directory' ? "-x -a '(__fish_complete_directories)'" : '';
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
  _arguments -C ${WITHOUT_COMMAND.map(([name, help]) => `'(- *)${name}[${help}]'`).join(' ')} '1:command:->command' '*::argument:->argument'
  case $state in
    command)
      local -a commands=(
${commands.map(({ name, help }) => `        ${zshQuoted(`${name}:${help}`)}`).join('\n')}
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
_sess2redis_addresses() {
  compadd -S '' -- "$@"
}
if [[ $funcstack[1] == _sess2redis ]]; then
  _sess2redis "$@"
else
  compdef _sess2redis sess2redis
fi
`;
}

function commandCase({ name, argument }: Command): string {
  const specs = [...optionsOf(name).map(optionSpec), '--help[show the help]'];
  if (argument !== undefined) specs.push(`*:${argument.name}:${zshValues(argument)}`);
  return `        ${name})
          _arguments -s -S \\
  ${specs.map((spec) => `          ${zshQuoted(spec)}`).join(' \\\n  ')}
          ;;`;
}

function optionSpec(option: Option): string {
  const { name, kind, word } = option;
  const text = helpOf(option).replace(/[[\]:\\]/g, '\\$&');
  const head = kind === 'list' ? `*--${name}` : `--${name}`;
  return kind === 'switch' ? `${head}[${text}]` : `${head}=[${text}]:${word}:${zshValues(option)}`;
}

function zshValues({ kind, choices }: Completable): string {
  // The rest of an address is typed behind its scheme, without a space.
  if (choices?.[0]?.endsWith('//')) return `{_sess2redis_addresses ${choices.join(' ').replaceAll(':', '\\:')}}`;
  if (choices !== undefined) return `(${choices.map((value) => value.replace(/:/g, '\\:')).join(' ')})`;
  if (kind === 'file') return '_files';
  return kind === 'directory' ? '_files -/' : ' ';
}

function zshQuoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}

const SCRIPTS = { bash: bashCompletion, zsh: zshCompletion, fish: fishCompletion };

/**
 * Prints a script by which a shell completes commands, options and values. The script needs nothing else: the shell
 * does not start the program when a key is pressed.
 */
export async function runCompletion(_: SettledOptions, words: readonly string[]): Promise<ExitCode> {
  const shell = words[0] ?? basename(process.env.SHELL ?? '');
  if (!Object.hasOwn(SCRIPTS, shell)) {
    throw new OperatorError(EXIT.usage, `there is no completion for ${JSON.stringify(shell)}: name bash, zsh or fish`);
  }
  process.stdout.write(SCRIPTS[shell as keyof typeof SCRIPTS](COMMANDS));
  return EXIT.complete;
}
