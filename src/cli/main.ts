import { readFileSync } from 'node:fs';
import yargs from 'yargs';
import { OperatorError } from '../errors.js';
import { EXIT, EXIT_CODE_HELP, type ExitCode } from '../exit-codes.js';
import { summarizeFailure } from '../report/summary.js';
import { auditCommand } from './audit.js';
import { type Command, toModule } from './command-line.js';
import { explainCommand } from './explain.js';
import { generateCommand } from './generate.js';
import { migrateCommand } from './migrate.js';
import { profilesCommand } from './profiles.js';

const COMMANDS: readonly Command[] = [migrateCommand, auditCommand, explainCommand, generateCommand, profilesCommand];

/** Runs one command line and resolves to the exit code of the process; never rejects. */
export async function main(words: readonly string[]): Promise<ExitCode> {
  let exitCode: ExitCode = EXIT.complete;
  const parser = yargs([...words])
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
    return tellFailure(error, words);
  }
}

/** Called by yargs with its own complaint, or with what a command threw. */
function failUsage(message: string | undefined, error: Error | undefined): never {
  if (error instanceof Error && error.name !== 'YError') throw error;
  const text = (message ?? error?.message ?? 'the command line is wrong').split('\n').join(', ');
  throw new OperatorError(EXIT.usage, `${text}: see sess2redis --help`);
}

/** Says what went wrong on stderr, and closes `--json` output with the summary that every reader of it waits for. */
function tellFailure(error: unknown, words: readonly string[]): ExitCode {
  const exitCode = error instanceof OperatorError ? error.exitCode : EXIT.unexpected;
  const message = error instanceof Error ? error.message : String(error);
  if (words.includes('--json')) {
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
