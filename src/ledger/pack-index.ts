import { idOfKey, PACK_KEY_BYTES, PACK_LEAD, packNameOf, rangeOf, SESSION_LEAD } from './keys.js';
import { Pack } from './pack.js';
import { SingleRecord } from './single.js';
import { damaged, type Store } from './store.js';

/**
 * The record of an entry.
 * @throws {OperatorError} for one that is damaged
 */
export function singleOf({ directory }: Store, key: Buffer, bytes: Buffer): SingleRecord {
  const record = SingleRecord.from(idOfKey(key), bytes);
  if (record === null) throw damaged(directory, 'a record whose checksum is wrong');
  return record;
}

/**
 * The pack of an entry.
 * @throws {OperatorError} for one that is damaged
 */
export function packOf({ directory }: Store, key: Buffer, bytes: Buffer): Pack {
  const pack = Pack.from(key, bytes);
  if (pack === null) throw damaged(directory, 'a pack whose checksum is wrong');
  return pack;
}

/** Slots per session: more make look-ups shorter, fewer take less memory. */
const SLOTS_PER_SESSION = 1.4;
const SINGLES_PER_READ = 4096;
const PACKS_PER_READ = 64;
/** In place of a start, where a pack was dropped: no number is as high. */
const EMPTY_START = 2 ** 32 - 1;

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
 * encrypted, so their first bytes are as good as any hash. It is as of its making: nothing that this pass writes is in
 * it.
 */
export class PackIndex {
  /**
   * What {@link find} found: numbers of sessions, ascending, most often one. Whether the id is theirs only a pack can
   * tell.
   */
  readonly numbers: number[] = [];
  /** What {@link find} found: whether a record of its own should be looked for first. */
  hasSingle = false;
  /** Beginnings that more than one id has: different sessions, most often, or one that is on record twice. */
  readonly alike = new Set<number>();
  #lastPack = 0;

  constructor(readonly share: PackIndexShare) {}

  /**
   * Reads the whole ledger; null for one without packs. Packs of which half is gone are written anew, so nobody else
   * may be writing.
   * @throws {OperatorError} for what is damaged
   */
  static async read(store: Store): Promise<PackIndex | null> {
    const packKeys = await packKeysOf(store);
    if (packKeys.length === 0) return null;
    const singles = await idStartsOfSingles(store);
    const sessions = packKeys.reduce((sum, key) => sum + packNameOf(key).count, singles.length);
    const index = new PackIndex({
      slots: new Uint32Array(new SharedArrayBuffer(8 * (Math.ceil(sessions * SLOTS_PER_SESSION) + 1))),
      keys: new Uint8Array(new SharedArrayBuffer(PACK_KEY_BYTES * packKeys.length)),
      starts: new Uint32Array(new SharedArrayBuffer(4 * packKeys.length)).fill(EMPTY_START),
    });
    let number = 0;
    let packs = 0;
    for await (const entries of store.pages(PACK_LEAD, PACKS_PER_READ)) {
      for (const [key, bytes] of entries) {
        const pack = await withoutGarbage(store, key, bytes);
        if (pack === null) continue;
        index.#addPack(pack, packs++, number);
        number += pack.count;
      }
    }
    for (const idStart of singles) index.noteSingle(idStart);
    return index;
  }

  /** Looks an id up; the answer is in {@link numbers} and {@link hasSingle} until the next one. */
  find(id: Buffer): void {
    this.findStart(id.readUInt32BE());
  }

  /** Looks an id up by its first four bytes, as {@link find} does. */
  findStart(idStart: number): void {
    const { slots } = this.share;
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

  /**
   * Notes that a session has a record of its own, by the first four bytes of its id. All that it might be are marked:
   * looking for such a record in vain does no harm.
   */
  noteSingle(idStart: number): void {
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
    for (; slots[slot + 1] !== 0; slot = this.#after(slot)) if (slots[slot] === idStart) this.alike.add(idStart);
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

/**
 * The keys of all packs.
 * @throws {OperatorError} for one that can't be
 */
export async function packKeysOf(store: Store): Promise<Buffer[]> {
  const keys = await store.keys(rangeOf(PACK_LEAD));
  if (keys.some(({ length }) => length !== PACK_KEY_BYTES)) throw damaged(store.directory, 'a key of a strange length');
  return keys;
}

async function idStartsOfSingles(store: Store): Promise<number[]> {
  const starts: number[] = [];
  for await (const entries of store.pages(SESSION_LEAD, SINGLES_PER_READ)) {
    for (const [key, bytes] of entries) starts.push(singleOf(store, key, bytes).id.readUInt32BE());
  }
  return starts;
}

/** The pack of an entry, null for one that is empty by now; one of which more than half is gone is written anew. */
async function withoutGarbage(store: Store, key: Buffer, bytes: Buffer): Promise<Pack | null> {
  const pack = packOf(store, key, bytes);
  if (!pack.isMostlyGone) return pack;
  const living = pack.livingPositions();
  const smaller = living.length === 0 ? null : pack.only(living);
  const write = store.batch().del(key);
  if (smaller !== null) write.put(smaller.key, smaller.bytes);
  await store.commit(write);
  return smaller;
}
