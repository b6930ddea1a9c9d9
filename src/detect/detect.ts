import {
  type DetectedReader,
  keyFormsOf,
  mayHoldId,
  mergeDetectedReaders,
  readerOfKeys,
} from '../applications/known-readers.js';
import { EXIT, OperatorError } from '../errors.js';
import { type ControlClient, connectControl, replyOf } from '../redis/control.js';
import type { Endpoint, Server } from '../redis/endpoint.js';
import { ErrorReply } from '../redis/replies.js';
import { Scan } from '../redis/scan.js';
import { mastersOf } from '../redis/topology.js';

/** Keys that one SCAN asks for: short enough for a busy server, which does nothing else meanwhile. */
const KEYS_PER_SCAN = 500;
const VALUES_PER_TRIP = 50;

/** Some keys of the database that is selected, as SCAN gives them: in no order that means anything. */
interface KeySample {
  looked: number;
  /** The wanted ones, one character per byte, each once. */
  wanted: Set<string>;
}

/**
 * Which databases hold keys, and how many.
 * @param info the text of INFO keyspace
 */
function keyspaceOf(info: string): Map<number, number> {
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

/**
 * What is left of the life of each key, in milliseconds; below zero where it has no expiry, is gone, or can't be asked.
 */
async function livesAt(client: ControlClient, keys: readonly string[]): Promise<number[]> {
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

/** Kinds of keys whose values are looked at: another program's keys may hold 40 hexadecimal digits as well. */
const MAX_TEMPLATES = 50;

export interface DetectBounds {
  /** Keys to look at in each database, values to read of each kind of key, and databases to look into. */
  maxKeys: number;
  maxValues: number;
  maxDatabases: number;
}

export interface Detection {
  /** The biggest first. */
  findings: DetectedReader[];
  /** Keys that there are, and those looked at. */
  keys: number;
  looked: number;
  /** Databases that hold keys, and those of them that the user may not look into. */
  databases: number[];
  closed: number[];
  /** The rights that the user lacks for those. */
  lacks: ('select' | 'scan')[];
}

/**
 * Looks which readers the keys of a target belong to, in all its databases. Only reads.
 * @throws {OperatorError}
 */
export async function detect(endpoint: Endpoint, bounds: DetectBounds): Promise<Detection> {
  const parts: Detection[] = [];
  for (const server of await mastersOf(endpoint)) parts.push(await detectAt(server, bounds));
  const of = <T>(list: (part: Detection) => readonly T[]) => [...new Set(parts.flatMap(list))];
  return {
    findings: mergeDetectedReaders(parts.flatMap(({ findings }) => findings)).sort((a, b) => b.keys - a.keys),
    keys: parts.reduce((sum, { keys }) => sum + keys, 0),
    looked: parts.reduce((sum, { looked }) => sum + looked, 0),
    databases: of(({ databases }) => databases),
    closed: of(({ closed }) => closed),
    lacks: of(({ lacks }) => lacks),
  };
}

/**
 * The databases of a server that hold keys, with how many; without the right to INFO the one that is named.
 * @throws {OperatorError}
 */
export async function databasesOf(server: Server): Promise<Map<number, number>> {
  const first = await connectControl({ ...server, databaseIndex: 0 });
  const info = await replyOf(first, ['INFO', 'keyspace']).finally(() => first.disconnect());
  return typeof info === 'string' ? keyspaceOf(info) : new Map([[server.databaseIndex ?? 0, 0]]);
}

async function detectAt(server: Server, bounds: DetectBounds): Promise<Detection> {
  const databases = await databasesOf(server);
  const named = [...databases.keys()];
  const detection: Detection = { findings: [], keys: 0, looked: 0, databases: named, closed: [], lacks: [] };
  for (const [database, keys] of [...databases].slice(0, bounds.maxDatabases)) {
    detection.keys += keys;
    const client = await openDatabase(server, database);
    const found =
      client === null ? null : await detectIn(client, database, keys, bounds).finally(() => client.disconnect());
    if (found === null) {
      detection.closed.push(database);
      detection.lacks.push(client === null ? 'select' : 'scan');
      continue;
    }
    detection.looked += found.looked;
    detection.findings.push(...found.findings);
  }
  return detection;
}

/** The same for the database of one connection; null where the user may not look into it. */
async function detectIn(
  client: ControlClient,
  database: number,
  keys: number,
  { maxKeys, maxValues }: DetectBounds,
): Promise<{ looked: number; findings: DetectedReader[] } | null> {
  const sample = await sampleKeys(client, maxKeys, mayHoldId);
  if (sample === null) return null;
  const findings: DetectedReader[] = [];
  const extrapolation = sample.looked >= keys || sample.looked === 0 ? 1 : keys / sample.looked;
  for (const template of keyFormsOf(sample.wanted).slice(0, MAX_TEMPLATES)) {
    const keys = template.keys.slice(0, maxValues);
    const [values, livesMs] = [await valuesAt(client, keys), await livesAt(client, keys)];
    const finding = readerOfKeys(template, values, livesMs, database, extrapolation);
    if (finding !== null) findings.push(finding);
  }
  return { looked: sample.looked, findings };
}

/**
 * A connection to a database; null where the user may not look into it.
 * @throws {OperatorError} when the server can't be reached
 */
export async function openDatabase(server: Server, databaseIndex: number): Promise<ControlClient | null> {
  try {
    return await connectControl({ ...server, databaseIndex });
  } catch (error) {
    if (!(error instanceof OperatorError) || error.exitCode === EXIT.temporary) throw error;
    return null;
  }
}
