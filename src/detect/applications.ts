import { builtInNames, builtInTemplate } from '../applications/built-in.js';
import { KEY_MARKS } from '../applications/key-marks.js';
import { type LiveKey, matchKeys } from '../applications/match-keys.js';
import type { ControlClient } from '../redis/control.js';
import type { Endpoint } from '../redis/endpoint.js';
import { mastersOf } from '../redis/topology.js';
import { type Detection, databasesOf, openDatabase, sampleKeys, valuesAt } from './detect.js';

/** Keys whose values are read in each database. */
const MOST_VALUES = 300;

/** Keys that the reader of an application looks for, in one database. Holds no session id. */
export interface DetectedApplication {
  application: string;
  database: number;
  /** Keys of it among those whose values were read. */
  found: number;
  read: number;
  /** `likely`: some of them have members or bytes that only it writes; else only keys and form of the values fit. */
  confidence: 'likely' | 'possible';
  /** As words of a command line; none for keys that no run moves to. */
  options: string[];
  /** What those keys mean for a move; absent for all others. */
  advice?: string;
}

/**
 * Looks which applications that templates describe have sessions in a target, and under which prefixes. Only reads.
 * @param known readers whose keys are left out
 * @throws {OperatorError}
 */
export async function detectApplications(
  endpoint: Endpoint,
  known: Detection,
  { maxKeys, maxDatabases }: { maxKeys: number; maxDatabases: number },
): Promise<DetectedApplication[]> {
  const templates = builtInNames().map(builtInTemplate);
  const found: DetectedApplication[] = [];
  for (const server of await mastersOf(endpoint)) {
    for (const database of [...(await databasesOf(server)).keys()].slice(0, maxDatabases)) {
      const client = await openDatabase(server, database);
      if (client === null) continue;
      const live = await liveKeys(client, maxKeys, isOfReaders(known, database)).finally(() => client.disconnect());
      for (const { name, isOf, advice } of KEY_MARKS) {
        const count = live.filter(isOf).length;
        const base = { application: name, database, found: count, read: live.length, confidence: 'likely' } as const;
        if (count > 0) found.push({ ...base, options: [], advice });
      }
      for (const { application, values, count, hasSigns } of matchKeys(live, templates)) {
        const options = Object.entries(values).flatMap(([name, value]) => [`--${name}`, value]);
        found.push({
          ...{ application, database, found: count, read: live.length },
          confidence: hasSigns ? 'likely' : 'possible',
          options: ['--app', application, ...options],
        });
      }
    }
  }
  return found;
}

/** Tells the keys of readers that were found. */
function isOfReaders({ findings }: Detection, database: number): (key: string) => boolean {
  const halves = findings.filter((one) => one.database === database).map((one) => one.keyTemplate.split('{sid}'));
  return (key) => halves.some(([before = '', after = '']) => key.startsWith(before) && key.endsWith(after));
}

/** Some keys with their values, strings and hashes. */
async function liveKeys(client: ControlClient, maxKeys: number, isKnown: (key: string) => boolean): Promise<LiveKey[]> {
  let wanted = 0;
  const sample = await sampleKeys(client, maxKeys, (key) => !isKnown(key) && wanted++ < MOST_VALUES);
  const keys = [...(sample?.wanted ?? [])];
  const values = await valuesAt(client, keys);
  const live: LiveKey[] = [];
  for (const [i, key] of keys.entries()) {
    const value = values[i] ?? (await hashAt(client, key));
    if (value !== null) live.push({ key, value });
  }
  return live;
}

/** Null where there is no hash that the user may read. */
async function hashAt(client: ControlClient, key: string): Promise<ReadonlyMap<string, Buffer> | null> {
  try {
    const fields = await client.hgetallBuffer(Buffer.from(key, 'latin1'));
    return new Map(Object.entries(fields));
  } catch {
    return null;
  }
}
