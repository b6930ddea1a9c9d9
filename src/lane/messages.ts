import type { Statistics } from '../counts/statistics.js';
import type { Ack } from '../counts/tally.js';
import type { ExitCode } from '../errors.js';
import type { WaitReason } from '../redis/trouble.js';
import type { Chunk } from '../source/chunk.js';

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
