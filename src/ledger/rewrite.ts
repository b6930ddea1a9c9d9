import type { RecordFinder } from './finder.js';
import { sessionKey } from './keys.js';
import type { Pack } from './pack.js';
import type { PackIndex } from './pack-index.js';
import { SessionColumns, type SessionRecord } from './record.js';
import type { SidCipher } from './sid-cipher.js';
import { type Fate, SingleEncoder } from './single.js';

/** Packs that are written at a time; each takes some 20 KB. */
const PACKS_PER_WRITE = 256;

/** What tells one record from another: a session that moved while it was listed may have two. */
export type RecordName = Pick<SessionRecord, 'id' | 'ordinal'>;

/**
 * Takes sessions off the record. Nobody else may be writing meanwhile. Packs keep their places, even empty ones, until
 * the index is made anew; records that a session has by itself go last, because the older one in a pack must not come
 * back.
 * @throws {OperatorError}
 */
export async function forgetSessions(finder: RecordFinder, names: readonly RecordName[]): Promise<void> {
  if (finder.index !== null) await markGone(finder, finder.index, names);
  const singles = await finder.singles(names.map(({ id }) => id));
  const write = finder.store.batch();
  for (const [i, { id, ordinal }] of names.entries()) {
    if (singles[i]?.ordinal === ordinal) write.del(sessionKey(id));
  }
  await finder.store.commit(write);
}

interface Candidate extends RecordName {
  position: number;
}

async function markGone(finder: RecordFinder, index: PackIndex, names: readonly RecordName[]): Promise<void> {
  const byPack = [...candidatesByPack(index, names)];
  for (let start = 0; start < byPack.length; start += PACKS_PER_WRITE) {
    const some = byPack.slice(start, start + PACKS_PER_WRITE);
    const packs = await finder.packs(some.map(([pack]) => index.keyOf(pack)));
    const write = finder.store.batch();
    for (const [i, [, candidates]] of some.entries()) {
      const pack = packs[i] as Pack;
      const positions = candidates.filter((one) => isAt(pack, one)).map(({ position }) => position);
      if (positions.length > 0) write.put(pack.key, pack.without(positions));
    }
    await finder.store.commit(write);
  }
}

function isAt(pack: Pack, { position, id, ordinal }: Candidate): boolean {
  return pack.has(position, id) && pack.recordAt(position).ordinal === ordinal;
}

/** Where these sessions may be, by the number of the pack. */
function candidatesByPack(index: PackIndex, names: readonly RecordName[]): Map<number, Candidate[]> {
  const byPack = new Map<number, Candidate[]>();
  for (const { id, ordinal } of names) {
    index.find(id);
    for (const number of index.numbers) {
      const pack = index.packOf(number);
      const candidates = byPack.get(pack) ?? [];
      byPack.set(pack, candidates);
      candidates.push({ position: index.positionOf(number, pack), id, ordinal });
    }
  }
  return byPack;
}

/** No batch has this number: what is written under it is never without its replies. */
const NO_BATCH = 2 ** 32 - 1;

/**
 * Makes a tombstone of each record: the session ended, and its copy was deleted in this pass. Where the target goes
 * back, the copy is there again, and the tombstone says whose it is.
 * @throws {OperatorError}
 */
export async function burySessions(
  finder: RecordFinder,
  cipher: SidCipher,
  records: readonly SessionRecord[],
  pass: number,
  nowMs: number,
): Promise<void> {
  const write = finder.store.batch();
  const encoder = new SingleEncoder();
  const noted = new SessionColumns(1);
  for (const { id, layout, source, ordinal, versions } of records) {
    noted.clear();
    noted.add(cipher.sidOf(id) as string, layout, source, { mtimeMs: nowMs, size: 0, inode: 0 }, null);
    noted.ordinal[0] = ordinal;
    const bytes = encoder.encode(noted, 0, id, pass, NO_BATCH, { state: 'ended', versions });
    write.put(sessionKey(id), Buffer.from(bytes));
  }
  await finder.store.commit(write);
}

/**
 * Makes one record of each session that is on record twice. A session gets there that was moved to its shard while a
 * pass went by, which met it as two. The one record takes all versions that the target may hold of ours, and its file
 * is read again: so a copy ends, or follows, as if it had been met once.
 * @throws {OperatorError}
 */
export async function mergeDoubles(finder: RecordFinder, cipher: SidCipher): Promise<void> {
  if (finder.index === null) return;
  for (const idStart of finder.index.alike) {
    const groups = groupById(await finder.allPacked(idStart));
    for (const records of groups) if (records.length > 1) await merge(finder, cipher, records);
  }
}

function groupById(records: readonly SessionRecord[]): SessionRecord[][] {
  const groups = new Map<string, SessionRecord[]>();
  for (const record of records) {
    const name = record.id.toString('latin1');
    groups.set(name, [...(groups.get(name) ?? []), record]);
  }
  return [...groups.values()];
}

/** @param packed the records of one session, the oldest first */
async function merge(finder: RecordFinder, cipher: SidCipher, packed: readonly SessionRecord[]): Promise<void> {
  const { id } = packed[0] as SessionRecord;
  const sid = cipher.sidOf(id);
  if (sid === null) return;
  const single = (await finder.singles([id]))[0] ?? null;
  // The packed record that it stands for is out of date.
  const records =
    single === null ? [...packed] : [...packed.filter(({ ordinal }) => ordinal !== single.ordinal), single];
  records.sort((a, b) => a.pass - b.pass || a.batch - b.batch);
  const newest = records.at(-1) as SessionRecord;
  const versions = records.toReversed().flatMap((record) => (record.state === 'ours' ? record.versions : []));
  const noted = new SessionColumns(1);
  // No file has this moment.
  noted.add(sid, newest.layout, newest.source, { mtimeMs: Number.NaN, size: 0, inode: 0 }, null);
  noted.ordinal[0] = newest.ordinal;
  const fate: Fate = { state: versions.length > 0 ? 'ours' : newest.state, versions };
  const bytes = new SingleEncoder().encode(noted, 0, id, newest.pass, newest.batch, fate);
  await finder.store.put(sessionKey(id), bytes);
  finder.index?.noteSingle(id.readUInt32BE());
  await forgetSessions(
    finder,
    packed.filter(({ ordinal }) => ordinal !== newest.ordinal),
  );
}
