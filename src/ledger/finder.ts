import { sessionKey } from './keys.js';
import type { Pack } from './pack.js';
import { type PackIndex, packOf, singleOf } from './pack-index.js';
import type { SessionRecord } from './record.js';
import { damaged, type Store } from './store.js';

/** Finds the records of sessions, in packs and by themselves. */
export class RecordFinder {
  /** @param index null for a ledger without packs, or whose packs are of no interest */
  constructor(
    readonly store: Store,
    readonly index: PackIndex | null,
  ) {}

  /**
   * For each id its record, null where there is none.
   * @throws {OperatorError} when one is damaged
   */
  async find(ids: readonly Buffer[]): Promise<(SessionRecord | null)[]> {
    const { index } = this;
    if (index === null) return this.singles(ids);
    /** Two per session that a pack may have: its place among `ids`, and its number. */
    const candidates: number[] = [];
    const withSingle: number[] = [];
    for (const [at, id] of ids.entries()) {
      index.find(id);
      if (index.hasSingle) withSingle.push(at);
      for (const number of index.numbers) candidates.push(at, number);
    }
    const records = await this.#packed(index, ids, candidates);
    if (withSingle.length === 0) return records;
    const singles = await this.singles(withSingle.map((at) => ids[at] as Buffer));
    for (const [i, at] of withSingle.entries()) records[at] = singles[i] ?? (records[at] as SessionRecord | null);
    return records;
  }

  /**
   * For each id whether there may be a record of it. Only the index is asked, which has the beginnings of ids, so the
   * record may be of another id that begins alike.
   * @throws {OperatorError}
   */
  async areKnown(ids: readonly Buffer[]): Promise<boolean[]> {
    const { index } = this;
    if (index === null) return (await this.singles(ids)).map((record) => record !== null);
    return ids.map((id) => {
      index.find(id);
      return index.hasSingle || index.numbers.length > 0;
    });
  }

  /**
   * The records of sessions that have one of their own.
   * @throws {OperatorError} when one is damaged
   */
  async singles(ids: readonly Buffer[]): Promise<(SessionRecord | null)[]> {
    const keys = ids.map(sessionKey);
    const found = await this.store.getMany(keys);
    return found.map((bytes, i) => (bytes === undefined ? null : singleOf(this.store, keys[i] as Buffer, bytes)));
  }

  /** The packed records of all ids that begin with these four bytes, the oldest first. */
  async allPacked(idStart: number): Promise<SessionRecord[]> {
    const { index } = this;
    if (index === null) return [];
    index.findStart(idStart);
    const places = index.numbers.map((number) => ({ number, pack: index.packOf(number) }));
    const packs = await this.packs(places.map(({ pack }) => index.keyOf(pack)));
    return places.flatMap(({ number, pack }, i) => {
      const position = index.positionOf(number, pack);
      return packs[i]?.isGone(position) === false ? [packs[i].recordAt(position)] : [];
    });
  }

  /**
   * The packs under these keys.
   * @throws {OperatorError} when one is missing or damaged
   */
  async packs(keys: Buffer[]): Promise<Pack[]> {
    const found = await this.store.getMany(keys);
    return found.map((bytes, i) => {
      if (bytes === undefined) throw damaged(this.store.directory, 'a pack is missing');
      return packOf(this.store, keys[i] as Buffer, bytes);
    });
  }

  /** A directory is listed in the same order each time, so a chunk needs two or three packs. */
  async #packed(
    index: PackIndex,
    ids: readonly Buffer[],
    candidates: readonly number[],
  ): Promise<(SessionRecord | null)[]> {
    const records = new Array<SessionRecord | null>(ids.length).fill(null);
    const places = new Map<number, number>();
    const packAt: number[] = [];
    for (let i = 1; i < candidates.length; i += 2) {
      const pack = index.packOf(candidates[i] as number);
      if (!places.has(pack)) places.set(pack, places.size);
      packAt.push(pack);
    }
    const packs = await this.packs([...places.keys()].map((pack) => index.keyOf(pack)));
    for (const [i, packNumber] of packAt.entries()) {
      const at = candidates[2 * i] as number;
      const number = candidates[2 * i + 1] as number;
      const pack = packs[places.get(packNumber) as number] as Pack;
      const position = index.positionOf(number, packNumber);
      // A session that moved to its shard while it was listed is on record twice: the later one counts.
      if (pack.has(position, ids[at] as Buffer)) records[at] = pack.recordAt(position);
    }
    return records;
  }
}
