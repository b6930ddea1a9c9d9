import { type Command, nameOf, optionsOf } from './command-line.js';
import { valueHint } from './option-values.js';

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
