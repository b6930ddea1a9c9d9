import { OperatorError } from '../errors.js';
import { EXIT } from '../exit-codes.js';
import { Deployment } from './deployment.js';
import type { Endpoint } from './endpoint.js';
import { type Answer, type Commands, commandsOf, LOST } from './exchange.js';
import { Retry } from './patience.js';
import { ErrorReply, type Reply } from './replies.js';
import { operatorErrorOf } from './reply-errors.js';

/** What the target holds at a key. */
export interface StoredKey {
  /** Null where there is no key. */
  value: Buffer | null;
  /** The key is a list, a hash or the like: no reader of sessions can use it. */
  isOtherType: boolean;
  /** Absolute, epoch milliseconds; Infinity for a key that never expires. */
  expiryMs: number;
  /** The expiry may be this much earlier: more than 0 only where the server tells no moments (Redis before 7.0). */
  slackMs: number;
}

const ABSENT: StoredKey = { value: null, isOtherType: false, expiryMs: 0, slackMs: 0 };
const NO_KEY = -2;
const NO_EXPIRY = -1;

/**
 * Reads keys with their expiries in batches, and writes nothing. On Redis 7.2 and later reading leaves no trace on what
 * an eviction policy goes by (`CLIENT NO-TOUCH`); an older server counts each key as used.
 */
export class KeyReader {
  /**
   * PEXPIRETIME came with Redis 7.0, and managed servers and proxies may refuse it in words of their own: then the rest of the
   * key's life is added to the clock.
   */
  #expiryCommand: 'PEXPIRETIME' | 'PTTL' = 'PEXPIRETIME';

  readonly #target: Deployment;

  /** @param giveUpAfterMs how long a trouble of the target is borne */
  constructor(endpoint: Endpoint, giveUpAfterMs = 0) {
    this.#target = new Deployment(endpoint, new Retry(giveUpAfterMs), { isReading: true });
  }

  /** What is at these keys, in their order. @throws {OperatorError} when the target refuses or is given up */
  async read(keys: readonly string[]): Promise<StoredKey[]> {
    if (keys.length === 0) return [];
    const askedMs = Date.now();
    const replies = await this.#ask(this.#questionsAbout(keys));
    if (this.#expiryCommand === 'PEXPIRETIME' && replies[0] instanceof ErrorReply) {
      this.#expiryCommand = 'PTTL';
      return this.read(keys);
    }
    const answeredMs = Date.now();
    const isMoment = this.#expiryCommand === 'PEXPIRETIME';
    const [baseMs, slackMs] = isMoment ? [0, 0] : [answeredMs, answeredMs - askedMs];
    return keys.map((_, i) => heldFrom(replies[2 * i + 1] as Reply, replies[2 * i] as Reply, baseMs, slackMs));
  }

  /** Ends every wait for the target with this error. */
  interrupt(error: OperatorError): void {
    this.#target.interrupt(error);
  }

  close(): void {
    this.#target.close();
  }

  /** Reading can be repeated: what was lost with a connection is asked again, and only that. */
  async #ask(commands: Commands): Promise<Reply[]> {
    const replies: Reply[] = [];
    let open = Array.from({ length: commands.count }, (_, index) => index);
    while (open.length > 0) {
      const asked = open.map((index) => ({ key: commands.key(index), bytes: commands.command(index) }));
      const answers: Answer[] = [];
      await this.#target.exchange(open.length === commands.count ? commands : commandsOf(asked), answers);
      open.forEach((index, at) => {
        const answer = answers[at] as Answer;
        if (answer !== LOST) replies[index] = answer;
      });
      open = open.filter((_, at) => answers[at] === LOST);
    }
    return replies;
  }

  #questionsAbout(keys: readonly string[]): Commands {
    const expiry = `*2\r\n$${this.#expiryCommand.length}\r\n${this.#expiryCommand}\r\n`;
    return commandsOf(
      keys.flatMap((key) => {
        const argument = `$${Buffer.byteLength(key)}\r\n${key}\r\n`;
        const bytes = Buffer.from(key);
        return [
          // The expiry first: of a key that is saved between the two, it is then too early for the value and never too late.
          { key: bytes, bytes: Buffer.from(expiry + argument) },
          { key: bytes, bytes: Buffer.from(`*2\r\n$3\r\nGET\r\n${argument}`) },
        ];
      }),
    );
  }
}

function heldFrom(value: Reply, expiry: Reply, baseMs: number, slackMs: number): StoredKey {
  const isOtherType = value instanceof ErrorReply && value.text.startsWith('WRONGTYPE');
  if (value instanceof ErrorReply && !isOtherType) throw readError(value, 'GET');
  if (typeof expiry !== 'number') throw readError(expiry, 'PTTL');
  // A key may go between the two commands.
  if ((value === null && !isOtherType) || expiry === NO_KEY) return ABSENT;
  const expiryMs = expiry === NO_EXPIRY ? Number.POSITIVE_INFINITY : baseMs + expiry;
  return { value: value instanceof Buffer ? value : null, isOtherType, expiryMs, slackMs };
}

function readError(reply: Reply, command: string): OperatorError {
  if (reply instanceof ErrorReply && reply.text.startsWith('NOPERM')) {
    const sentence = 'the user may not do this: grant it +get +pexpiretime +scan +select +info on these keys';
    return new OperatorError(EXIT.permission, `${sentence} (it said NOPERM)`);
  }
  if (reply instanceof ErrorReply) return operatorErrorOf(reply.text, command);
  return new OperatorError(EXIT.refused, `the server's answer to ${command} is none that Redis gives`);
}
