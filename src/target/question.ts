import { Deployment } from './deployment.js';
import type { Endpoint } from './endpoint.js';
import { type Answer, commandsOf, LOST } from './exchange.js';
import { Retry } from './patience.js';
import { ErrorReply, type Reply } from './replies.js';
import { operatorErrorOf } from './reply-errors.js';
import { encodeCommand } from './wire.js';

/** A command that only reads, and the key that it is about. */
export interface Question {
  key: string;
  words: readonly string[];
}

/**
 * Asks a target of any topology, on connections of its own, and gives one reply per question, in order. An error reply is
 * given, not thrown, when `mayFail`. @throws {OperatorError} at the first trouble
 */
export async function askTarget(endpoint: Endpoint, questions: readonly Question[], mayFail = false): Promise<Reply[]> {
  const deployment = new Deployment(endpoint, new Retry(0), { isReading: true });
  const commands = commandsOf(
    questions.map(({ key, words }) => ({ key: Buffer.from(key), bytes: encodeCommand(words) })),
  );
  try {
    for (;;) {
      const answers: Answer[] = [];
      await deployment.exchange(commands, answers);
      // Asked again after a lost connection, which throws: there is no patience.
      if (answers.includes(LOST)) continue;
      const replies = answers as Reply[];
      for (const [at, reply] of mayFail ? [] : replies.entries()) {
        if (reply instanceof ErrorReply) throw operatorErrorOf(reply.text, questions[at]?.words[0]);
      }
      return replies;
    }
  } finally {
    deployment.close();
  }
}
