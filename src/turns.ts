import { setImmediate as nextTurn } from 'node:timers/promises';

/** What work without a pause may take before signals and timers get their turn. */
const TURN_MS = 20;

/**
 * Does work that says by `yield` where it may be left for a moment, so that a signal is heard while a slow store is looked
 * at. @throws the reason of `signal`, or what the work throws
 */
export async function inTurns<T>(work: Generator<void, T>, signal?: AbortSignal): Promise<T> {
  try {
    for (let startMs = performance.now(); ; ) {
      const step = work.next();
      if (step.done) {
        if (signal !== undefined) await heard(signal);
        return step.value;
      }
      if (performance.now() - startMs < TURN_MS) continue;
      await nextTurn();
      signal?.throwIfAborted();
      startMs = performance.now();
    }
  } finally {
    // What it has open is closed where it is left in the middle.
    work.return(undefined as never);
  }
}

/** Resolves when a signal that came meanwhile would have been heard. @throws the reason of `signal` */
async function heard(signal: AbortSignal): Promise<void> {
  // The first turn may end the one that goes by now, before which the system's events were taken.
  await nextTurn();
  await nextTurn();
  signal.throwIfAborted();
}
