import { parentPort } from 'node:worker_threads';
import type { Statistics } from '../counts/statistics.js';
import type { Ack } from '../counts/tally.js';
import { type ExitCode, OperatorError } from '../errors.js';
import type { WaitReason } from '../redis/trouble.js';
import type { Chunk } from '../source/chunk.js';
import { explained } from '../system/errno.js';
import { letOthersGoFirst } from '../system/process.js';

/**
 * From the main thread to a lane. `end`: settle what is under way, then say good-bye. `give-up`: wait for the target no
 * longer, and say this of what stays open.
 */
export type ToLane =
  | { type: 'chunk'; chunk: Chunk }
  | { type: 'end' }
  | { type: 'give-up'; exitCode: ExitCode; message: string };

/**
 * From a lane to the main thread. `waiting` and `going-on` for the target. `replaced`: a server may have lost what it
 * acknowledged. `failure` is for the operator; a lane that fails otherwise dies of its exception.
 */
export type FromLane =
  | { type: 'ready' }
  | Ack
  | { type: 'waiting'; reason: WaitReason; message: string }
  | { type: 'going-on' }
  | { type: 'replaced'; message: string }
  | { type: 'failure'; exitCode: ExitCode; message: string }
  | { type: 'bye'; statistics: Statistics };

/** What a lane does with its chunks: moves sessions, or verifies them. */
export interface Carrier<Prepared> {
  /** Begins what a chunk needs before its turn comes, such as its records. */
  prepare(chunk: Chunk): Promise<Prepared>;
  /** Takes a chunk; resolves when the next one may begin, which can be before this one is acknowledged. */
  carry(chunk: Chunk, prepared: Prepared): Promise<void>;
  /** Resolves when every chunk is acknowledged and everything is closed. */
  end(): Promise<Statistics>;
  /** Ends every wait for the target with this error; what goes well is finished. */
  interrupt(error: OperatorError): void;
}

/**
 * Runs a lane: takes one chunk after another from the main thread, in the order in which they come, until it is told to
 * end.
 * @param start makes the carrier, in the thread
 */
export async function serve<Prepared>(start: () => Promise<Carrier<Prepared>>): Promise<void> {
  try {
    letOthersGoFirst();
    // An exception per vanished or broken file needs no stack.
    Error.stackTraceLimit = 0;
    const carrier = await start();
    let carrying = Promise.resolve();
    parentPort?.on('message', (message: ToLane) => {
      if (message.type === 'give-up') {
        carrier.interrupt(new OperatorError(message.exitCode, message.message));
        return;
      }
      if (message.type === 'chunk') {
        const { chunk } = message;
        const preparing = carrier.prepare(chunk);
        // A failure is told when its turn comes.
        preparing.catch(() => {});
        carrying = carrying.then(async () => carrier.carry(chunk, await preparing));
        return;
      }
      carrying = carrying.then(async () => {
        send({ type: 'bye', statistics: await carrier.end() });
        parentPort?.close();
      });
    });
    send({ type: 'ready' });
  } catch (error) {
    reportFailure(error);
  }
}

/** Tells the main thread. */
export function send(message: FromLane, transfer: ArrayBuffer[] = []): void {
  parentPort?.postMessage(message, transfer);
}

/** Reports a failure to the operator, through the main thread; an error that is not for operators is thrown again. */
function reportFailure(error: unknown): void {
  const failure = explained(error);
  if (!(failure instanceof OperatorError)) throw error;
  send({ type: 'failure', exitCode: failure.exitCode, message: failure.message });
}

/** Resolves to what went wrong, or null. */
export function failureOf(work: Promise<unknown> = Promise.resolve()): Promise<unknown> {
  return work.then(
    () => null,
    (error: unknown) => error,
  );
}

/** Round trips that one lane keeps under way: while Redis works on some, the next files are read. */
const BATCHES_IN_FLIGHT = 3;

/** The batches of a lane, which bound what it has under way, and the chunks that are not acknowledged yet. */
export class InFlight<Batch> {
  readonly #free: Batch[];
  #freed: (() => void) | null = null;
  readonly #chunks = new Set<Promise<void>>();

  constructor(makeBatch: () => Batch) {
    this.#free = Array.from({ length: BATCHES_IN_FLIGHT }, makeBatch);
  }

  /** Resolves to an empty batch, as soon as one is there. */
  async batch(): Promise<Batch> {
    for (;;) {
      const batch = this.#free.pop();
      if (batch !== undefined) return batch;
      await new Promise<void>((resolve) => {
        this.#freed = resolve;
      });
    }
  }

  /** Takes a batch back, which its user has cleared. */
  free(batch: Batch): void {
    this.#free.push(batch);
    this.#freed?.();
  }

  /**
   * Acknowledges a chunk when all its work is done.
   * @param work each resolves to the error that kept some of the chunk from being settled, or to null
   */
  acknowledge(work: readonly Promise<unknown>[], makeAck: () => Ack): void {
    const settled = this.#settle(work, makeAck);
    this.#chunks.add(settled);
    settled.finally(() => this.#chunks.delete(settled));
  }

  /** Resolves when every chunk is acknowledged. */
  async end(): Promise<void> {
    await Promise.all(this.#chunks);
  }

  async #settle(work: readonly Promise<unknown>[], makeAck: () => Ack): Promise<void> {
    // The failure goes first: whoever gets the ack must know already why entries in it are open.
    for (const failure of await Promise.all(work)) if (failure !== null) reportFailure(failure);
    const ack = makeAck();
    send(ack, [ack.outcomes.buffer, ack.seen.buffer]);
  }
}
