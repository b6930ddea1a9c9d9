import { OperatorError } from '../errors.js';
import { EXIT } from '../exit-codes.js';
import { operatorErrorOf } from './reply-errors.js';

/** Why nothing is sent for a while; the word by which the summary counts the time. */
export type WaitReason =
  | 'reconnecting'
  | 'read-only'
  | 'loading'
  | 'busy'
  | 'memory'
  | 'persistence'
  | 'replicas'
  | 'cluster';

/** Something that passes, or that the operator can end meanwhile. What was refused because of it was not executed. */
export interface Trouble {
  reason: WaitReason;
  error: OperatorError;
  /** The connection leads nowhere good any more. */
  dropsLink: boolean;
}

const REASONS: Readonly<Record<string, readonly [WaitReason, boolean]>> = {
  READONLY: ['read-only', true],
  MASTERDOWN: ['read-only', true],
  LOADING: ['loading', false],
  BUSY: ['busy', false],
  OOM: ['memory', false],
  MISCONF: ['persistence', false],
  NOREPLICAS: ['replicas', false],
  CLUSTERDOWN: ['cluster', false],
  TRYAGAIN: ['cluster', false],
};

/** The trouble that an error reply tells of; null for one that waiting does not change. */
export function troubleOf(reply: string): Trouble | null {
  const word = firstWordOf(reply);
  const [reason, dropsLink] = REASONS[word] ?? [];
  if (reason !== undefined && dropsLink !== undefined) {
    return { reason, error: operatorErrorOf(word === reply.split(' ', 1)[0] ? reply : word), dropsLink };
  }
  if (/^ERR max number of clients/i.test(reply)) return lostConnection(operatorErrorOf(reply));
  return null;
}

/** A connection that broke, or could not be made for a reason that may pass. */
export function lostConnection(error: OperatorError): Trouble {
  return { reason: 'reconnecting', error, dropsLink: true };
}

/** A cluster that does not agree on who has a slot. */
export function unsettledCluster(sentence: string): Trouble {
  return { reason: 'cluster', error: new OperatorError(EXIT.temporary, sentence), dropsLink: false };
}

/** Before 7.0 an error inside a script comes as `ERR Error running script ... -OOM command not allowed ...`. */
function firstWordOf(reply: string): string {
  const inner = /^ERR Error running script.*?-([A-Z]+) /.exec(reply)?.[1];
  return inner ?? (reply.split(' ', 1)[0] as string);
}
