import {
  type EncodedReceipts,
  RECEIPT_BYTES,
  type ReceiptKeeper,
  type ReceiptKeys,
  type ReceiptOrigin,
  ReceiptTable,
} from '../ledger/receipts.js';
import { bytesOf, type ControlClient, connectControl, replyOf } from './control.js';
import type { Endpoint } from './endpoint.js';
import { goToMarkers, markerDatabaseOf } from './marker.js';
import { ErrorReply } from './replies.js';
import { type Answer, commandsOf, type Exchange, LOST } from './routing.js';
import { escapeGlob, Scan } from './scan.js';
import { mastersOf } from './topology.js';
import { operatorErrorOf } from './trouble.js';

/** Keys that one SCAN looks at, and keys of one question. */
const SCAN_COUNT = 1000;
const KEYS_PER_QUESTION = 64;
/** Receipts outlive the copies that they are of by this: clocks differ, and a target may go back. */
const MARGIN_MS = 2 * 86_400_000;
/** A probe goes by itself, where it may not be deleted. */
const PROBE_MS = 60_000;

/** Receipts of one target, as they are found. */
export interface FoundReceipts {
  table: ReceiptTable;
  /** Some may be missing: the server has dropped keys for want of memory, or the user may not look for them. */
  mayLack: boolean;
}

/**
 * Sets a key in another database. What a script selects holds for the script alone, so that the sessions' connection
 * stays where it is (https://redis.io/docs/latest/commands/eval, "Selecting databases"); {@link canKeepReceipts} sees
 * to that.
 */
const SET_APART = "redis.call('SELECT', ARGV[1]) return redis.call('SET', KEYS[1], ARGV[2], 'PXAT', ARGV[3])";

/** Leaves receipts in the target, by the connections of its sessions. */
export class ReceiptWriter implements ReceiptKeeper {
  readonly #database: string;

  constructor(
    readonly exchange: Exchange,
    target: Endpoint,
    readonly share: { run: string; keys: ReceiptKeys },
  ) {
    this.#database = String(markerDatabaseOf(target));
  }

  async keep(pass: number, batch: number, { bytes, lastExpiryMs }: EncodedReceipts): Promise<void> {
    const { run, keys } = this.share;
    const name = `${keys.before}${Date.now().toString(36)}:${run}:${pass}:${batch}${keys.after}`;
    const key = Buffer.from(name);
    const words = ['EVAL', SET_APART, '1', name, this.#database].map(encoded);
    const command = Buffer.concat([
      Buffer.from(`*7\r\n${words.join('')}$${bytes.length}\r\n`),
      bytes,
      Buffer.from(`\r\n${encoded(String(lastExpiryMs + MARGIN_MS))}`),
    ]);
    for (;;) {
      const answers: Answer[] = [];
      await this.exchange.exchange(commandsOf([{ key, bytes: command }]), answers);
      const [answer] = answers;
      if (answer instanceof ErrorReply) throw operatorErrorOf(answer.text, 'EVAL');
      // Sent twice they are the same.
      if (answer !== LOST) return;
    }
  }
}

/**
 * Whether receipts can be left on every master: one is, and can be read again.
 * @throws {OperatorError}
 */
export async function canKeepReceipts(target: Endpoint, { before, after }: ReceiptKeys): Promise<boolean> {
  const name = `${before}probe${after}`;
  for (const server of await mastersOf(target)) {
    const client = await connectControl(server);
    try {
      const endMs = String(Date.now() + PROBE_MS);
      const set = await replyOf(client, ['EVAL', SET_APART, '1', name, String(markerDatabaseOf(target)), '1', endMs]);
      const beside = await replyOf(client, ['GET', name]);
      const isApart =
        !(set instanceof ErrorReply) && beside === null && (await goToMarkers(client, target)) === 'there';
      if (!isApart || (await replyOf(client, ['GET', name])) !== '1') return false;
      await replyOf(client, ['DEL', name]);
    } finally {
      client.disconnect();
    }
  }
  return true;
}

function encoded(word: string): string {
  return `$${Buffer.byteLength(word)}\r\n${word}\r\n`;
}

/**
 * Reads the receipts of all runs over the same sessions, in the order in which they were written.
 * @param isWanted by their round trip
 * @throws {OperatorError} where the target can't be asked
 */
export async function readReceipts(
  target: Endpoint,
  keys: ReceiptKeys,
  isWanted: (origin: ReceiptOrigin) => boolean,
  signal: AbortSignal,
): Promise<FoundReceipts> {
  const found: { atMs: number; origin: ReceiptOrigin; bytes: Buffer }[] = [];
  let isEvicting = false;
  let asked: ControlClient | null = null;
  const areAll = await eachPage(target, keys, async (client, names) => {
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
    if (client === asked) return;
    asked = client;
    const stats = await replyOf(client, ['INFO', 'stats']);
    isEvicting ||= stats instanceof ErrorReply || !/^evicted_keys:0\r?$/m.test(String(stats));
  });
  found.sort((one, other) => one.atMs - other.atMs || one.origin.batch - other.origin.batch);
  const most = found.reduce((sum, { bytes }) => sum + Math.floor(bytes.length / RECEIPT_BYTES), 0);
  const table = new ReceiptTable(most);
  for (const { origin, bytes } of found) table.add(origin, bytes);
  return { table, mayLack: isEvicting || !areAll };
}

/**
 * Takes all receipts away.
 * @throws {OperatorError} where the target can't be asked
 */
export async function dropReceipts(target: Endpoint, keys: ReceiptKeys): Promise<void> {
  await eachPage(target, keys, async (client, names) => {
    for (let start = 0; start < names.length; start += KEYS_PER_QUESTION) {
      await replyOf(client, ['DEL', ...names.slice(start, start + KEYS_PER_QUESTION)]);
    }
  });
}

/**
 * Shows some names at a time; false where not all could be looked for.
 * @throws {OperatorError}
 */
async function eachPage(
  target: Endpoint,
  { before, after }: ReceiptKeys,
  visit: (client: ControlClient, names: readonly string[]) => Promise<void>,
): Promise<boolean> {
  for (const server of await mastersOf(target)) {
    const client = await connectControl(server);
    try {
      if ((await goToMarkers(client, target)) !== 'there') continue;
      const scan = new Scan(client, SCAN_COUNT, `${escapeGlob(before)}*${escapeGlob(after)}`);
      while (!scan.isDone) {
        const names = await scan.next();
        // A user who may not look for receipts has none.
        if (names instanceof ErrorReply) return false;
        await visit(client, names.map(String));
      }
    } finally {
      client.disconnect();
    }
  }
  return true;
}

function originIn(name: string, { before, after }: ReceiptKeys) {
  const middle = name.slice(before.length, name.length - after.length);
  const parts = /^([0-9a-z]{1,10}):([0-9a-f]{1,32}):(\d{1,10}):(\d{1,10})$/.exec(middle);
  if (parts === null) return null;
  const [, at, run, pass, batch] = parts as unknown as [string, string, string, string, string];
  return { name, atMs: Number.parseInt(at, 36), origin: { run, pass: Number(pass), batch: Number(batch) } };
}
