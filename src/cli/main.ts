import { readFileSync } from 'node:fs';
import yargs from 'yargs';
import { OperatorError } from '../errors.js';
import { EXIT, EXIT_CODE_HELP, type ExitCode } from '../exit-codes.js';
import { maskSids } from '../fingerprint.js';
import { withEnvironment } from '../options-table.js';
import { summarizeFailure } from '../report/summary.js';
import { kindOfSid } from '../source/layout.js';
import { auditCommand } from './audit.js';
import { type Command, toModule } from './command-line.js';
import { explainCommand, SID_MARK } from './explain.js';
import { generateCommand } from './generate.js';
import { migrateCommand } from './migrate.js';
import { profilesCommand } from './profiles.js';

const COMMANDS: readonly Command[] = [migrateCommand, auditCommand, explainCommand, generateCommand, profilesCommand];

/** Runs one command line and resolves to the exit code of the process; never rejects. */
export async function main(words: readonly string[]): Promise<ExitCode> {
  let exitCode: ExitCode = EXIT.complete;
  ignoreClosedStdout();
  const parser = yargs(plainWords(words))
    .scriptName('sess2redis')
    .usage("$0 <command>\n\nMoves Odoo's filesystem sessions into Redis.")
    // Values stay as they were typed: `--limit 1k` and `--prefix 007` are text until options.ts reads them.
    .parserConfiguration({
      'parse-numbers': false,
      'parse-positional-numbers': false,
      'camel-case-expansion': false,
      'greedy-arrays': false,
      'boolean-negation': false,
    })
    .strict()
    .recommendCommands()
    .demandCommand(1, 'name a command')
    .version(version())
    .alias('help', 'h')
    .wrap(Math.min(120, process.stdout.columns ?? 100))
    .epilogue(`${EXIT_CODE_HELP}\n\nEach command has its own --help.`)
    .exitProcess(false)
    .fail(failUsage);
  for (const command of COMMANDS) {
    parser.command(
      toModule(command, (code) => {
        exitCode = code;
      }),
    );
  }
  try {
    await parser.parseAsync();
    return exitCode;
  } catch (error) {
    return tellFailure(error, words, wantsJson(words, process.env));
  }
}

/**
 * The words without `--`, behind which yargs finds no positional: what follows it can be no option any more. The same
 * for session ids, of which one in 64 begins with a hyphen (Odoo 18).
 */
function plainWords(words: readonly string[]): string[] {
  const separator = words.indexOf('--');
  return words
    .filter((_, i) => i !== separator)
    .map((word, i) => {
      if (!word.startsWith('-')) return word;
      if (kindOfSid(word) !== null) return SID_MARK + word;
      return separator >= 0 && i >= separator ? `./${word}` : word;
    });
}

/** Called by yargs with its own complaint, or with what a command threw. */
function failUsage(message: string | undefined, error: Error | undefined): never {
  if (error instanceof Error && error.name !== 'YError') throw error;
  const text = (message ?? error?.message ?? 'the command line is wrong').split('\n').join(', ');
  throw new OperatorError(EXIT.usage, `${text}: see sess2redis --help`);
}

/** Whether stdout is read by a program, also where the options could not be read. */
function wantsJson(words: readonly string[], environment: NodeJS.ProcessEnv): boolean {
  const isNamed = words.some((word) => word === '--json' || word === '--json=true');
  return isNamed || withEnvironment({}, environment).json === true;
}

/** A reader such as `head` may leave early; the run goes on without it, and so do the sessions. */
function ignoreClosedStdout(): void {
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
  });
}

/** Says what went wrong on stderr, and closes `--json` output with the summary that every reader of it waits for. */
function tellFailure(error: unknown, words: readonly string[], isJson: boolean): ExitCode {
  const exitCode = error instanceof OperatorError ? error.exitCode : EXIT.unexpected;
  const message = maskSids(error instanceof Error ? error.message : String(error));
  if (isJson) {
    const command = COMMANDS.map(({ usage }) => usage.split(' ', 1)[0]).find((name) => words.includes(name as string));
    const summary = summarizeFailure(command ?? '', words.includes('--dry-run'), exitCode, message);
    process.stdout.write(`${JSON.stringify(summary)}\n`);
  }
  const isUnexpected = exitCode === EXIT.unexpected && error instanceof Error;
  process.stderr.write(`sess2redis: ${isUnexpected ? error.stack : message}\n`);
  return exitCode;
}

function version(): string {
  const file = new URL('../../package.json', import.meta.url);
  return (JSON.parse(readFileSync(file, 'utf8')) as { version: string }).version;
}
