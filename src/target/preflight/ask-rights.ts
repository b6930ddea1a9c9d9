import { randomBytes } from 'node:crypto';
import { type ControlClient, replyOf } from '../control.js';
import { ErrorReply } from '../replies.js';
import { operatorErrorOf } from '../reply-errors.js';
import { type Answer, escapePattern, PROBE_KEY, PROBES, type Right, type Rights } from './rights.js';

/** `before`, the sid and `after` make the reader's key. */
interface KeyParts {
  before: string;
  after: string;
}

export interface AskedRights extends Rights {
  /** The error with which the server answered a write that its user may do; empty if it took it. */
  writeReply: string;
}

/**
 * Tries harmless commands in the place of those that a run will send. Nothing is written: the key of the probes does not
 * exist, and is no session's. @throws {OperatorError} where the connection fails or wants a password
 */
export async function askRights(
  client: ControlClient,
  rights: readonly Right[],
  key: KeyParts,
  username: string | undefined,
): Promise<AskedRights> {
  const probeKey = `${key.before}sess2redis:probe:${randomBytes(12).toString('hex')}${key.after}`;
  const answers = new Map<Right, Answer>();
  let writeReply = '';
  for (const right of rights) {
    const words = PROBES[right].map((word) => (word === PROBE_KEY ? probeKey : word));
    const reply = await replyOf(client, words);
    const error = reply instanceof ErrorReply ? reply.text : '';
    if (/^(NOAUTH|WRONGPASS)/.test(error)) throw operatorErrorOf(error);
    answers.set(right, answerOf(error));
    if (right === 'set' && answers.get(right) === 'allowed') writeReply = error;
  }
  const user = await replyOf(client, ['ACL', 'WHOAMI']);
  return {
    answers,
    writeReply,
    user: user instanceof ErrorReply ? (username ?? 'default') : String(user),
    keyPattern: `${escapePattern(key.before)}*${escapePattern(key.after)}`,
  };
}

/** Any other error comes from a command that was let in (redis/src/server.c, processCommand, in this order). */
function answerOf(error: string): Answer {
  if (/^ERR unknown command/i.test(error)) return 'unknown';
  if (!error.startsWith('NOPERM')) return 'allowed';
  return /\bto run\b/.test(error) ? 'no command' : 'no key';
}
