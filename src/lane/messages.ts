import type { ExitCode } from '../exit-codes.js';
import type { Chunk } from '../source/chunk.js';
import type { RejectNote } from './journey.js';
import type { Statistics } from './statistics.js';

/** From the main thread to a lane. `end`: settle what is under way, then say good-bye. */
export type ToLane = { type: 'chunk'; chunk: Chunk } | { type: 'end' };

/**
 * A chunk that is done: one outcome code per entry (`UNSETTLED` where a failure left it open), in the chunk's order,
 * and what else the main thread counts.
 */
export interface Ack {
  type: 'ack';
  outcomes: Uint8Array<ArrayBuffer>;
  rejects: RejectNote[];
  /** Bytes of the session files read. */
  sourceBytes: number;
  /** Bytes of the values that move. */
  valueBytes: number;
  /** Sessions sent, or that a dry run would have sent. */
  sent: number;
}

/** From a lane to the main thread. `failure` is for the operator; a lane that fails otherwise dies of its exception. */
export type FromLane =
  | { type: 'ready' }
  | Ack
  | { type: 'failure'; exitCode: ExitCode; message: string }
  | { type: 'bye'; statistics: Statistics };
