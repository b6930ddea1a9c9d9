import type { KeyTemplate } from '../applications/application.js';
import type { ExitCode } from '../errors.js';
import type { Endpoint } from '../redis/endpoint.js';
import type { Quantum } from '../redis/memory-model.js';
import type { Recipe } from './session-maker.js';

/**
 * What a thread of the benchmark can do with a range of sessions: `load` sets their keys, `touch` looks them up,
 * `remove` deletes the keys, `write` makes their files.
 */
export type TaskName = 'load' | 'touch' | 'remove' | 'write';

/** Sessions `from` to `to`, the last one not included. */
export interface Task {
  name: TaskName;
  from: number;
  to: number;
}

/** What came of a task, or of several. */
export interface Done {
  /** Keys set, found or deleted; files written. */
  count: number;
  keyBytes: number;
  valueBytes: number;
  /** What the model says that the keys take. */
  predictedBytes: number;
}

export type ThreadReply = { done: Done } | { exitCode: ExitCode; message: string };

/** What a thread needs to know, once for all its tasks. Plain data. */
export interface ThreadSettings {
  recipe: Recipe;
  nowMs: number;
  /** Where keys go; null where only files are made. */
  endpoint: Endpoint | null;
  key: KeyTemplate;
  /** No key of the benchmark lives longer than this, epoch milliseconds; most die a little earlier. */
  lastExpiryMs: number;
  quantum: Quantum;
  /** Where files go. */
  directory: string;
}

export function nothingDone(): Done {
  return { count: 0, keyBytes: 0, valueBytes: 0, predictedBytes: 0 };
}

export function addDone(sum: Done, more: Done): void {
  sum.count += more.count;
  sum.keyBytes += more.keyBytes;
  sum.valueBytes += more.valueBytes;
  sum.predictedBytes += more.predictedBytes;
}
