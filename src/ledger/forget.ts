import type { RecordFinder } from './finder.js';
import { sessionKey } from './keys.js';
import type { Pack } from './pack.js';
import type { PackIndex } from './pack-index.js';
import type { SessionRecord } from './record.js';

/** What tells one record from another: a session that moved while it was listed may have two. */
export type RecordName = Pick<SessionRecord, 'id' | 'ordinal'>;

/** Takes sessions off the record, in one write. Nobody else may be writing meanwhile. @throws {OperatorError} */
export async function forgetSessions(finder: RecordFinder, names: readonly RecordName[]): Promise<void> {
  const write = finder.store.batch();
  const singles = await finder.singles(names.map(({ id }) => id));
  for (const [i, { id, ordinal }] of names.entries()) {
    if (singles[i]?.ordinal === ordinal) write.del(sessionKey(id));
  }
  if (finder.index !== null) {
    const candidates = candidatesByPack(finder.index, names);
    const packs = await finder.packs([...candidates.keys()].map((pack) => (finder.index as PackIndex).keyOf(pack)));
    for (const [i, found] of [...candidates.values()].entries()) {
      const pack = packs[i] as Pack;
      const positions = found.filter((one) => isAt(pack, one)).map(({ position }) => position);
      if (positions.length === 0) continue;
      const bytes = pack.without(positions);
      if (bytes === null) write.del(pack.key);
      else write.put(pack.key, bytes);
    }
  }
  await write.write();
}

interface Candidate extends RecordName {
  position: number;
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
