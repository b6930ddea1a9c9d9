import { parseOptions } from '../options/run-options.js';
import { passReport } from '../report/commands/pass.js';
import type { RunCommand } from './command.js';
import { reportedPass } from './finished-pass.js';
import { runPassCommand } from './pass-command.js';

/** Loads the sessions once; the same line again finds what is there and goes on. */
export const runMigrate = passThatMoves('migrate');

/** Brings Redis up to date with the files. Once, or again and again. */
export const runSync = passThatMoves('sync');

function passThatMoves(command: 'migrate' | 'sync'): RunCommand {
  return (settled, words) =>
    runPassCommand(
      command,
      parseOptions(settled, words),
      { toReport: (finished) => passReport(reportedPass(finished)), toLines: () => [] },
      settled.typed,
    );
}
