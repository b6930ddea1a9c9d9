import { readFileSync } from 'node:fs';
import { constants, getPriority, setPriority } from 'node:os';
import { setImmediate as nextTurn } from 'node:timers/promises';

export type EndingSignal = 'SIGINT' | 'SIGTERM' | 'SIGHUP';

const handlers = new Map<EndingSignal, (name: EndingSignal) => void>();

/** Hands a signal that would end the process to `handle` from now on; null gives it back to the system. */
export function takeSignal(name: EndingSignal, handle: ((name: EndingSignal) => void) | null): void {
  const before = handlers.get(name);
  if (before !== undefined) process.off(name, before);
  handlers.delete(name);
  if (handle === null) return;
  handlers.set(name, handle);
  process.on(name, handle);
}

export function isSignalTaken(name: EndingSignal): boolean {
  return handlers.has(name);
}

/**
 * Reads a file that the operator named, which may be a pipe that nobody writes to. As no handler would run before
 * somebody does, the signals end the process meanwhile.
 * @throws a system error
 */
export function readNamedFile(path: string): Buffer {
  const taken = [...handlers];
  for (const [name] of taken) takeSignal(name, null);
  try {
    return readFileSync(path);
  } finally {
    for (const [name, handle] of taken) takeSignal(name, handle);
  }
}

const { PRIORITY_BELOW_NORMAL } = constants.priority;

/**
 * Lets Redis and the application go first where they share this machine and processors are scarce. A thread that is
 * behind them already (`nice`, a unit's `Nice=`) stays there: going forward is a right of root's.
 */
export function letOthersGoFirst(): void {
  try {
    // On Linux 0 is this thread alone (setpriority(2), "C library/kernel differences").
    if (getPriority(0) < PRIORITY_BELOW_NORMAL) setPriority(0, PRIORITY_BELOW_NORMAL);
  } catch {
    // A sandbox may forbid it (seccomp of containers and units): no reason not to run.
  }
}

/** What work without a pause may take before signals and timers get their turn. */
const TURN_MS = 20;

/**
 * Does work that says by `yield` where it may be left for a moment, so that a signal is heard while a slow store is
 * looked at.
 * @throws the reason of `signal`, or what the work throws
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

/**
 * Resolves when a signal that came meanwhile would have been heard.
 * @throws the reason of `signal`
 */
async function heard(signal: AbortSignal): Promise<void> {
  // The first turn may end the one that goes by now, before which the system's events were taken.
  await nextTurn();
  await nextTurn();
  signal.throwIfAborted();
}
