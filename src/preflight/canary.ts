import { randomBytes } from 'node:crypto';
import type { HashForm } from '../applications/application.js';
import type { ControlClient } from '../redis/control.js';

/** Sizes of one key and its value, in bytes. */
export interface EntrySize {
  keyBytes: number;
  valueBytes: number;
}

/** Even an accident leaves nothing for longer. */
const EXPIRY_MS = 10_000;
/** What all canaries together may weigh. */
const MAX_BYTES = 2 ** 20;
const MAX_CANARIES = 300;
/** Tries at a name that a given master of a cluster is responsible for. */
const MAX_NAMES = 64;
const WRONG_NODE = /^(MOVED|ASK|CROSSSLOT)|\b(MOVED|CROSSSLOT)\b/;

/**
 * Asks a server what entries of these sizes take, by having some: they are set, weighed and removed again in one
 * transaction, so no other client ever sees them and a crash of either side leaves nothing behind. Their names are no
 * reader's, and they hold filler of the sessions' sizes, as memory depends on nothing else.
 *
 * Weighed by MEMORY USAGE: the difference of used_memory is useless for so few (measured: commands that wait in a
 * transaction already hold their values, and outside one other clients' buffers weigh as much as the canaries).
 *
 * @param hash the form of keys that are hashes; null for strings
 * @returns the ratio between what they weigh and what `expected` says, or null where the server does not let us
 */
export async function weighCanary(
  client: ControlClient,
  sizes: readonly EntrySize[],
  expected: (size: EntrySize) => number,
  hash: HashForm | null = null,
): Promise<number | null> {
  const chosen = smallEnough(sizes);
  if (chosen.length === 0) return null;
  for (let tries = 0; tries < MAX_NAMES; tries++) {
    const weights = await weigh(client, chosen, hash);
    if (weights === 'elsewhere') continue;
    if (weights === null) return null;
    const model = chosen.reduce((sum, size) => sum + expected(size), 0);
    return weights.reduce((sum, weight) => sum + weight, 0) / model;
  }
  return null;
}

async function weigh(
  client: ControlClient,
  sizes: readonly EntrySize[],
  hash: HashForm | null,
): Promise<number[] | 'elsewhere' | null> {
  const keys = canaryKeys(sizes);
  const transaction = client.multi();
  sizes.forEach(({ valueBytes }, i) => {
    const [key, filler] = [keys[i] as string, Buffer.alloc(valueBytes, 'x')];
    if (hash === null) transaction.set(key, filler, 'PX', EXPIRY_MS, 'NX');
    else transaction.call('HSET', key, hash.own, filler, ...hash.others);
  });
  for (const key of keys) transaction.call('MEMORY', 'USAGE', key);
  for (const key of keys) transaction.call('DEL', key);
  let replies: [Error | null, unknown][] | null;
  try {
    replies = await transaction.exec();
  } catch (error) {
    return reasonsOf(error).some((reason) => WRONG_NODE.test(reason)) ? 'elsewhere' : null;
  }
  const weights = (replies ?? []).slice(sizes.length, 2 * sizes.length).map(([, weight]) => weight);
  const isWhole = weights.length === sizes.length && weights.every((weight) => typeof weight === 'number');
  return isWhole ? (weights as number[]) : null;
}

/** Names of the sessions' lengths, all in one slot of a cluster. */
function canaryKeys(sizes: readonly EntrySize[]): string[] {
  const tag = randomBytes(4).toString('hex');
  return sizes.map(({ keyBytes }, i) => `sess2redis:canary:{${tag}}:${i}`.padEnd(keyBytes, '.'));
}

function smallEnough(sizes: readonly EntrySize[]): EntrySize[] {
  let bytes = 0;
  return sizes.slice(0, MAX_CANARIES).filter(({ keyBytes, valueBytes }) => {
    if (bytes + keyBytes + valueBytes > MAX_BYTES) return false;
    bytes += keyBytes + valueBytes;
    return true;
  });
}

/** What the server said of a transaction that it refused, and of the commands in it. */
function reasonsOf(error: unknown): string[] {
  const { message, previousErrors } = error as Error & { previousErrors?: Error[] };
  return [message, ...(previousErrors ?? []).map((previous) => previous.message)];
}

/** Keys of a sample as one server sees them. */
export interface PresentKeys {
  /** Keys that this server answers for: all of them outside a cluster. */
  own: number;
  /** Those of them that exist. */
  present: number;
}

/** Looks which keys are there already: a run that is resumed needs no memory for them again. */
export async function countPresent(client: ControlClient, keys: readonly string[]): Promise<PresentKeys> {
  const found: PresentKeys = { own: 0, present: 0 };
  if (keys.length === 0) return found;
  const pipeline = client.pipeline();
  // GET and not EXISTS: every run may do it, and values are small.
  for (const key of keys) pipeline.getBuffer(key);
  for (const [error, value] of (await pipeline.exec()) ?? []) {
    if (error !== null && !error.message.startsWith('WRONGTYPE')) continue;
    found.own++;
    if (error !== null || value !== null) found.present++;
  }
  return found;
}
