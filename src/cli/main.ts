/**
 * READ FIRST. From a command line to an exit code.
 *
 * 1. `main.ts` (here) is called by `bin/sess2redis.js`, after `greeting.ts` has given a first sign of life and
 *    `signals.ts` takes signals. It finds the command, settles its options and runs it.
 * 2. `command.ts` takes the words apart; `commands.ts` lists the commands with their help and the file that runs each.
 *    `help.ts`, `man-page.ts` and `completion.ts` are made from these and from the table of options.
 * 3. `migrate.ts` and `audit.ts` run by `pass-command.ts`: pre-flight (`pass-preflight.ts`), pass, end
 *    (`finished-pass.ts`). `verify.ts`, `export.ts`, `explain.ts` and the others run on their own.
 * 4. `console.ts` is where a command writes to; `target-retry.ts` waits for a server that is away;
 *    `last-resort.ts` takes errors that nobody catches.
 */

import { EXIT, type ExitCode, exitCodeOfError, OperatorError, showable } from '../errors.js';
import { PASSES } from '../option-entry.js';
import { isSwitchedOn, namedTemplate, strangersFor } from '../options/application.js';
import { renderSettings, type SettledOptions, settingRecords, settle } from '../options/settle.js';
import { summarizeFailure } from '../report/summary.js';
import { explained } from '../system/errno.js';
import { arrangeWords, checkArguments, parseWords } from './command.js';
import { COMMANDS } from './commands.js';
import { stdoutFailure } from './greeting.js';
import { commandHelp, programHelp, programVersion } from './help.js';
import { lastResort } from './last-resort.js';
import { hasLastWords, hasSpoken } from './signals.js';

/** Runs one command line and resolves to the exit code of the process; never rejects. */
export async function main(words: readonly string[]): Promise<ExitCode> {
  const json = { isWanted: isSwitchedOn(words, 'json', process.env) };
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

/** @param json told whether the options want `--json`, which may stand in the environment or a file as well */
async function run(typed: readonly string[], json: { isWanted: boolean }): Promise<ExitCode> {
  // Imported for passes over files only: nobody else waits for the modules that look at a store.
  const isPass = PASSES.some((name) => typed.includes(name));
  const recognised = isPass ? await (await import('./recognised.js')).recognisedLine(typed, process.env) : null;
  const words = recognised?.words ?? typed;
  const template = await namedTemplate(words, process.env);
  const line = arrangeWords(words, COMMANDS);
  const { command } = line;
  if (line.wantsHelp) {
    const columns = Math.min(100, process.stdout.columns ?? 80);
    process.stdout.write(`${command === null ? programHelp(COMMANDS, columns) : commandHelp(command, columns)}\n`);
    return EXIT.complete;
  }
  if (line.wantsVersion) {
    process.stdout.write(`${programVersion()}\n`);
    return EXIT.complete;
  }
  if (command === null) throw new OperatorError(EXIT.usage, 'name a command: see sess2redis --help');
  checkArguments(command, line.words, line.options.includes('--print-config'));
  const settled = await settle(command.name, await parseWords(command.name, line.options), process.env);
  settled.template = template;
  settled.strangers = await strangersFor(template);
  settled.recognition = recognised?.because ?? '';
  json.isWanted = settled.value('json') === true;
  if (settled.value('print-config') === true) {
    printSettings(settled, json.isWanted);
    return EXIT.complete;
  }
  const runCommand = await command.load();
  return runCommand(settled, line.words);
}

function printSettings(settled: SettledOptions, isJson: boolean): void {
  const { command } = settled;
  const records = settingRecords(settled);
  const summary = { type: 'summary', version: 1, command, settings: records.length, exitCode: EXIT.complete };
  const lines = isJson ? [...records, summary].map((record) => JSON.stringify(record)) : [renderSettings(records)];
  process.stdout.write(`${lines.join('\n')}\n`);
}

/** Exit codes that tell a script that the output is complete, and must not be used if some of it was lost. */
const COMPLETE: readonly ExitCode[] = [EXIT.complete, EXIT.rejects, EXIT.nothing];

/** The exit code of the process: another one, with a message on stderr, if some of the output could not be written. */
async function withOutput(exitCode: ExitCode): Promise<ExitCode> {
  // The error of a write arrives after the write.
  await new Promise((resolve) => setImmediate(resolve));
  const failure = stdoutFailure();
  if (failure === '') return exitCode;
  process.stderr.write(
    `sess2redis: the output could not be written (${failure}): make room, then run the same line again; the work itself was not touched by it\n`,
  );
  return COMPLETE.includes(exitCode) ? EXIT.temporary : exitCode;
}

/** Says what went wrong on stderr, and ends `--json` output with the summary, for which its readers wait. */
function tellFailure(thrown: unknown, words: readonly string[], isJson: boolean): ExitCode {
  hasSpoken();
  const error = explained(thrown);
  const exitCode = exitCodeOfError(error);
  const { message, stack } = showable(error);
  if (isJson) {
    const command = COMMANDS.find(({ name }) => words.includes(name))?.name;
    const summary = summarizeFailure(command ?? '', isSwitchedOn(words, 'dry-run', process.env), exitCode, message);
    process.stdout.write(`${JSON.stringify(summary)}\n`);
  }
  process.stderr.write(`sess2redis: ${error instanceof OperatorError ? message : stack || message}\n`);
  return exitCode;
}
