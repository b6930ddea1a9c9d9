import { basename } from 'node:path';
import { OperatorError } from '../errors.js';
import { EXIT, type ExitCode } from '../exit-codes.js';
import type { ParsedLine } from './command-line.js';
import { COMMANDS } from './commands.js';
import { bashCompletion } from './completion-bash.js';
import { fishCompletion } from './completion-fish.js';
import { zshCompletion } from './completion-zsh.js';

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
