import { readFileSync } from 'node:fs';
import { EXIT, type ExitCode, OperatorError, showable } from '../errors.js';
import { renderSettings, type SettingRecord, settingRecords, settleOptions } from '../options/settle.js';
import { withEnvironment } from '../options/table.js';
import { summarizeFailure } from '../report/summary.js';
import { explained } from '../system/errno.js';
import { arrangeWords, type Command, configurableOf, nameOf, optionsOf, rawOptionsOf, toModule } from './command.js';
import { COMMANDS } from './commands.js';
import { stdoutFailure } from './greeting.js';
import { commandHelp, programHelp } from './help.js';
import { lastResort } from './last-resort.js';
import { hasLastWords, hasSpoken } from './signals.js';

/** Runs one command line and resolves to the exit code of the process; never rejects. */
export async function main(words: readonly string[]): Promise<ExitCode> {
  const json = { isWanted: wantsJson(words, process.env) };
  // Node would open its debugger at this signal, and whoever reaches that can read every session.
  process.on('SIGUSR1', () => {});
  lastResort((error) => tellFailure(error, words, json.isWanted));
  hasLastWords((reason) => tellFailure(reason, words, json.isWanted));
  try {
    const exitCode = await run(words, json);
    hasSpoken();
    return await withOutput(exitCode);
  } catch (error) {
    return tellFailure(error, words, json.isWanted);
  }
}

/** @param json told when the configuration wants `--json`, which the words don't show */
async function run(words: readonly string[], json: { isWanted: boolean }): Promise<ExitCode> {
  const line = arrangeWords(words, COMMANDS);
  if (line.wantsHelp) {
    const columns = Math.min(100, process.stdout.columns ?? 80);
    process.stdout.write(
      `${line.command === null ? programHelp(COMMANDS, columns) : commandHelp(line.command, columns)}\n`,
    );
    return EXIT.complete;
  }
  if (line.wantsVersion) {
    process.stdout.write(`${version()}\n`);
    return EXIT.complete;
  }
  if (line.command === null) throw new OperatorError(EXIT.usage, 'name a command: see sess2redis --help');
  const { command } = line;
  const parsed = await parse(command, line.words);
  const configurable = new Map(COMMANDS.map((each) => [nameOf(each), configurableOf(each)]));
  const settings = await settleOptions(nameOf(command), optionsOf(command), configurable, parsed, process.env);
  const values = Object.fromEntries(settings.map(({ name, value }) => [name, value]));
  json.isWanted = values.json === true;
  if (values['print-config'] === true) {
    printSettings(settingRecords(settings, optionsOf(command), process.env), nameOf(command), json.isWanted);
    return EXIT.complete;
  }
  const settled = { ...parsed, ...values };
  const runCommand = await command.load();
  const typed = Object.fromEntries(
    settings.flatMap(({ name, value, origin }) =>
      origin.from === 'flag' && value !== undefined ? [[name, value] as const] : [],
    ),
  );
  return runCommand(settled, rawOptionsOf(settled, command.options), typed);
}

/**
 * The parsed line of one command.
 * @throws {OperatorError} with exit code 2
 */
async function parse(command: Command, words: readonly string[]): Promise<Record<string, unknown>> {
  // Whoever looks at the configuration may leave out the rest.
  const usage = words.includes('--print-config') ? command.usage.replace(/<(.*)>/, '[$1]') : command.usage;
  const { default: yargs } = await import('yargs');
  return (
    yargs(words)
      .scriptName('sess2redis')
      // Values stay as they were typed: `--limit 1k` and `--prefix 007` are text until options.ts reads them.
      .parserConfiguration({
        'parse-numbers': false,
        'parse-positional-numbers': false,
        'camel-case-expansion': false,
        'greedy-arrays': false,
        'boolean-negation': false,
      })
      .command(toModule({ ...command, usage }))
      .strict()
      .help(false)
      .version(false)
      .exitProcess(false)
      .fail((message, error) => failUsage(command, message, error))
      .parseAsync()
  );
}

