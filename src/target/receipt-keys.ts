import type { OperatorError } from '../errors.js';
import {
  type EncodedReceipts,
  RECEIPT_BYTES,
  type ReceiptKeeper,
  type ReceiptKeys,
  type ReceiptOrigin,
  ReceiptTable,
} from '../receipts.js';
import { bytesOf, type ControlClient, connectControl, replyOf } from './control.js';
import { Deployment } from './deployment.js';
import type { Endpoint } from './endpoint.js';
import { type Answer, commandsOf, LOST } from './exchange.js';
import { escapeGlob } from './key-scan.js';
import { goToMarkers, markerDatabaseOf } from './marker.js';
import { mastersOf } from './masters.js';
import { Patience } from './patience.js';
import { ErrorReply } from './replies.js';
import { operatorErrorOf } from './reply-errors.js';
import { Scan } from './scan.js';

/** Keys that one SCAN looks at, and keys of one question. */
const SCAN_COUNT = 1000;
const KEYS_PER_QUESTION = 64;
/** Receipts outlive the copies that they are of by this: clocks differ, and a target may go back. */
const MARGIN_MS = 2 * 86_400_000;

/** Receipts of one target, as they are found. */
export interface FoundReceipts {
  table: ReceiptTable;
  /** The server has dropped keys for want of memory: some of them may have been receipts. */
  isEvicting: boolean;
}

/** Leaves receipts in the target, on a connection of its own. */
export class ReceiptWriter implements ReceiptKeeper {
  readonly #deployment: Deployment;

  constructor(
    target: Endpoint,
    readonly share: { run: string; keys: ReceiptKeys },
    giveUpAfterMs: number,
  ) {
    const apart = { ...target, databaseIndex: markerDatabaseOf(target) };
    this.#deployment = new Deployment(apart, new Patience(giveUpAfterMs));
  }

  async keep(pass: number, batch: number, { bytes: receipts, lastExpiryMs }: EncodedReceipts): Promise<void> {
    const { run, keys } = this.share;
    const { before, after } = keys;
    const name = `${before}${Date.now().toString(36)}:${run}:${pass}:${batch}${after}`;
    const key = Buffer.from(name);
    const expiry = String(lastExpiryMs + MARGIN_MS);
    const bytes = Buffer.concat([
      Buffer.from(`*5\r\n$3\r\nSET\r\n$${key.length}\r\n${name}\r\n$${receipts.length}\r\n`),
      receipts,
      Buffer.from(`\r\n$4\r\nPXAT\r\n$${expiry.length}\r\n${expiry}\r\n`),
    ]);
    for (;;) {
      const answers: Answer[] = [];
      await this.#deployment.exchange(commandsOf([{ key, bytes }]), answers);
      const [answer] = answers;
      if (answer instanceof ErrorReply) throw operatorErrorOf(answer.text, 'SET');
      // Sent twice they are the same.
      if (answer !== LOST) return;
    }
  }

  interrupt(error: OperatorError): void {
    this.#deployment.interrupt(error);
  }

  close(): void {
    this.#deployment.close();
  }
}

/**
 * Reads the receipts of all runs over the same sessions, in the order in which they were written. @param isWanted by their
 * round trip @throws {OperatorError} where the target can't be asked
 */
export async function readReceipts(
  target: Endpoint,
  keys: ReceiptKeys,
  isWanted: (origin: ReceiptOrigin) => boolean,
  signal: AbortSignal,
): Promise<FoundReceipts> {
  const found: { atMs: number; origin: ReceiptOrigin; bytes: Buffer }[] = [];
  let isEvicting = false;
  await eachPage(target, keys, async (client, names) => {
    signal.throwIfAborted();
    const wanted = names.flatMap((name) => originIn(name, keys) ?? []).filter(({ origin }) => isWanted(origin));
    for (let start = 0; start < wanted.length; start += KEYS_PER_QUESTION) {
      const some = wanted.slice(start, start + KEYS_PER_QUESTION);
      const values = await Promise.all(some.map(({ name }) => bytesOf(client, ['GET', name])));
      for (const [i, { atMs, origin }] of some.entries()) {
        const bytes = values[i];
        if (bytes instanceof ErrorReply) throw operatorErrorOf(bytes.text, 'GET');
        if (bytes instanceof Buffer) found.push({ atMs, origin, bytes });
      }
    }
    const stats = await replyOf(client, ['INFO', 'stats']);
    isEvicting ||= stats instanceof ErrorReply || !/^evicted_keys:0\r?$/m.test(String(stats));
  });
  found.sort((one, other) => one.atMs - other.atMs || one.origin.batch - other.origin.batch);
  const most = found.reduce((sum, { bytes }) => sum + Math.floor(bytes.length / RECEIPT_BYTES), 0);
  const table = new ReceiptTable(most);
  for (const { origin, bytes } of found) table.add(origin, bytes);
  return { table, isEvicting };
}

/** Takes all receipts away. @throws {OperatorError} where the target can't be asked */
export async function dropReceipts(target: Endpoint, keys: ReceiptKeys): Promise<void> {
  await eachPage(target, keys, async (client, names) => {
    for (let start = 0; start < names.length; start += KEYS_PER_QUESTION) {
      await replyOf(client, ['DEL', ...names.slice(start, start + KEYS_PER_QUESTION)]);
    }
  });
}

async function eachPage(
  target: Endpoint,
  { before, after }: ReceiptKeys,
  visit: (client: ControlClient, names: readonly string[]) => Promise<void>,
): Promise<void> {
  for (const server of await mastersOf(target)) {
    const client = await connectControl(server);
    try {
      if ((await goToMarkers(client, target)) !== 'there') continue;
      const scan = new Scan(client, SCAN_COUNT, `${escapeGlob(before)}*${escapeGlob(after)}`);
      while (!scan.isDone) {
        const names = await scan.next();
        if (names instanceof ErrorReply) throw operatorErrorOf(names.text, 'SCAN');
        await visit(client, names.map(String));
      }
    } finally {
      client.disconnect();
    }
  }
}

function originIn(name: string, { before, after }: ReceiptKeys) {
  const middle = name.slice(before.length, name.length - after.length);
  const parts = /^([0-9a-z]{1,10}):([0-9a-f]{1,32}):(\d{1,10}):(\d{1,10})$/.exec(middle);
  if (parts === null) return null;
  const [, at, run, pass, batch] = parts as unknown as [string, string, string, string, string];
  return { name, atMs: Number.parseInt(at, 36), origin: { run, pass: Number(pass), batch: Number(batch) } };
}
