import { OperatorError } from '../errors.js';
import { EXIT } from '../exit-codes.js';
import { stopsRun } from './last-resort.js';

const EXIT_OF = { SIGINT: EXIT.interrupted, SIGTERM: EXIT.terminated, SIGHUP: EXIT.hungUp } as const;

/** Enough for the last words to be written. */
const LEAVE_MS = 1000;

type Ending = keyof typeof EXIT_OF;

/**
 * Turns the first SIGINT, SIGTERM or SIGHUP into an abort, whose reason carries the exit code; the second one leaves at
 * once. Both are safe: whatever was written stays, and the next run finds it. A SIGHUP that somebody listens to already
 * ends nothing (`nohup`, a log to be opened again). `done` gives the signals back.
 *
 * @param say tells the operator that the signal has arrived @param rest what that means for the work
 */
export function interruption(
  say: (text: string) => void,
  rest = 'what was written stays, run the same line again to go on',
): { signal: AbortSignal; done: () => void } {
  const controller = new AbortController();
  const handle = (name: Ending) => {
    if (controller.signal.aborted) process.exit(EXIT_OF[name]);
    say('stopping: what is under way is finished first, once more to leave at once');
    controller.abort(new OperatorError(EXIT_OF[name], `interrupted by ${name}: ${rest}`));
  };
  const names: Ending[] = ['SIGINT', 'SIGTERM'];
  if (process.listenerCount('SIGHUP') === 0) names.push('SIGHUP');
  for (const name of names) process.on(name, handle);
  stopsRun((error) => controller.abort(error));
  return {
    signal: controller.signal,
    done: () => {
      stopsRun(null);
      for (const name of names) process.off(name, handle);
    },
  };
}

/** What `work` comes to, unless `signal` aborts before. @throws the reason of `signal` */
export function unlessAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const end = () => {
      reject(signal.reason);
      // What is left of the work may wait for a server that says nothing.
      if (signal.reason instanceof OperatorError) setTimeout(process.exit, LEAVE_MS, signal.reason.exitCode).unref();
    };
    signal.addEventListener('abort', end, { once: true });
    if (signal.aborted) end();
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', end));
  });
}

/** Resolves to true after `ms`, or to false as soon as `signal` aborts. */
export function sleep(ms: number, signal: AbortSignal): Promise<boolean> {
  return new Promise((resolve) => {
    const end = () => {
      clearTimeout(timer);
      signal.removeEventListener('abort', end);
      resolve(!signal.aborted);
    };
    const timer = setTimeout(end, ms);
    signal.addEventListener('abort', end, { once: true });
    if (signal.aborted) end();
  });
}