function printSettings(records: readonly SettingRecord[], command: string, isJson: boolean): void {
  const summary = { type: 'summary', version: 1, command, settings: records.length, exitCode: EXIT.complete };
  const lines = isJson ? [...records, summary].map((record) => JSON.stringify(record)) : [renderSettings(records)];
  process.stdout.write(`${lines.join('\n')}\n`);
}

/** Called by yargs with its own complaint, or with what a command threw. */
function failUsage(command: Command, message: string | undefined, error: Error | undefined): never {
  if (error instanceof Error && error.name !== 'YError') throw error;
  const text = (message ?? error?.message ?? '').split('\n').join(', ');
  const help = `see sess2redis ${nameOf(command)} --help`;
  throw new OperatorError(EXIT.usage, `${usageFault(text, command)}: ${help}`);
}

/** What is wrong with a line, in our words for what yargs finds. */
function usageFault(text: string, command: Command): string {
  const [, wanted = ''] = /[<[](\w+)/.exec(command.usage) ?? [];
  const unknown = /^Unknown (?:argument|command)s?: (.*)$/.exec(text)?.[1];
  if (/^Not enough non-option arguments/.test(text)) return `name the ${wanted} of ${nameOf(command)}`;
  if (unknown !== undefined) {
    const most = wanted === '' ? 'takes no words beside its options' : `takes one ${wanted}`;
    return `${nameOf(command)} ${most}, so leave out ${unknown}`;
  }
  const valueless = /^Not enough arguments following: (.*)$/.exec(text)?.[1];
  if (valueless !== undefined) return `--${valueless} has no value: write one behind it`;
  const missing = /^Missing required arguments?: (.*)$/.exec(text)?.[1];
  if (missing !== undefined) return `${missing} is missing`;
  return 'the line can not be read as it stands';
}

/** Whether stdout is read by a program, also where the options could not be read. */
function wantsJson(words: readonly string[], environment: NodeJS.ProcessEnv): boolean {
  const isNamed = words.some((word) => word === '--json' || word === '--json=true');
  return isNamed || withEnvironment({}, environment).json === true;
}

/** What a script may take for the whole output, though some of it could not be written. */
const COMPLETE: readonly ExitCode[] = [EXIT.complete, EXIT.rejects, EXIT.nothing];

/** The exit code of a run whose output could not be written, which stderr is told of. */
async function withOutput(exitCode: ExitCode): Promise<ExitCode> {
  // A write that failed is told of after it.
  await new Promise((resolve) => setImmediate(resolve));
  const failure = stdoutFailure();
  if (failure === '') return exitCode;
  process.stderr.write(
    `sess2redis: the output could not be written (${failure}): make room, then run the same line again; the work itself was not touched by it\n`,
  );
  return COMPLETE.includes(exitCode) ? EXIT.temporary : exitCode;
}

/** Says what went wrong on stderr, and closes `--json` output with the summary that every reader of it waits for. */
function tellFailure(thrown: unknown, words: readonly string[], isJson: boolean): ExitCode {
  hasSpoken();
  const error = explained(thrown);
  const exitCode = error instanceof OperatorError ? error.exitCode : EXIT.unexpected;
  const { message, stack } = showable(error);
  if (isJson) {
    const command = COMMANDS.map(nameOf).find((name) => words.includes(name));
    const summary = summarizeFailure(command ?? '', words.includes('--dry-run'), exitCode, message);
    process.stdout.write(`${JSON.stringify(summary)}\n`);
  }
  process.stderr.write(`sess2redis: ${error instanceof OperatorError ? message : stack || message}\n`);
  return exitCode;
}

function version(): string {
  const file = new URL('../../package.json', import.meta.url);
  return (JSON.parse(readFileSync(file, 'utf8')) as { version: string }).version;
}
