import { placeOf } from '../applications/keys.js';
import { ByteSink } from '../python/sink.js';
import { type OwnVersion, UNSETTLED } from '../session.js';
import {
  AS_SENT,
  latestRenewal,
  type Ownership,
  type OwnershipScripts,
  ownWords,
  type Script,
  scriptsFor,
  type UpdateRights,
} from './ownership.js';
import type { Commands } from './routing.js';

/**
 * Sessions per Redis round trip. Redis serves other clients between reads of 16 KiB whatever the batch's size. Each
 * batch is a write of the ledger as well, whose thread has to be woken: 256 take 5 % less time than 128, 512 no less.
 */
export const MAX_BATCH_SESSIONS = 256;

/** A batch is full from this size on; only a single session larger than this makes it larger. */
export const MAX_BATCH_BYTES = 128 * 1024;

/**
 * What a command does with its key. `create` sets it where it is absent, `update` where it is still ours, or as its
 * rights allow, `delete` removes it where it is still ours.
 */
export const ACTION = { create: 0, update: 1, delete: 2 } as const;

const NO_VERSIONS: readonly OwnVersion[] = [];
/** Command bytes around the key and the value of one session; `after` ends in the length's `$`. */
interface Frame {
  before: Buffer;
  after: Buffer;
}

/**
 * The commands of one round trip, one per key, encoded as they are added; expiries are absolute, so that neither a slow
 * run nor a second try stretches them. Remembers where each command, key and value lies, for whoever has to send or
 * look one up again, and the outcome of each.
 */
export class WriteBatch implements Commands {
  readonly bytes = new ByteSink(MAX_BATCH_BYTES, Number.MAX_SAFE_INTEGER);
  count = 0;
  /** How many of the commands are no `create`. */
  scripted = 0;
  /** Position of the session in its chunk. */
  readonly entry = new Uint32Array(MAX_BATCH_SESSIONS);
  readonly action = new Uint8Array(MAX_BATCH_SESSIONS);
  readonly commandStart = new Uint32Array(MAX_BATCH_SESSIONS);
  readonly commandEnd = new Uint32Array(MAX_BATCH_SESSIONS);
  readonly keyStart = new Uint32Array(MAX_BATCH_SESSIONS);
  readonly keyEnd = new Uint32Array(MAX_BATCH_SESSIONS);
  readonly valueStart = new Uint32Array(MAX_BATCH_SESSIONS);
  readonly valueEnd = new Uint32Array(MAX_BATCH_SESSIONS);
  readonly expiryMs = new Float64Array(MAX_BATCH_SESSIONS);
  /** The versions that a command takes for ours; empty for `create`. */
  readonly own: (readonly OwnVersion[])[] = [];
  /** 1 for an update of a key that was gone and is not created again. */
  readonly withheld = new Uint8Array(MAX_BATCH_SESSIONS);
  /** 1 where an absent key may be created. */
  readonly mayCreate = new Uint8Array(MAX_BATCH_SESSIONS);
  /** Outcome of a session that is set; for `delete` one of DELETE_REPLY. `UNSETTLED` until its reply is read. */
  readonly outcome = new Uint8Array(MAX_BATCH_SESSIONS);

  readonly #frames = new Map<number, Frame>();
  readonly scripts: OwnershipScripts;

  /**
   * @param keyBefore and keyAfter what stands around the sid in the reader's key
   * @param ownership by which rule keys count as ours
   * @param digest see `KeyTemplate`
   */
  constructor(
    readonly keyBefore: string,
    readonly keyAfter: string,
    readonly ownership: Ownership = AS_SENT,
    readonly digest?: string,
  ) {
    this.scripts = scriptsFor(ownership);
  }

  get isFull(): boolean {
    return this.count === MAX_BATCH_SESSIONS || this.bytes.length >= MAX_BATCH_BYTES;
  }

  /**
   * Appends `SET key value NX PXAT` for `sid` (ASCII) and the value `source[start, end)`; `entry` is its place in the
   * chunk.
   */
  add(entry: number, sid: string, source: Buffer, start: number, end: number, expiryMs: number): void {
    if (this.ownership.hash !== undefined) {
      this.#addScripted(ACTION.create, entry, sid, source, start, end, expiryMs, NO_VERSIONS, 'c');
      return;
    }
    const { bytes } = this;
    const place = placeOf(this, sid);
    const frame = this.#frameFor(place.length);
    const index = this.#begin(entry, ACTION.create, NO_VERSIONS);
    bytes.bytes(frame.before);
    this.keyStart[index] = bytes.length - Buffer.byteLength(this.keyBefore);
    bytes.latin1(place);
    this.keyEnd[index] = bytes.length + Buffer.byteLength(this.keyAfter);
    bytes.bytes(frame.after);
    this.#value(index, source, start, end);
    const expiry = String(expiryMs);
    bytes.latin1(`$2\r\nNX\r\n$4\r\nPXAT\r\n$${expiry.length}\r\n${expiry}\r\n`);
    this.expiryMs[index] = expiryMs;
    this.commandEnd[index] = bytes.length;
  }

