import type { HashForm } from '../applications/application.js';
import { EXIT, OperatorError } from '../errors.js';
import { bytesOf, type ControlClient, connectControl, replyOf } from './control.js';
import type { Endpoint, Server } from './endpoint.js';
import { KeyReader, type StoredKey } from './reader.js';
import { ErrorReply } from './replies.js';
import { mastersOf } from './topology.js';
import { operatorErrorOf } from './trouble.js';

/**
 * Calls of SCAN that a server gets beyond those that its keys explain: a table that held many more keys a moment ago is
 * as long as it was, and most of it is empty.
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

  /**
   * @param count keys that one call looks at, roughly
   * @param pattern Redis's glob; null for all keys
   */
  constructor(
    readonly client: ControlClient,
    readonly count: number,
    readonly pattern: string | null = null,
  ) {}

  /**
   * The next page, or the error with which the server refused it.
   * @throws {OperatorError} for an answer that is none
   */
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

/**
 * Slots that one SCAN looks at: Redis serves other clients between two calls, and a thousand take it well below 1 ms.
 */
const SCAN_COUNT = 1000;

/**
 * Yields all keys that begin with `before` and end with `after`, some hundred at a time, and holds no more. A key that
 * is there all the while is among them at least once, and twice where Redis resizes its table meanwhile (SCAN's
 * guarantees).
 * @throws {OperatorError}
 */
export async function* scanKeys(endpoint: Endpoint, before: string, after: string): AsyncGenerator<string[]> {
  for (const server of await mastersOf(endpoint)) yield* scanServer(server, before, after);
}

async function* scanServer(server: Server, before: string, after: string): AsyncGenerator<string[]> {
  const client = await connectControl(server);
  const scan = new Scan(client, SCAN_COUNT, `${escapeGlob(before)}*${escapeGlob(after)}`);
  try {
    while (!scan.isDone) {
      const keys = await scan.next();
      if (keys instanceof ErrorReply) throw operatorErrorOf(keys.text, 'SCAN');
      yield keys.map(String);
    }
  } finally {
    client.disconnect();
  }
}

/** Takes the meaning from what Redis would read as a pattern (redis/src/util.c, stringmatchlen). */
export function escapeGlob(text: string): string {
  return text.replace(/[\\*?[\]^-]/g, '\\$&');
}

/** Keys that are remembered for certain; twice as many at most. Some 150 bytes each. */
const GENERATION = 50_000;

/**
 * Tells the keys that SCAN gives a second time. It does so where a hash table shrinks under it, and then with keys of
 * the buckets that it is just at (redis/src/dict.c, dictScan: all that fall into one bucket of the smaller table are
 * visited in a row), so that a window of the latest keys finds them and memory stays flat. A key that comes again later
 * than that counts once more.
 */
export class RecentKeys {
  #current = new Set<string>();
  #previous = new Set<string>();

  constructor(readonly generation = GENERATION) {}

  /** Whether the key was seen a short while ago; remembers it. */
  isRepeated(key: string): boolean {
    if (this.#current.has(key) || this.#previous.has(key)) return true;
    if (this.#current.size === this.generation) {
      this.#previous = this.#current;
      this.#current = new Set();
    }
    this.#current.add(key);
    return false;
  }
}

/** Keys and, at the same places, what the target holds there; null where the value was not wanted. */
export interface KeyPage {
  keys: string[];
  held: (StoredKey | null)[];
}

/** Which keys to read, and how. */
export interface PageOptions {
  /** What stands around the sid in the keys. */
  before: string;
  after: string;
  /** Keys on a page, at most; asked before each page. */
  size: () => number;
  /** Whether the value of this key is to be read. */
  wants: (key: string) => boolean;
}

/** Reads what a target holds, page by page, each key once. Holds two pages, whatever the number of keys. */
export class KeyPages {
  readonly #reader: KeyReader;

  /** @param giveUpAfterMs how long a trouble of the target is borne */
  constructor(
    readonly endpoint: Endpoint,
    giveUpAfterMs = 0,
    hash: HashForm | null = null,
  ) {
    this.#reader = new KeyReader(endpoint, giveUpAfterMs, hash);
  }

  /**
   * Yields a page while the one behind it is on its way.
   * @throws {OperatorError} when the target refuses or is lost
   */
  async *pages(options: PageOptions): AsyncGenerator<KeyPage> {
    const pages = this.#inTurn(options);
    let next = pages.next();
    try {
      for (;;) {
        const { value, done } = await next;
        if (done) return;
        next = pages.next();
        // Looked at in its turn; nobody may be waiting for it when it fails.
        next.catch(() => {});
        yield value;
      }
    } finally {
      await pages.return(undefined);
    }
  }

  /**
   * What is at these keys now.
   * @throws {OperatorError}
   */
  again(keys: readonly string[]): Promise<StoredKey[]> {
    return this.#reader.read(keys);
  }

  /** Ends every wait for the target with this error. */
  interrupt(error: OperatorError): void {
    this.#reader.interrupt(error);
  }

  close(): void {
    this.#reader.close();
  }

  async *#inTurn({ before, after, size, wants }: PageOptions): AsyncGenerator<KeyPage> {
    const recent = new RecentKeys();
    for await (const scanned of scanKeys(this.endpoint, before, after)) {
      const keys = scanned.filter((key) => !recent.isRepeated(key));
      while (keys.length > 0) yield this.#page(keys.splice(0, size()), wants);
    }
  }

  async #page(keys: string[], wants: (key: string) => boolean): Promise<KeyPage> {
    const wanted = keys.map(wants);
    const read = await this.again(keys.filter((_, i) => wanted[i]));
    let next = 0;
    return { keys, held: wanted.map((isWanted) => (isWanted ? (read[next++] ?? null) : null)) };
  }
}
