import { randomBytes, randomInt } from 'node:crypto';
import type { OwnVersion } from '../session.js';
import { idOfKey, packNameOf, rangeOf, SESSION_LEAD, sessionKey } from './keys.js';
import type { Ledger } from './ledger.js';
import type { Pack } from './pack.js';
import { packKeysOf } from './pack-index.js';
import type { SessionRecord } from './record.js';
import { guarded } from './store.js';

const PROBES = 48;
const RECORDS_PER_PROBE = 4;
/** Random bytes that an id begins with, for a place among the single records. */
const START_BYTES = 4;
/** Keys this close to their end may be gone before anyone looks. */
const MARGIN_MS = 60_000;

/** A session whose copy the target should hold. */
export interface Sampled {
  sid: string;
  versions: readonly OwnVersion[];
}

/** Some sessions, picked all over the ledger, whose copies the target should hold. */
export async function sampleOfOurs(ledger: Ledger, nowMs: number): Promise<Sampled[]> {
  const inDoubt = new Set(ledger.openBatches);
  const isSure = ({ state, pass, batch, versions }: SessionRecord) =>
    state === 'ours' && !inDoubt.has(pass * 2 ** 32 + batch) && (versions[0]?.expiryMs ?? 0) > nowMs + MARGIN_MS;
  const sampled = new Map<string, Sampled>();
  for (const record of [...(await somePacked(ledger)), ...(await someSingles(ledger))]) {
    const sid = isSure(record) ? ledger.cipher.sidOf(record.id) : null;
    if (sid !== null) sampled.set(sid, { sid, versions: record.versions });
  }
  return [...sampled.values()];
}

async function somePacked({ store, directory, finder }: Ledger): Promise<SessionRecord[]> {
  const records = (await finder.packs(pickBySize(await packKeysOf(store, directory)))).flatMap(someOf);
  // Those that changed since have a record of their own, which counts.
  const singles = await finder.singles(records.map(({ id }) => id));
  return records.map((record, i) => singles[i] ?? record);
}

async function someSingles({ store, directory, finder }: Ledger): Promise<SessionRecord[]> {
  const ids: Buffer[] = [];
  for (let probe = 0; probe < PROBES; probe++) {
    const gte = sessionKey(randomBytes(START_BYTES));
    const keys = store.keys({ ...rangeOf(SESSION_LEAD), gte, limit: RECORDS_PER_PROBE });
    for (const key of await guarded(directory, keys.all())) ids.push(idOfKey(key));
  }
  return (await finder.singles(ids)).filter((record) => record !== null);
}

/** Some packs, each the more likely the more sessions it has. */
function pickBySize(keys: readonly Buffer[]): Buffer[] {
  let sessions = 0;
  const ends = keys.map((key) => {
    sessions += packNameOf(key).count;
    return sessions;
  });
  const picked = new Set<Buffer>();
  for (let probe = 0; probe < PROBES && sessions > 0; probe++) {
    const number = randomInt(sessions);
    picked.add(keys[ends.findIndex((end) => number < end)] as Buffer);
  }
  return [...picked];
}

function someOf(pack: Pack): SessionRecord[] {
  const living = pack.livingPositions();
  if (living.length === 0) return [];
  return Array.from({ length: RECORDS_PER_PROBE }, () => pack.recordAt(living[randomInt(living.length)] as number));
}
