import { randomBytes, randomInt } from 'node:crypto';
import type { OwnVersion } from '../session.js';
import { LAYOUT_VERSION, type LedgerIdentity, type PassNote } from './facts.js';
import {
  idOfKey,
  META,
  NOTE_LEAD,
  PACK_LEAD,
  packNameOf,
  passOfNote,
  rangeOf,
  SESSION_LEAD,
  SHARD_LEAD,
  sessionKey,
} from './keys.js';
import type { Ledger } from './ledger.js';
import { OrdinalSet } from './ordinals.js';
import type { Pack } from './pack.js';
import { packKeysOf, packOf, singleOf } from './pack-index.js';
import type { RecordState, SessionRecord, StoredRecord } from './record.js';
import type { ShardMarks } from './shard-marks.js';
import { damaged } from './store.js';

const SINGLES_PER_READ = 4096;
const PACKS_PER_READ = 64;

/**
 * The record of every session in the ledger, some at a time.
 * @throws {OperatorError} for one that is damaged
 */
export async function* recordsOf({ store }: Ledger): AsyncGenerator<StoredRecord[]> {
  // The record of its own is the newer one, so that in a pack is passed over.
  const met = new OrdinalSet();
  for await (const entries of store.pages(SESSION_LEAD, SINGLES_PER_READ)) {
    yield entries.map(([key, bytes]) => {
      const record = singleOf(store, key, bytes);
      met.addOne(record.ordinal);
      return record;
    });
  }
  for await (const entries of store.pages(PACK_LEAD, PACKS_PER_READ)) {
    const records: StoredRecord[] = [];
    for (const [key, bytes] of entries) {
      const pack = packOf(store, key, bytes);
      for (let position = 0; position < pack.count; position++) {
        if (pack.isGone(position)) continue;
        const record = pack.recordAt(position);
        if (!met.has(record.ordinal)) records.push(record);
      }
    }
    yield records;
  }
}

/** What a ledger holds, without any session. */
export interface LedgerContents {
  layout: number;
  identity: LedgerIdentity;
  passes: readonly PassNote[];
  records: Readonly<Record<RecordState, number>>;
  /** Recorded copies that are still to live. */
  live: number;
  shards: number;
  /** Round trips whose replies were not all in when the last pass ended. */
  openBatches: number;
  isCutoverDone: boolean;
}

/**
 * Reads every record and counts.
 * @throws {OperatorError} with exit code 10 for a record that is damaged
 */
export async function contentsOf(ledger: Ledger, nowMs: number): Promise<LedgerContents> {
  const { store, directory, identity, passes } = ledger;
  const records: Record<RecordState, number> = { ours: 0, kept: 0, skipped: 0, ended: 0 };
  let live = 0;
  for await (const some of recordsOf(ledger)) {
    for (const record of some) {
      if (ledger.cipher.sidOf(record.id) === null) throw damaged(directory, 'an id that its secret did not make');
      records[record.state]++;
      if (record.state === 'ours' && record.versions.some(({ expiryMs }) => expiryMs > nowMs)) live++;
    }
  }
  const shards = (await store.keys(rangeOf(SHARD_LEAD))).length;
  await ledger.findOpenBatches();
  return {
    layout: LAYOUT_VERSION,
    identity,
    passes,
    records,
    live,
    shards,
    openBatches: ledger.openBatches.length,
    isCutoverDone: (await ledger.fact<boolean>(META.cutover)) === true,
  };
}

/** The last pass of which everything is in the ledger, durably: it ended, whatever by. 0 before the first. */
export async function lastRecordedPass(ledger: Ledger): Promise<number> {
  const [newest] = await ledger.store.keys({ ...rangeOf(NOTE_LEAD), reverse: true, limit: 1 });
  const said = await ledger.fact<number>(META.recorded);
  return Math.max(newest === undefined ? 0 : passOfNote(newest), said ?? 0);
}

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

async function somePacked({ store, finder }: Ledger): Promise<SessionRecord[]> {
  const records = (await finder.packs(pickBySize(await packKeysOf(store)))).flatMap(someOf);
  // Those that changed since have a record of their own, which counts.
  const singles = await finder.singles(records.map(({ id }) => id));
  return records.map((record, i) => singles[i] ?? record);
}

async function someSingles({ store, finder }: Ledger): Promise<SessionRecord[]> {
  const ids: Buffer[] = [];
  for (let probe = 0; probe < PROBES; probe++) {
    const gte = sessionKey(randomBytes(START_BYTES));
    for (const key of await store.keys({ ...rangeOf(SESSION_LEAD), gte, limit: RECORDS_PER_PROBE }))
      ids.push(idOfKey(key));
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

/** How many sessions are on record. */
export interface RecordCounts {
  /** All of them; of a shard that was not listed, as many as were in it when it was listed last. */
  total: number;
  /** Those with a copy of ours in the target that has not expired. */
  ours: number;
}

/**
 * Visits, some at a time, the records whose file a complete walk did not meet, and counts all there are.
 * @throws {OperatorError} for a damaged record
 */
export async function visitUnseen(
  ledger: Ledger,
  seen: OrdinalSet,
  shards: ShardMarks,
  nowMs: number,
  visit: (records: readonly SessionRecord[]) => Promise<void>,
): Promise<RecordCounts> {
  let total = shards.skippedSessions;
  let ours = 0;
  for await (const records of recordsOf(ledger)) {
    const unseen: SessionRecord[] = [];
    for (const record of records) {
      if (record.lastExpiryMs > nowMs) ours++;
      if (isUnderSkippedShard(record, shards)) continue;
      total++;
      if (!seen.has(record.ordinal)) unseen.push(record);
    }
    if (unseen.length > 0) await visit(unseen);
  }
  return { total, ours };
}

function isUnderSkippedShard(record: StoredRecord, shards: ShardMarks): boolean {
  return record.layout === 'hashed' && shards.isSkipped(record.shard);
}
