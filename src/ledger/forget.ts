import type { RecordFinder } from './finder.js';
import { sessionKey } from './keys.js';
import type { Pack } from './pack.js';
import type { PackIndex } from './pack-index.js';
import type { SessionRecord } from './record.js';

/** Packs that are written at a time; each takes some 20 KB. */
const PACKS_PER_WRITE = 256;

/** What tells one record from another: a session that moved while it was listed may have two. */
export type RecordName = Pick<SessionRecord, 'id' | 'ordinal'>;

/**
 * Takes sessions off the record. Nobody else may be writing meanwhile. Packs keep their places, even empty ones, until the
 * index is made anew; records that a session has by itself go last, because the older one in a pack must not come back.
 * @throws {OperatorError}
 */
export async function forgetSessions(finder: RecordFinder, names: readonly RecordName[]): Promise<void> {
  if (finder.index !== null) await markGone(finder, finder.index, names);
  const singles = await finder.singles(names.map(({ id }) => id));
  const write = finder.store.batch();
  for (const [i, { id, ordinal }] of names.entries()) {
    if (singles[i]?.ordinal === ordinal) write.del(sessionKey(id));
  }
  await write.write();
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
    await write.write();
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