  /** Appends the compare-and-set of a session of which the key may hold the versions `own`. */
  addUpdate(
    entry: number,
    sid: string,
    source: Buffer,
    start: number,
    end: number,
    expiryMs: number,
    own: readonly OwnVersion[],
    rights: UpdateRights = 'c',
  ): void {
    this.#addScripted(ACTION.update, entry, sid, source, start, end, expiryMs, own, rights);
  }

  #addScripted(
    action: number,
    entry: number,
    sid: string,
    source: Buffer,
    start: number,
    end: number,
    expiryMs: number,
    own: readonly OwnVersion[],
    rights: UpdateRights,
  ): void {
    const index = this.#beginScript(entry, action, own, this.scripts.update, sid, 3);
    this.mayCreate[index] = rights.includes('c') ? 1 : 0;
    this.bytes.latin1('$');
    this.#value(index, source, start, end);
    this.#words([String(expiryMs), rights]);
    this.#ownWords(own);
    this.expiryMs[index] = expiryMs;
    this.commandEnd[index] = this.bytes.length;
  }

  /** Appends the compare-and-delete of the key of `sid`. */
  addDelete(entry: number, sid: string, own: readonly OwnVersion[]): void {
    const index = this.#beginScript(entry, ACTION.delete, own, this.scripts.delete, sid, 0);
    this.valueStart[index] = this.bytes.length;
    this.valueEnd[index] = this.bytes.length;
    this.#ownWords(own);
    this.expiryMs[index] = 0;
    this.commandEnd[index] = this.bytes.length;
  }

  key(index: number): Buffer {
    return this.bytes.buffer.subarray(this.keyStart[index], this.keyEnd[index]);
  }

  value(index: number): Buffer {
    return this.bytes.buffer.subarray(this.valueStart[index], this.valueEnd[index]);
  }

  whole(): Uint8Array {
    return this.bytes.view();
  }

  command(index: number): Buffer {
    return this.bytes.buffer.subarray(this.commandStart[index], this.commandEnd[index]);
  }

  /** Empties the batch, and lets go of the memory that an outsized session made it take. */
  clear(): void {
    this.count = 0;
    this.scripted = 0;
    this.own.length = 0;
    this.bytes.length = 0;
    if (this.bytes.buffer.length > 4 * MAX_BATCH_BYTES) this.bytes.buffer = Buffer.allocUnsafeSlow(MAX_BATCH_BYTES);
  }

  #begin(entry: number, action: number, own: readonly OwnVersion[]): number {
    const index = this.count++;
    if (action !== ACTION.create) this.scripted++;
    this.entry[index] = entry;
    this.action[index] = action;
    this.own[index] = own;
    this.outcome[index] = UNSETTLED;
    this.withheld[index] = 0;
    this.mayCreate[index] = 1;
    this.commandStart[index] = this.bytes.length;
    return index;
  }

  #beginScript(
    entry: number,
    action: number,
    own: readonly OwnVersion[],
    script: Script,
    sid: string,
    wordsBefore: number,
  ): number {
    const index = this.#begin(entry, action, own);
    const { bytes, keyBefore, keyAfter } = this;
    const key = Buffer.from(`${keyBefore}${placeOf(this, sid)}${keyAfter}`);
    bytes.latin1(`*${7 + wordsBefore + 2 * own.length}\r\n`);
    this.#words(['EVALSHA', script.sha, '1']);
    bytes.latin1(`$${key.length}\r\n`);
    this.keyStart[index] = bytes.length;
    bytes.bytes(key);
    this.keyEnd[index] = bytes.length;
    bytes.latin1('\r\n');
    return index;
  }

  /** The value behind its `$`: length, bytes, line end. */
  #value(index: number, source: Buffer, start: number, end: number): void {
    const { bytes } = this;
    bytes.latin1(`${end - start}\r\n`);
    this.valueStart[index] = bytes.length;
    bytes.reserve(end - start);
    source.copy(bytes.buffer, bytes.length, start, end);
    bytes.length += end - start;
    this.valueEnd[index] = bytes.length;
    bytes.latin1('\r\n');
  }

  #ownWords(own: readonly OwnVersion[]): void {
    this.#words(ownWords(own, latestRenewal(this.ownership, Date.now()), this.ownership));
  }

  #words(words: readonly string[]): void {
    for (const word of words) this.bytes.latin1(`$${word.length}\r\n${word}\r\n`);
  }

  #frameFor(length: number): Frame {
    let frame = this.#frames.get(length);
    if (frame === undefined) {
      const keyBytes = Buffer.byteLength(this.keyBefore) + length + Buffer.byteLength(this.keyAfter);
      frame = {
        before: Buffer.from(`*6\r\n$3\r\nSET\r\n$${keyBytes}\r\n${this.keyBefore}`),
        after: Buffer.from(`${this.keyAfter}\r\n$`),
      };
      this.#frames.set(length, frame);
    }
    return frame;
  }
}
