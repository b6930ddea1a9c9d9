import { OperatorError } from '../errors.js';
import { EXIT } from '../exit-codes.js';
import { type ControlClient, connectControl, replyOf } from '../target/control.js';
import type { Endpoint, Server } from '../target/endpoint.js';
import { keyspaceOf, livesAt, sampleKeys, valuesAt } from '../target/key-sample.js';
import { mastersOf } from '../target/masters.js';
import { type DetectedReader, detectedReaderOf, mergeDetectedReaders } from './finding.js';
import { splitsOf } from './key-split.js';
import { templatesOf } from './templates.js';
import { formatsOf } from './value-format.js';

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

/** Looks which readers the keys of a target belong to, in all its databases. Only reads. @throws {OperatorError} */
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

async function detectAt(server: Server, bounds: DetectBounds): Promise<Detection> {
  const first = await connectControl({ ...server, databaseIndex: 0 });
  const info = await replyOf(first, ['INFO', 'keyspace']).finally(() => first.disconnect());
  // Without INFO there is one database to look into, the one that is named.
  const databases = typeof info === 'string' ? keyspaceOf(info) : new Map([[server.databaseIndex ?? 0, 0]]);
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
  const sample = await sampleKeys(client, maxKeys, (key) => splitsOf(key).length > 0);
  if (sample === null) return null;
  const findings: DetectedReader[] = [];
  const extrapolation = sample.looked >= keys || sample.looked === 0 ? 1 : keys / sample.looked;
  for (const template of templatesOf(sample.wanted).slice(0, MAX_TEMPLATES)) {
    const keys = template.keys.slice(0, maxValues);
    const formats = formatsOf(await valuesAt(client, keys), await livesAt(client, keys));
    const finding = detectedReaderOf(template, formats, database, extrapolation);
    if (finding !== null) findings.push(finding);
  }
  return { looked: sample.looked, findings };
}

async function openDatabase(server: Server, databaseIndex: number): Promise<ControlClient | null> {
  try {
    return await connectControl({ ...server, databaseIndex });
  } catch (error) {
    if (!(error instanceof OperatorError) || error.exitCode === EXIT.temporary) throw error;
    return null;
  }
}
