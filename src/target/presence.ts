import type { Endpoint } from './endpoint.js';
import { askTarget } from './question.js';
import { ErrorReply } from './replies.js';
import { operatorErrorOf } from './reply-errors.js';

/** How many of these keys the target holds, asked by GET, which every run may use. @throws {OperatorError} */
export async function countHeld(endpoint: Endpoint, keys: readonly string[]): Promise<number> {
  if (keys.length === 0) return 0;
  const questions = keys.map((key) => ({ key, words: ['GET', key] }));
  let held = 0;
  for (const reply of await askTarget(endpoint, questions, true)) {
    if (reply instanceof Buffer) held++;
    else if (reply instanceof ErrorReply && !reply.text.startsWith('WRONGTYPE'))
      throw operatorErrorOf(reply.text, 'GET');
  }
  return held;
}
