import { PACK_KEY_BYTES, PACK_LEAD, packNameOf, rangeOf, SESSION_LEAD } from './keys.js';
import { Pack } from './pack.js';
import { damaged, guarded, type Store } from './store.js';

/** Slots per session: more make look-ups shorter, fewer take less memory. */
const SLOTS_PER_SESSION = 1.4;
const KEYS_PER_READ = 10_000;
const PACKS_PER_READ = 256;
/** More than so many packs take. */
const BYTES_PER_READ = 2 ** 20;

/** In a place: the session has a record of its own, which is newer than that in the pack. */
const HAS_SINGLE = 2 ** 31;
/** In a place: no pack has the session. */
const NO_PACK = 2 ** 31 - 1;

/** The index as all threads share it. */
export interface PackIndexShare {
  /** Two numbers per slot: the first four bytes of an id, and its place: 0 for an empty slot. */
  slots: Uint32Array<SharedArrayBuffer>;
  /** The keys of all packs, one after another. */
  keys: Uint8Array<SharedArrayBuffer>;
  /** By pack: how many sessions are in the packs before it. */
  starts: Uint32Array<SharedArrayBuffer>;
}

/**
 * Where the session of an id is on record, for all sessions of a ledger with packs: 11 bytes of memory each. Ids are
 * encrypted, so their first bytes are as good as any hash. It is as of its making: nothing that this pass writes is in it.
 */
export class PackIndex {
  /** What {@link find} found: numbers of sessions, ascending, most often one. Whether the id is theirs only a pack can tell. */
  readonly numbers: number[] = [];
  /** What {@link find} found: whether a record of its own should be looked for first. */
  hasSingle = false;
  #lastPack = 0;

  constructor(readonly share: PackIndexShare) {}

  /**
   * Reads the whole ledger; null for one without packs. Packs of which half is gone are written anew, so nobody else may be
   * writing. @throws {OperatorError} for a damaged pack
   */
  static async read(store: Store, directory: string): Promise<PackIndex | null> {
    const packKeys = await guarded(directory, store.keys(rangeOf(PACK_LEAD)).all());
    if (packKeys.length === 0) return null;
    const singles = await idStartsOfSingles(store, directory);
    const sessions = packKeys.reduce((sum, key) => sum + packNameOf(key).count, singles.length);
    const index = new PackIndex({
      slots: new Uint32Array(new SharedArrayBuffer(8 * (Math.ceil(sessions * SLOTS_PER_SESSION) + 1))),
      keys: new Uint8Array(new SharedArrayBuffer(PACK_KEY_BYTES * packKeys.length)),
      starts: new Uint32Array(new SharedArrayBuffer(4 * packKeys.length)),
    });
    let number = 0;
    let packs = 0;
    const entries = store.iterator({ ...rangeOf(PACK_LEAD), highWaterMarkBytes: BYTES_PER_READ });
    for (;;) {
      const some = await guarded(directory, entries.nextv(PACKS_PER_READ));
      if (some.length === 0) break;
      for (const [key, bytes] of some) {
        const pack = await withoutGarbage(store, directory, key, bytes);
        index.#addPack(pack, packs++, number);
        number += pack.count;
      }
    }
    await entries.close();
    for (const idStart of singles) index.#addSingle(idStart);
    return index;
  }

  /** Looks an id up; the answer is in {@link numbers} and {@link hasSingle} until the next one. */
  find(id: Buffer): void {
    const { slots } = this.share;
    const idStart = id.readUInt32BE();
    this.numbers.length = 0;
    this.hasSingle = false;
    for (let slot = this.#homeOf(idStart); slots[slot + 1] !== 0; slot = this.#after(slot)) {
      if (slots[slot] !== idStart) continue;
      const place = slots[slot + 1] as number;
      if (place >= HAS_SINGLE) this.hasSingle = true;
      const number = (place % HAS_SINGLE) - 1;
      if (number !== NO_PACK - 1) this.numbers.push(number);
    }
    if (this.numbers.length > 1) this.numbers.sort((a, b) => a - b);
  }

  /** The pack that has the session of a number. */
  packOf(number: number): number {
    const { starts } = this.share;
    const last = this.#lastPack;
    const isLast = number >= (starts[last] as number) && number < (starts[last + 1] ?? Number.POSITIVE_INFINITY);
    if (isLast) return last;
    let low = 0;
    for (let high = starts.length; high - low > 1; ) {
      const middle = (low + high) >> 1;
      if ((starts[middle] as number) <= number) low = middle;
      else high = middle;
    }
    this.#lastPack = low;
    return low;
  }

  /** The position of the session of a number in its pack. */
  positionOf(number: number, pack: number): number {
    return number - (this.share.starts[pack] as number);
  }

  keyOf(pack: number): Buffer {
    return Buffer.from(this.share.keys.subarray(pack * PACK_KEY_BYTES, (pack + 1) * PACK_KEY_BYTES));
  }

  #addPack(pack: Pack, at: number, firstNumber: number): void {
    this.share.keys.set(pack.key, at * PACK_KEY_BYTES);
    this.share.starts[at] = firstNumber;
    for (let position = 0; position < pack.count; position++) {
      if (!pack.isGone(position)) this.#insert(pack.idStartAt(position), firstNumber + position + 1);
    }
  }

  /** Marks all sessions that it might be: looking for a single record in vain does no harm. */
  #addSingle(idStart: number): void {
    const { slots } = this.share;
    let isKnown = false;
    for (let slot = this.#homeOf(idStart); slots[slot + 1] !== 0; slot = this.#after(slot)) {
      if (slots[slot] !== idStart) continue;
      isKnown = true;
      const place = slots[slot + 1] as number;
      if (place < HAS_SINGLE) slots[slot + 1] = place + HAS_SINGLE;
    }
    if (!isKnown) this.#insert(idStart, NO_PACK + HAS_SINGLE);
  }

  #insert(idStart: number, place: number): void {
    const { slots } = this.share;
    let slot = this.#homeOf(idStart);
    while (slots[slot + 1] !== 0) slot = this.#after(slot);
    slots[slot] = idStart;
    slots[slot + 1] = place;
  }

  #homeOf(idStart: number): number {
    return 2 * Math.floor((idStart * (this.share.slots.length / 2)) / 2 ** 32);
  }

  #after(slot: number): number {
    return slot + 2 === this.share.slots.length ? 0 : slot + 2;
  }
}

async function idStartsOfSingles(store: Store, directory: string): Promise<number[]> {
  const starts: number[] = [];
  const keys = store.keys(rangeOf(SESSION_LEAD));
  for (;;) {
    const some = await guarded(directory, keys.nextv(KEYS_PER_READ));
    if (some.length === 0) break;
    for (const key of some) starts.push(key.readUInt32BE(1));
  }
  await keys.close();
  return starts;
}

/** The pack of an entry; one of which more than half is gone is written anew. */
async function withoutGarbage(store: Store, directory: string, key: Buffer, bytes: Buffer): Promise<Pack> {
  const pack = Pack.from(key, bytes);
  if (pack === null) throw damaged(directory, 'a pack whose checksum is wrong');
  if (!pack.isMostlyGone) return pack;
  const smaller = pack.only(pack.livingPositions());
  await guarded(directory, store.put(key, smaller.bytes));
  return smaller;
}
