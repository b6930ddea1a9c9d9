import { createHash } from 'node:crypto';
import { DIGEST_DIGITS, type OwnVersion } from '../session.js';
import type { Endpoint } from './endpoint.js';
import { askTarget } from './question.js';
import { ErrorReply } from './replies.js';
import { operatorErrorOf } from './reply-errors.js';

/** What the target holds under some keys. */
export interface KeyCount {
  wanted: number;
  held: number;
  /** Held, with a value that is none of ours. */
  rewritten: number;
}

/**
 * How many of these keys the target holds, asked by GET, which every run may use. @param versions by the place of the key:
 * values of ours
 * @throws {OperatorError}
 */
export async function countKeys(
  endpoint: Endpoint,
  keys: readonly string[],
  versions: readonly (readonly OwnVersion[])[],
): Promise<KeyCount> {
  const count: KeyCount = { wanted: keys.length, held: 0, rewritten: 0 };
  if (keys.length === 0) return count;
  const questions = keys.map((key) => ({ key, words: ['GET', key] }));
  for (const [at, reply] of (await askTarget(endpoint, questions, true)).entries()) {
    if (reply instanceof ErrorReply && !reply.text.startsWith('WRONGTYPE')) throw operatorErrorOf(reply.text, 'GET');
    if (!(reply instanceof Buffer)) continue;
    count.held++;
    const digest = createHash('sha1').update(reply).digest('hex').slice(0, DIGEST_DIGITS);
    if (versions[at]?.every((version) => version.digest !== digest) === true) count.rewritten++;
  }
  return count;
}
