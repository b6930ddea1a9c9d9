import type { OperatorError } from '../errors.js';
import { UNSETTLED } from '../session.js';
import { CODE, type WriteBatch } from './batch.js';
import { ErrorReply, type Reply } from './replies.js';
import { operatorErrorOf } from './reply-errors.js';
import { LostReplies, type Wire } from './wire.js';

/**
 * Takes batches to the target and gives each session in them its outcome. After a rejection the outcomes that are
 * known stand in the batch, the others are `UNSETTLED`.
 */
export interface SessionWriter {
  settle(batch: WriteBatch): Promise<void>;
  close(): void;
}

/** What `--dry-run` and `audit` use: everything would be written, nothing is sent. */
export const dryRunWriter: SessionWriter = {
  async settle(batch) {
    batch.outcome.fill(CODE.written, 0, batch.count);
  },
  close() {},
};

/** What to do with a key that exists: `keep` it, Odoo's word wins, or `overwrite` it with the file's. */
export type Conflict = 'keep' | 'overwrite';

/** Writes absent keys; looks at present ones to tell our own value from another's. */
export class RedisWriter implements SessionWriter {
  constructor(
    readonly wire: Wire,
    readonly conflict: Conflict,
  ) {}

  /** @throws {OperatorError} when the server refuses a write or the connection breaks */
  async settle(batch: WriteBatch): Promise<void> {
    const present = await this.#setAbsent(batch);
    if (present.length === 0) return;
    await this.#compare(batch, present);
    if (this.conflict === 'overwrite') await this.#overwrite(batch, present);
  }

  close(): void {
    this.wire.close();
  }

  /** Sends the batch; returns the sessions whose key was there already. */
  async #setAbsent(batch: WriteBatch): Promise<number[]> {
    const present: number[] = [];
    await this.#exchange(batch.bytes.view(), batch.count, (reply, index) => {
      if (reply === true) batch.outcome[index] = CODE.written;
      else if (reply === null) present.push(index);
      else return false;
      return true;
    });
    return present;
  }

  /** `same` where the key holds our very value; `kept` for any other, also one that expired or was deleted just now. */
  async #compare(batch: WriteBatch, present: readonly number[]): Promise<void> {
    const commands: Uint8Array[] = [];
    for (const index of present) {
      const key = batch.key(index);
      commands.push(Buffer.from(`*2\r\n$3\r\nGET\r\n$${key.length}\r\n`), key, CRLF);
    }
    await this.#exchange(Buffer.concat(commands), present.length, (reply, position) => {
      const index = present[position] as number;
      if (reply instanceof Buffer) batch.outcome[index] = reply.equals(batch.value(index)) ? CODE.same : CODE.kept;
      else if (reply === null || isWrongType(reply)) batch.outcome[index] = CODE.kept;
      else return false;
      return true;
    });
  }

  /** Sets key, value and expiry whatever is there. */
  async #overwrite(batch: WriteBatch, present: readonly number[]): Promise<void> {
    const wasSame = present.map((index) => batch.outcome[index] === CODE.same);
    const commands: Uint8Array[] = [];
    for (const index of present) {
      // From here on the key may be replaced, and only the reply says whether it was.
      batch.outcome[index] = UNSETTLED;
      const key = batch.key(index);
      const value = batch.value(index);
      const expiry = String(batch.expiryMs[index]);
      commands.push(
        Buffer.from(`*5\r\n$3\r\nSET\r\n$${key.length}\r\n`),
        key,
        Buffer.from(`\r\n$${value.length}\r\n`),
        value,
        Buffer.from(`\r\n$4\r\nPXAT\r\n$${expiry.length}\r\n${expiry}\r\n`),
      );
    }
    await this.#exchange(Buffer.concat(commands), present.length, (reply, position) => {
      if (reply !== true) return false;
      batch.outcome[present[position] as number] = wasSame[position] ? CODE.same : CODE.updated;
      return true;
    });
  }

  /**
   * Sends commands and hands every reply to `take`, which returns false for one it can't use. Replies that came before
   * a failure are taken too. @throws {OperatorError} for the first reply that can't be used, or the lost connection
   */
  async #exchange(bytes: Uint8Array, expected: number, take: (reply: Reply, index: number) => boolean): Promise<void> {
    let failure: OperatorError | null = null;
    let replies: Reply[];
    try {
      replies = await this.wire.request(bytes, expected);
    } catch (error) {
      if (!(error instanceof LostReplies)) throw error;
      replies = error.replies;
      failure = error;
    }
    for (const [index, reply] of replies.entries()) {
      if (!take(reply, index)) {
        failure ??= operatorErrorOf(reply instanceof ErrorReply ? reply.text : 'an unexpected reply');
      }
    }
    if (failure !== null) throw failure;
  }
}

const CRLF = Buffer.from('\r\n');

function isWrongType(reply: Reply): boolean {
  return reply instanceof ErrorReply && reply.text.startsWith('WRONGTYPE');
}
