import type { FoundMembers } from './member-paths.js';

/**
 * Reads one serialisation from its first byte to its last, without building values: what passes is what the reader can
 * decode. One object serves a thread.
 */
export interface Scanner {
  /**
   * Reads `bytes[start, end)` and notes the watched members in `found`. Returns the bytes in which the places that were
   * noted are: `bytes` themselves, or what was inside an envelope, good until the next scan.
   * @throws {ContentFault}
   */
  scan(bytes: Uint8Array, start: number, end: number, found: FoundMembers): Uint8Array;
}

/** Levels of nesting that are read. PHP's own limit is 4096 (unserialize_max_depth); sessions have some ten. */
export const MAX_DEPTH = 4096;

/** Bytes that are no whole session. */
export class ContentFault extends Error {
  override readonly name = 'ContentFault';

  /**
   * @param offset the byte at which reading stopped
   * @param isTorn whether a writer at work can be the cause: the bytes end too early, or an older, longer session's
   *   tail stands behind the end
   */
  constructor(
    readonly reason: string,
    readonly offset: number,
    readonly isTorn: boolean,
  ) {
    super(`${reason} (byte ${offset})`);
  }
}

/** @throws {ContentFault} for bytes that stop before their value does */
export function endsEarly(offset: number): never {
  throw new ContentFault('the content ends in the middle of a value', offset, true);
}

/** @throws {ContentFault} for bytes behind the end of the session */
export function goesOn(offset: number): never {
  throw new ContentFault('there are bytes behind the end of the session', offset, true);
}

/** @throws {ContentFault} for bytes that no writer leaves at work */
export function malformed(reason: string, offset: number): never {
  throw new ContentFault(reason, offset, false);
}
