import { createHash } from 'node:crypto';
import type { HashForm } from '../applications/application.js';
import { EXIT, OperatorError } from '../errors.js';
import { DIGEST_DIGITS, type OwnVersion } from '../session.js';
import { Deployment } from './deployment.js';
import type { Endpoint } from './endpoint.js';
import { ErrorReply, type Reply } from './replies.js';
import { type Answer, type Commands, commandsOf, LOST } from './routing.js';
import { operatorErrorOf, Retry } from './trouble.js';
import { encodeCommand } from './wire.js';

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
   * PEXPIRETIME came with Redis 7.0, and managed servers and proxies may refuse it in words of their own: then the rest
   * of the key's life is added to the clock.
   */
  #expiryCommand: 'PEXPIRETIME' | 'PTTL' = 'PEXPIRETIME';

  readonly #target: Deployment;

  /**
   * @param giveUpAfterMs how long a trouble of the target is borne
   * @param hash the form of keys that are hashes, whose value is the field of the session; null for strings
   */
  constructor(
    endpoint: Endpoint,
    giveUpAfterMs = 0,
    readonly hash: HashForm | null = null,
  ) {
    this.#target = new Deployment(endpoint, new Retry(giveUpAfterMs), { isReading: true });
  }

  /**
   * What is at these keys, in their order.
   * @throws {OperatorError} when the target refuses or is given up
   */
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
          // The expiry first: of a key that is saved between the two, it is then too early for the value and never too
          // late.
          { key: bytes, bytes: Buffer.from(expiry + argument) },
          { key: bytes, bytes: encodeCommand(getWords(key, this.hash)) },
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

/** A command that only reads, and the key that it is about. */
interface Question {
  key: string;
  words: readonly string[];
}

/**
 * Asks a target of any topology, on connections of its own, and gives one reply per question, in order. An error reply
 * is given, not thrown, when `mayFail`.
 * @throws {OperatorError} at the first trouble
 */
async function askTarget(endpoint: Endpoint, questions: readonly Question[], mayFail = false): Promise<Reply[]> {
  const deployment = new Deployment(endpoint, new Retry(0), { isReading: true });
  const commands = commandsOf(
    questions.map(({ key, words }) => ({ key: Buffer.from(key), bytes: encodeCommand(words) })),
  );
  try {
    for (;;) {
      const answers: Answer[] = [];
      await deployment.exchange(commands, answers);
      // Asked again after a lost connection, which throws: it is not tried again.
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

export interface StoredValue {
  value: Buffer;
  /** Absolute, epoch milliseconds; null for a key that never expires. */
  expiryMs: number | null;
}

/**
 * What the target holds at `key`, or null.
 * @throws {OperatorError}
 */
export async function lookUp(
  endpoint: Endpoint,
  key: string,
  hash: HashForm | null = null,
): Promise<StoredValue | null> {
  const questions = [getWords(key, hash), ['PEXPIRETIME', key], ['PTTL', key]].map((words) => ({ key, words }));
  const [value, expiryMs, ttlMs] = await askTarget(endpoint, questions, true);
  if (value instanceof ErrorReply) throw operatorErrorOf(value.text, 'GET');
  if (!(value instanceof Buffer)) return null;
  // PEXPIRETIME came with Redis 7.0; before it, the rest of the key's life has to be added to the clock.
  if (typeof expiryMs === 'number') return { value, expiryMs: expiryMs < 0 ? null : expiryMs };
  return { value, expiryMs: typeof ttlMs === 'number' && ttlMs >= 0 ? Date.now() + ttlMs : null };
}

/** What the target holds under some keys. */
export interface KeyCount {
  wanted: number;
  held: number;
  /** Held, with a value that is none of ours. */
  rewritten: number;
}

/**
 * How many of these keys the target holds, asked by GET, which every run may use.
 * @param versions by the place of the key: values of ours
 * @throws {OperatorError}
 */
export async function countKeys(
  endpoint: Endpoint,
  keys: readonly string[],
  versions: readonly (readonly OwnVersion[])[],
  hash: HashForm | null = null,
): Promise<KeyCount> {
  const count: KeyCount = { wanted: keys.length, held: 0, rewritten: 0 };
  if (keys.length === 0) return count;
  const questions = keys.map((key) => ({ key, words: getWords(key, hash) }));
  for (const [at, reply] of (await askTarget(endpoint, questions, true)).entries()) {
    if (reply instanceof ErrorReply && !reply.text.startsWith('WRONGTYPE')) throw operatorErrorOf(reply.text, 'GET');
    if (!(reply instanceof Buffer)) continue;
    count.held++;
    const digest = createHash('sha1').update(reply).digest('hex').slice(0, DIGEST_DIGITS);
    if (versions[at]?.every((version) => version.digest !== digest) === true) count.rewritten++;
  }
  return count;
}

/** What asks for the value at a key. */
function getWords(key: string, hash: HashForm | null): string[] {
  return hash === null ? ['GET', key] : ['HGET', key, hash.own];
}
