import type { ControlClient } from './control.js';
import { ErrorReply } from './replies.js';
import { Scan } from './scan.js';

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
  const scan = new Scan(client, KEYS_PER_SCAN);
  do {
    const keys = await scan.next();
    if (keys instanceof ErrorReply) return null;
    sample.looked += keys.length;
    for (const bytes of keys) {
      const key = bytes.toString('latin1');
      if (isWanted(key)) sample.wanted.add(key);
    }
  } while (!scan.isDone && sample.looked < maxKeys);
  return sample;
}

/** What is left of the life of each key, in milliseconds; below zero where it has no expiry, is gone, or can't be asked. */
export async function livesAt(client: ControlClient, keys: readonly string[]): Promise<number[]> {
  const lives: number[] = [];
  for (let start = 0; start < keys.length; start += VALUES_PER_TRIP) {
    const pipeline = client.pipeline();
    for (const key of keys.slice(start, start + VALUES_PER_TRIP)) pipeline.pttl(Buffer.from(key, 'latin1'));
    for (const [error, life] of (await pipeline.exec()) ?? [])
      lives.push(error === null && typeof life === 'number' ? life : -1);
  }
  return lives;
}

/** The values at `keys`, one character per byte in each; null where there is none that the user may read as a text. */
export async function valuesAt(client: ControlClient, keys: readonly string[]): Promise<(Buffer | null)[]> {
  const values: (Buffer | null)[] = [];
  for (let start = 0; start < keys.length; start += VALUES_PER_TRIP) {
    const pipeline = client.pipeline();
    for (const key of keys.slice(start, start + VALUES_PER_TRIP)) pipeline.getBuffer(Buffer.from(key, 'latin1'));
    for (const [error, value] of (await pipeline.exec()) ?? [])
      values.push(error === null && value instanceof Buffer ? value : null);
  }
  return values;
}
