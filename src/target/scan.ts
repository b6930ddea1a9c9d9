import { OperatorError } from '../errors.js';
import { EXIT } from '../exit-codes.js';
import { bytesOf, type ControlClient, replyOf } from './control.js';
import { ErrorReply } from './replies.js';

/**
 * Calls of SCAN that a server gets beyond those that its keys explain: a table that held many more keys a moment ago is as
 * long as it was, and most of it is empty.
 */
const CALLS_FOR_NOTHING = 50_000;
/** Where it does not say how many keys it holds. */
const CALLS_AT_MOST = 5_000_000;
/** Redis rounds COUNT by what one bucket holds, and its table grows while it is looked through. */
const CALLS_PER_PAGE = 20;

/** Looks through the keys of one server, page by page, and ends also where the server would go on for ever. */
export class Scan {
  #cursor = '0';
  #calls = 0;
  #mostCalls = 0;
  isDone = false;

  /** @param count keys that one call looks at, roughly @param pattern Redis's glob; null for all keys */
  constructor(
    readonly client: ControlClient,
    readonly count: number,
    readonly pattern: string | null = null,
  ) {}

  /** The next page, or the error with which the server refused it. @throws {OperatorError} for an answer that is none */
  async next(): Promise<readonly Buffer[] | ErrorReply> {
    if (this.#mostCalls === 0) this.#mostCalls = await this.#bound();
    const matching = this.pattern === null ? [] : ['MATCH', this.pattern];
    const reply = await bytesOf(this.client, ['SCAN', this.#cursor, ...matching, 'COUNT', String(this.count)]);
    if (reply instanceof ErrorReply) return reply;
    const page = pageIn(reply);
    if (page === null) throw noScan('its answer to SCAN is none that Redis gives');
    const isStuck = page.cursor === this.#cursor && page.cursor !== '0';
    if (isStuck || ++this.#calls > this.#mostCalls) throw noScan('SCAN does not come to an end there');
    this.#cursor = page.cursor;
    this.isDone = page.cursor === '0';
    return page.keys;
  }

  async #bound(): Promise<number> {
    const keys = await replyOf(this.client, ['DBSIZE']);
    if (typeof keys !== 'number') return CALLS_AT_MOST;
    return CALLS_FOR_NOTHING + Math.ceil(keys / this.count) * CALLS_PER_PAGE;
  }
}

function pageIn(reply: unknown): { cursor: string; keys: Buffer[] } | null {
  if (!Array.isArray(reply) || reply.length !== 2) return null;
  const [cursor, keys] = reply as [unknown, unknown];
  if (!/^\d{1,20}$/.test(String(cursor)) || !Array.isArray(keys)) return null;
  return keys.every((key) => key instanceof Buffer) ? { cursor: String(cursor), keys } : null;
}

function noScan(reason: string): OperatorError {
  return new OperatorError(
    EXIT.refused,
    `the server's keys can't be listed: ${reason}, look at what stands before Redis`,
  );
}
