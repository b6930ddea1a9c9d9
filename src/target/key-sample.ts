import { type ControlClient, replyOf } from './control.js';
import { ErrorReply } from './replies.js';

/** Keys that one SCAN asks for: short enough for a busy server, which does nothing else meanwhile. */
const KEYS_PER_SCAN = 500;
const VALUES_PER_TRIP = 50;

/** Some keys of the database that is selected, as SCAN gives them: in no order that means anything. */
export interface KeySample {
  looked: number;
  /** The wanted ones, one character per byte, each once. */
  wanted: Set<string>;
}

/** Which databases hold keys, and how many. @param info the text of INFO keyspace */
export function keyspaceOf(info: string): Map<number, number> {
  const found = new Map<number, number>();
  for (const [, index, keys] of info.matchAll(/^db(\d+):keys=(\d+)/gm)) found.set(Number(index), Number(keys));
  return found;
}

/**
 * Looks at `maxKeys` keys or a few more, and keeps those that `isWanted`. Null where the user may not SCAN.
 * @throws {OperatorError} when the connection fails
 */
export async function sampleKeys(
  client: ControlClient,
  maxKeys: number,
  isWanted: (key: string) => boolean,
): Promise<KeySample | null> {
  const sample: KeySample = { looked: 0, wanted: new Set() };
  let cursor = '0';
  do {
    const page = await scan(client, cursor);
    if (page === null) return null;
    cursor = page.cursor;
    sample.looked += page.keys.length;
    for (const key of page.keys) if (isWanted(key)) sample.wanted.add(key);
  } while (cursor !== '0' && sample.looked < maxKeys);
  return sample;
}

async function scan(client: ControlClient, cursor: string): Promise<{ cursor: string; keys: string[] } | null> {
  // An error reply, which call() would throw as well, is told apart before binary names are asked for.
  const words = ['SCAN', cursor, 'COUNT', String(KEYS_PER_SCAN)];
  if (cursor === '0' && (await replyOf(client, ['SCAN', '0', 'COUNT', '1'])) instanceof ErrorReply) return null;
  const [next, keys] = (await client.callBuffer(words[0] as string, ...words.slice(1))) as [Buffer, Buffer[]];
  return { cursor: String(next), keys: keys.map((key) => key.toString('latin1')) };
}

/** The values at `keys`, one character per byte in each; null where there is none that the user may read as a text. */
export async function valuesAt(client: ControlClient, keys: readonly string[]): Promise<(Buffer | null)[]> {
  const values: (Buffer | null)[] = [];
  for (let start = 0; start < keys.length; start += VALUES_PER_TRIP) {
    const pipeline = client.pipeline();
    for (const key of keys.slice(start, start + VALUES_PER_TRIP)) pipeline.getBuffer(Buffer.from(key, 'latin1'));
    for (const [error, value] of (await pipeline.exec()) ?? []) values.push(error === null ? (value as Buffer) : null);
  }
  return values;
}
