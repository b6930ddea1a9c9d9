import type { ExitCode } from '../exit-codes.js';
import type { Chunk } from '../source/chunk.js';
import type { WaitReason } from '../target/trouble.js';
import type { RejectNote } from './journey.js';
import type { Deletes } from './recorded-batch.js';
import type { Statistics } from './statistics.js';

/**
 * From the main thread to a lane. `end`: settle what is under way, then say good-bye. `give-up`: wait for the target no
 * longer, and say this of what stays open.
 */
export type ToLane =
  | { type: 'chunk'; chunk: Chunk }
  | { type: 'end' }
  | { type: 'give-up'; exitCode: ExitCode; message: string };

/**
 * A chunk that is done: one outcome code per entry (`UNSETTLED` where a failure left it open), in the chunk's order,
 * and what else the main thread counts.
 */
export interface Ack {
  type: 'ack';
  source: number;
  outcomes: Uint8Array<ArrayBuffer>;
  rejects: RejectNote[];
  /** Bytes of the session files read. */
  sourceBytes: number;
  /** Bytes of the values that move. */
  valueBytes: number;
  /** Sessions sent, or that a dry run would have sent. */
  sent: number;
  /** Changed sessions whose copy was gone before its time, and was not made again. */
  withheld: number;
  deletes: Deletes;
  /** Ordinals, in the ledger, of the sessions in the chunk. */
  seen: Uint32Array<ArrayBuffer>;
}

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
