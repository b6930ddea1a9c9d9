import type { OperatorError } from '../errors.js';
import type { Endpoint } from './endpoint.js';
import { KeyReader, type StoredKey } from './held.js';
import { scanKeys } from './key-scan.js';
import { RecentKeys } from './recent-keys.js';

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
  ) {
    this.#reader = new KeyReader(endpoint, giveUpAfterMs);
  }

  /** Yields a page while the one behind it is on its way. @throws {OperatorError} when the target refuses or is lost */
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

  /** What is at these keys now. @throws {OperatorError} */
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
