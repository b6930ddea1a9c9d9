import { OperatorError } from '../errors.js';
import { EXIT } from '../exit-codes.js';

const EXIT_OF = { SIGINT: EXIT.interrupted, SIGTERM: EXIT.terminated } as const;

/**
 * Turns the first SIGINT or SIGTERM into an abort, whose reason carries the exit code; the second one leaves at once.
 * Both are safe: whatever was written stays, and the next run finds it. `done` gives the signals back.
 */
export function interruption(): { signal: AbortSignal; done: () => void } {
  const controller = new AbortController();
  const handle = (name: 'SIGINT' | 'SIGTERM') => {
    if (controller.signal.aborted) process.exit(EXIT_OF[name]);
    process.stderr.write('\nstopping: what is under way is finished first, once more to leave at once\n');
    const message = 'interrupted: what was written stays, run the same line again to go on';
    controller.abort(new OperatorError(EXIT_OF[name], message));
  };
  process.on('SIGINT', handle);
  process.on('SIGTERM', handle);
  return {
    signal: controller.signal,
    done: () => {
      process.off('SIGINT', handle);
      process.off('SIGTERM', handle);
    },
  };
}
