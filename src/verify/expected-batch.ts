import type { FileIntake, RejectNote } from '../intake/take-file.js';
import { ByteSink } from '../python/sink.js';

/** Sessions that one question to the target is about: enough to make the round trip cheap. */
const MAX_SESSIONS = 128;
const MAX_BYTES = 128 * 1024;

/** Sessions as their files say they should be in the target, until one question has told what is there. */
export class ExpectedBatch {
  count = 0;
  /** Position of the session in its chunk. */
  readonly entry = new Uint32Array(MAX_SESSIONS);
  readonly expiryMs = new Float64Array(MAX_SESSIONS);
  /**
   * 1 where the file was saved in the future, or is over its age and has its grace from now on: its expiry moves with
   * the clock, and a copy made before ends earlier.
   */
  readonly isMoving = new Uint8Array(MAX_SESSIONS);
  /**
   * The outcome of a file that is over or holds none, whose key should be gone; -1 for one whose key should be there.
   */
  readonly overCode = new Int16Array(MAX_SESSIONS);
  /** What is to be told of the file where there is no key; null for nothing. */
  readonly notes: (RejectNote | null)[] = [];
  readonly paths: string[] = [];
  readonly sids: string[] = [];
  readonly #values = new ByteSink(16 * 1024, Number.MAX_SAFE_INTEGER);
  readonly #valueEnd = new Uint32Array(MAX_SESSIONS);

  get isFull(): boolean {
    return this.count === MAX_SESSIONS || this.#values.length >= MAX_BYTES;
  }

  /** Adds the session that `intake` took last, at `nowMs`: its key should hold that value until that expiry. */
  add(
    entry: number,
    path: string,
    { name, value, valueLength, expiryMs, reader, application }: FileIntake,
    nowMs: number,
  ): void {
    const index = this.#begin(entry, path, name.sid, -1, expiryMs);
    this.#values.bytes(value, 0, valueLength);
    this.#valueEnd[index] = this.#values.length;
    this.isMoving[index] = reader.mtimeMs > nowMs || application.isGraced ? 1 : 0;
  }

  /** Adds a session whose key should be gone, because its file ended in the outcome `overCode`. */
  addOver(entry: number, path: string, sid: string, overCode: number, note: RejectNote | null = null): void {
    const index = this.#begin(entry, path, sid, overCode, 0);
    this.notes[index] = note;
    this.#valueEnd[index] = this.#values.length;
  }

  /** Valid until the next `add`. */
  value(index: number): Buffer {
    const start = index === 0 ? 0 : (this.#valueEnd[index - 1] as number);
    return this.#values.buffer.subarray(start, this.#valueEnd[index]);
  }

  /** Empties the batch, and lets go of the memory that outsized sessions made it take. */
  clear(): void {
    this.count = 0;
    this.paths.length = 0;
    this.sids.length = 0;
    this.notes.length = 0;
    this.#values.length = 0;
    if (this.#values.buffer.length > 4 * MAX_BYTES) this.#values.buffer = Buffer.allocUnsafeSlow(MAX_BYTES);
  }

  #begin(entry: number, path: string, sid: string, overCode: number, expiryMs: number): number {
    const index = this.count++;
    this.entry[index] = entry;
    this.paths[index] = path;
    this.sids[index] = sid;
    this.overCode[index] = overCode;
    this.notes[index] = null;
    this.isMoving[index] = 0;
    this.expiryMs[index] = expiryMs;
    return index;
  }
}
