import { EXIT, OperatorError } from '../errors.js';
import type { PaceOptions } from '../governor/control-loop.js';
import { ledgerDirectory } from '../ledger/state-files.js';
import type { Endpoint } from '../redis/endpoint.js';
import { isUnreached } from '../redis/socket.js';
import { GivenUp, lostConnection, Retry } from '../redis/trouble.js';
import { isThere } from '../system/errno.js';
import { formatDuration } from '../units.js';

/** How often work is begun again on a target that answers: what failed then is the work itself. */
const MOST_TRIES = 3;
/** After an interruption, connections that are made nevertheless are ended this often. */
const HANG_UP_MS = 100;

/** For how long a target is waited for that can't be asked when work begins. */
export interface TargetRetry {
  target: Endpoint;
  giveUpAfterMs: number;
  /** The same where nothing was ever moved there and nobody answers, so that the address may be plainly wrong. */
  firstGiveUpAfterMs: number;
  isKnown: boolean;
  /** Ends the wait, and the work. */
  signal: AbortSignal;
  /** Hears what is waited for, and null when it goes on. */
  tell: (text: string | null) => void;
}

/**
 * @param stateDir null for a command that keeps nothing
 * @throws {OperatorError} where it can't be looked at
 */
export function targetRetryOf(
  target: Endpoint | null,
  { giveUpAfterMs, firstGiveUpAfterMs }: Pick<PaceOptions, 'giveUpAfterMs' | 'firstGiveUpAfterMs'>,
  stateDir: string | null,
  say: (text: string) => void,
  signal: AbortSignal,
): TargetRetry | null {
  if (target === null) return null;
  const isKnown = stateDir !== null && isThere(ledgerDirectory(stateDir));
  const tell = (text: string | null) => say(text === null ? 'going on' : `waiting: ${text}`);
  return { target, giveUpAfterMs, firstGiveUpAfterMs, isKnown, signal, tell };
}

/**
 * Does work that asks the target before a pass has writers of its own: a server that is away, loads its data or stands
 * still just then is borne as it is later.
 * @param options null where nothing is asked
 * @throws {OperatorError} of the work; 5 when time is up; the interruption, at once
 */
export async function withRetries<T>(work: () => Promise<T>, options: TargetRetry | null): Promise<T> {
  if (options === null) return work();
  const { signal } = options;
  let again: NodeJS.Timeout | undefined;
  const interrupt = async () => {
    const { hangUp } = await import('../redis/control.js');
    hangUp();
    // Work that bears a lost connection asks elsewhere next.
    again ??= setInterval(hangUp, HANG_UP_MS);
  };
  signal.addEventListener('abort', interrupt, { once: true });
  try {
    signal.throwIfAborted();
    return await untilDone(work, options);
  } catch (error) {
    signal.throwIfAborted();
    throw error;
  } finally {
    signal.removeEventListener('abort', interrupt);
    clearInterval(again);
  }
}

async function untilDone<T>(work: () => Promise<T>, options: TargetRetry): Promise<T> {
  for (let tries = 1; ; tries++) {
    try {
      return await work();
    } catch (error) {
      if (options.giveUpAfterMs === 0 || !isTemporary(error) || tries >= MOST_TRIES) throw error;
      if (await reach(options, error)) tries = 0;
    }
  }
}

/**
 * Resolves when every server of the target answers, to whether that took a wait.
 * @throws {OperatorError}
 */
async function reach(options: TargetRetry, failure: OperatorError): Promise<boolean> {
  const { signal, tell } = options;
  let error = isUnreached(failure) ? failure : await askOnce(options.target);
  if (error === null) return false;
  const limitMs = isUnreached(error) && !options.isKnown ? options.firstGiveUpAfterMs : options.giveUpAfterMs;
  const retry = new Retry(limitMs);
  const interrupt = () => retry.interrupt(signal.reason as OperatorError);
  signal.addEventListener('abort', interrupt, { once: true });
  try {
    tell(`${error.message}; tries again for ${formatDuration(limitMs)} (--give-up-after 0s: not at all)`);
    for (; error !== null; error = await askOnce(options.target)) {
      signal.throwIfAborted();
      await retry.pause(lostConnection(error));
    }
  } finally {
    signal.removeEventListener('abort', interrupt);
  }
  tell(null);
  return true;
}

/** Why a server of the target can't be asked for the moment; null where all answer, or none ever will. */
async function askOnce(target: Endpoint): Promise<OperatorError | null> {
  // Imported where something went wrong, as ioredis takes 28 MB.
  const { mastersOf } = await import('../redis/topology.js');
  const { connectControl, ask, replyOf } = await import('../redis/control.js');
  const { notMaster } = await import('../redis/connections.js');
  try {
    for (const server of await mastersOf(target)) {
      const client = await connectControl(server);
      try {
        await ask(client, 'PING');
        const role = server.announcedBy === undefined ? null : await replyOf(client, ['ROLE']);
        if (Array.isArray(role) && role[0] === 'slave') return notMaster(server, 'slave');
      } finally {
        client.disconnect();
      }
    }
    return null;
  } catch (error) {
    // The work itself says best what will not pass.
    return isTemporary(error) ? error : null;
  }
}

function isTemporary(error: unknown): error is OperatorError {
  // Work that retries by itself has waited already.
  return error instanceof OperatorError && error.exitCode === EXIT.temporary && !(error instanceof GivenUp);
}
