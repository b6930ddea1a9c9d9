import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import { OperatorError } from '../errors.js';
import {
  addDone,
  type Done,
  nothingDone,
  type Task,
  type TaskName,
  type ThreadReply,
  type ThreadSettings,
} from './task.js';

/** Sessions that a thread is given at a time: some hundredths of a second of work, so that an end comes soon. */
const RANGE = 2000;
/** More threads than Redis needs to be busy would only take turns. */
const MAX_THREADS = 4;

/** What a run over a range of sessions is told. */
export interface RangeOptions {
  /** Asked before each part of the work. */
  mayGoOn: () => boolean;
  /** Told before a part is begun: no session from `to` on has been touched. */
  begins: (to: number) => void;
  progress: (count: number) => void;
}

/** How far it came: sessions `from` to `reached` are done, no other is. */
export interface RangeResult extends Done {
  reached: number;
}

/** The threads that make sessions; they share each range between them. */
export class BenchThreads {
  readonly #threads: Worker[];

  constructor(settings: ThreadSettings) {
    const count = Math.min(MAX_THREADS, Math.max(2, availableParallelism()));
    const url = new URL('./thread.js', import.meta.url);
    this.#threads = Array.from({ length: count }, () => new Worker(url, { workerData: settings }));
    // A thread that dies idle would end the process; one that dies at work rejects its task.
    for (const thread of this.#threads) thread.on('error', () => {});
  }

  /**
   * Does `name` to sessions `from` to `to`.
   * @throws {OperatorError} for the first part that failed
   */
  async run(name: TaskName, from: number, to: number, options: Partial<RangeOptions> = {}): Promise<RangeResult> {
    const sum = { ...nothingDone(), reached: from };
    let failure: unknown = null;
    const takeTurns = async (thread: Worker): Promise<void> => {
      while (sum.reached < to && failure === null && options.mayGoOn?.() !== false) {
        const first = sum.reached;
        sum.reached = Math.min(to, first + RANGE);
        options.begins?.(sum.reached);
        try {
          addDone(sum, await ask(thread, { name, from: first, to: sum.reached }));
          options.progress?.(sum.count);
        } catch (error) {
          failure ??= error;
        }
      }
    };
    await Promise.all(this.#threads.map(takeTurns));
    if (failure !== null) throw failure;
    return sum;
  }

  async end(): Promise<void> {
    await Promise.all(this.#threads.map((thread) => thread.terminate()));
  }
}

function ask(thread: Worker, task: Task): Promise<Done> {
  return new Promise((resolve, reject) => {
    const settle = (act: () => void) => {
      thread.off('message', take);
      thread.off('error', fail);
      act();
    };
    const take = (reply: ThreadReply) =>
      settle(() => ('done' in reply ? resolve(reply.done) : reject(new OperatorError(reply.exitCode, reply.message))));
    const fail = (error: Error) => settle(() => reject(error));
    thread.on('message', take);
    thread.on('error', fail);
    thread.postMessage(task);
  });
}
