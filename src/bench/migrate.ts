import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { accessSync, constants, writeFileSync } from 'node:fs';
import { EXIT, type ExitCode, OperatorError } from '../errors.js';
import type { MigrateRate } from './findings.js';

/** How this very program is started, and what its migrate needs to know beside source, target and state. */
export interface MigrateSetup {
  command: readonly string[];
  words: readonly string[];
  /** Without any SESS2REDIS_ variable that could change what is measured. */
  environment: Readonly<Record<string, string | undefined>>;
}

export interface MigrateCall {
  source: string;
  /** The target as `--to` is written; handed over by the environment, since it may hold a password. */
  to: string;
  stateDirectory: string;
  words: readonly string[];
}

/**
 * The figures of one run of the real migrate in a process of its own.
 * @throws {OperatorError} when it was not complete
 */
export async function timeMigrate(
  setup: MigrateSetup,
  call: MigrateCall,
  signal: AbortSignal,
): Promise<Omit<MigrateRate, 'cache'> | null> {
  const [program, ...first] = setup.command as [string, ...string[]];
  const words = ['migrate', call.source, '--state-dir', call.stateDirectory, '--json', ...setup.words, ...call.words];
  const startMs = performance.now();
  const child = spawn(program, [...first, ...words], {
    env: { ...setup.environment, SESS2REDIS_TO: call.to },
    stdio: ['ignore', 'pipe', 'pipe'],
    // A Ctrl-C on the terminal is ours to pass on.
    detached: true,
  });
  const stop = () => child.kill('SIGTERM');
  signal.addEventListener('abort', stop, { once: true });
  const [said, complaint] = [endOf(child.stdout), endOf(child.stderr)];
  const [exitCode] = (await once(child, 'close')) as [ExitCode | null];
  signal.removeEventListener('abort', stop);
  if (signal.aborted) return null;
  const elapsedMs = performance.now() - startMs;
  if (exitCode !== EXIT.complete) {
    throw new OperatorError(exitCode ?? EXIT.unexpected, `migrate ended with exit ${exitCode}: ${complaint()}`);
  }
  const { listed, outcomes, peakRssBytes } = JSON.parse(said());
  return {
    type: 'migrate-rate',
    sessions: listed,
    written: outcomes.written ?? 0,
    elapsedMs,
    sessionsPerSecond: (listed / elapsedMs) * 1000,
    peakRssBytes,
  };
}

const MOST_KEPT = 64 * 1024;

/** Gives the last line that a stream brought. */
function endOf(stream: ChildProcess['stdout']): () => string {
  let text = '';
  stream?.setEncoding('utf8').on('data', (data: string) => {
    text = `${text}${data}`.slice(-MOST_KEPT);
  });
  return () => text.trimEnd().split('\n').at(-1) ?? '';
}

const DROP_CACHES = '/proc/sys/vm/drop_caches';

/** @throws {OperatorError} with exit code 8 where this user may not drop the caches of the machine */
export function checkMayDropCaches(): void {
  try {
    accessSync(DROP_CACHES, constants.W_OK);
  } catch {
    const sentence = `--drop-caches needs root on Linux, to write to ${DROP_CACHES}: run as root, or leave it out`;
    throw new OperatorError(EXIT.permission, sentence);
  }
}

/** Pages, directory entries and inodes of the whole machine, after all that is dirty has been written back. */
export async function dropCaches(): Promise<void> {
  await once(spawn('sync', { stdio: 'ignore' }), 'close');
  writeFileSync(DROP_CACHES, '3');
}
