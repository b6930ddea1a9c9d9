import { readFileSync, readlinkSync } from 'node:fs';
import { basename } from 'node:path';
import { isatty } from 'node:tty';
import { EXIT, type ExitCode, OperatorError } from '../errors.js';
import type { PauseSwitch } from '../governor/pause-switch.js';
import { type EndingSignal, isSignalTaken, takeSignal } from '../system/process.js';
import { stopsRun } from './last-resort.js';

const STANDARD_STREAMS = [0, 1, 2];

/** Access mode among the flags of an open file (proc(5), fdinfo; open(2)). */
const [ACCESS_MODE, WRITE_ONLY] = [0o3, 0o1];

/**
 * Whether `nohup` started the program. It makes SIGHUP ignored, but Node sets every signal back at its start
 * (nodejs/node, src/node.cc, PlatformInit), so that only other traces are left: the shell's `_`, a stdin that can't be
 * read, and the file that it opens for output (coreutils, src/nohup.c).
 */
function isUnderNohup(environment: NodeJS.ProcessEnv): boolean {
  if (basename(environment._ ?? '') === 'nohup') return true;
  return isWriteOnly(0) || [1, 2].some((fd) => basename(targetOf(fd)) === 'nohup.out');
}

/** Whether somebody may be looking on. */
export function hasTerminal(): boolean {
  return STANDARD_STREAMS.some((fd) => isatty(fd));
}

function isWriteOnly(fd: number): boolean {
  try {
    const flags = /^flags:\s*([0-7]+)$/m.exec(readFileSync(`/proc/self/fdinfo/${fd}`, 'latin1'))?.[1];
    return flags !== undefined && (Number.parseInt(flags, 8) & ACCESS_MODE) === WRITE_ONLY;
  } catch {
    // No /proc here.
    return false;
  }
}

function targetOf(fd: number): string {
  try {
    return readlinkSync(`/proc/self/fd/${fd}`);
  } catch {
    return '';
  }
}

const EXIT_OF = { SIGINT: EXIT.interrupted, SIGTERM: EXIT.terminated, SIGHUP: EXIT.hungUp } as const;
const ENDING: readonly EndingSignal[] = ['SIGINT', 'SIGTERM', 'SIGHUP'];

/** Enough for the last words to be written. */
const LEAVE_MS = 1000;

/** A run that ends by itself when it is told to. */
interface Run {
  controller: AbortController;
  say: (text: string) => void;
  rest: string;
}

let run: Run | null = null;
/** The signal that came first, as what it ends the run with. */
let reason: OperatorError | null = null;
/** Says how a command ended that has no run; null as long as nothing can be said. */
let tell: ((reason: OperatorError) => ExitCode) | null = null;
let isOver = false;
/** What SIGHUP does instead of ending anything; null for nothing else. */
let onHangUp: (() => void) | null = null;

/**
 * Takes SIGINT, SIGTERM and SIGHUP from the system, at the very start of the process and then for all of its life: the
 * first one ends it with its last words, the second one at once. SIGHUP ends nothing under `nohup`. Both are safe:
 * whatever was written stays, and the next run finds it.
 */
export function takeSignals(): void {
  if (ENDING.some(isSignalTaken)) return;
  if (isUnderNohup(process.env)) onHangUp = () => {};
  for (const name of ENDING) takeSignal(name, take);
}

function take(name: EndingSignal): void {
  if (name === 'SIGHUP' && onHangUp !== null) {
    onHangUp();
    return;
  }
  if (reason !== null || isOver) leave(EXIT_OF[name]);
  reason = new OperatorError(EXIT_OF[name], `interrupted by ${name}: ${run?.rest ?? 'run the same line again'}`);
  if (run !== null) {
    run.say('stopping: what is under way is finished first, once more to leave at once');
    run.controller.abort(reason);
  } else if (tell !== null) leave(tell(reason));
}

/** Ends the process. What still waits for a disk may hold that up, so that signals are the system's again. */
function leave(exitCode: ExitCode): never {
  for (const name of ENDING) takeSignal(name, null);
  process.exit(exitCode);
}

/** Names who says how a command without a run ended; at once, where a signal came before anything could be said. */
export function hasLastWords(speaker: (reason: OperatorError) => ExitCode): void {
  tell = speaker;
  if (reason !== null) leave(speaker(reason));
}

/** All is said: another signal only ends what is left of the process. */
export function hasSpoken(): void {
  isOver = true;
}

/** SIGHUP does this from now on, and ends nothing. */
export function hangUpMeans(act: () => void): void {
  onHangUp = act;
}

/** What tells a run that it is to end. */
export interface Interruption {
  signal: AbortSignal;
  /** `say` tells the operator from now on that a signal has arrived; before, stderr does. */
  setOutput: (say: (text: string) => void) => void;
  /** The run is over. */
  done: () => void;
}

/**
 * Turns the first SIGINT, SIGTERM or SIGHUP from now on into an abort, whose reason carries the exit code.
 *
 * @param rest what that means for the work
 */
export function interruption(rest = 'what was written stays, run the same line again to go on'): Interruption {
  takeSignals();
  const begun: Run = {
    controller: new AbortController(),
    say: (text) => process.stderr.write(`${text}\n`),
    rest,
  };
  run = begun;
  stopsRun((error) => begun.controller.abort(error));
  return {
    signal: begun.controller.signal,
    setOutput: (say) => {
      begun.say = say;
    },
    done: () => {
      stopsRun(null);
      run = null;
      hasSpoken();
    },
  };
}

/**
 * What `work` comes to, unless `signal` aborts before.
 * @throws the reason of `signal`
 */
export function unlessAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const end = () => {
      reject(signal.reason);
      // What is left of the work may wait for a server that says nothing.
      if (signal.reason instanceof OperatorError) setTimeout(leave, LEAVE_MS, signal.reason.exitCode).unref();
    };
    signal.addEventListener('abort', end, { once: true });
    if (signal.aborted) end();
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', end));
  });
}

/** The same for work whose answer is only good to know: null where `signal` aborts before. */
export async function unlessInterrupted<T>(work: Promise<T>, signal: AbortSignal): Promise<T | null> {
  try {
    return await unlessAborted(work, signal);
  } catch (error) {
    if (!signal.aborted) throw error;
    return null;
  }
}

/** The result of a pass as one that `signal` stopped, where it came before all was said. */
export function endedBy<T extends { stopped: Error | null; exitCode: ExitCode }>(signal: AbortSignal, result: T): T {
  const { reason: by } = signal;
  if (result.stopped !== null || !(by instanceof OperatorError)) return result;
  return { ...result, stopped: by, exitCode: by.exitCode };
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

/**
 * From now on SIGUSR1 pauses by `pauses` and SIGUSR2 lets the run go on, to the end of the process: given back, the one
 * would open Node's debugger and the other end the process. What keeps the pause file from being seen is said as well.
 */
export function pauseSignals(pauses: PauseSwitch, say: (text: string) => void): void {
  pauses.onBlind = (why) => say(`warning: ${why}`);
  process.on('SIGUSR1', () => {
    pauses.pause('SIGUSR1');
    say('paused by SIGUSR1: what is under way is finished, SIGUSR2 lets the run go on');
  });
  process.on('SIGUSR2', () => {
    pauses.resume();
    const rest = pauses.pausedBy() === '' ? '' : `, but still paused: ${pauses.pausedBy()}`;
    say(`resumed by SIGUSR2${rest}`);
  });
}
