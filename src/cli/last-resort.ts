import { EXIT, type ExitCode, OperatorError, showable } from '../errors.js';
import { explained } from '../system/errno.js';

/** What a run that was told to end may take to finish what is under way and to print its summary. */
const LAST_WORDS_MS = 15_000;

type Stop = (error: Error) => void;

/** Ends the run that is under way; null while there is none. */
let stopRun: Stop | null = null;

/**
 * Takes errors that nobody catches, such as one thrown in a listener of a library's. The run that is under way ends as
 * at a signal, with its counts; without one, or where it does not come to an end, `tell` has the last word.
 */
export function lastResort(tell: (error: unknown) => ExitCode): void {
  const take = (error: unknown) => {
    const stop = stopRun;
    stopRun = null;
    if (stop === null) process.exit(tell(error));
    const known = explained(error);
    if (known instanceof OperatorError) {
      setTimeout(() => process.exit(tell(error)), LAST_WORDS_MS).unref();
      stop(known);
      return;
    }
    const { message, stack } = showable(error);
    process.stderr.write(`sess2redis: ${stack || message}\n`);
    const sentence = `an error that nobody expected: ${message}; what was written stays, run the same line again to go on`;
    setTimeout(() => process.exit(tell(error)), LAST_WORDS_MS).unref();
    stop(new OperatorError(EXIT.unexpected, sentence));
  };
  process.on('uncaughtException', take);
  process.on('unhandledRejection', take);
}

/** Sets how an error that nobody catches ends the run that begins; null when the run is over. */
export function stopsRun(stop: Stop | null): void {
  stopRun = stop;
}
