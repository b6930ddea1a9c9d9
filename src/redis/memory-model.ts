import type { HashForm } from '../applications/application.js';

/**
 * What sessions take in Redis, predicted without one. It follows the allocations of `SET key value NX PXAT` in Redis
 * 7.0 (redis/src/db.c, object.c, sds.c, dict.h), each rounded up to a size class of jemalloc.
 *
 * Measured against redis-server 7.0.15 with 20,000 sessions each, keys of 48 to 130 bytes and values of 20 to 40,000:
 * at most 0.01 % off `used_memory` once the server has seen its first keys, with Debian's jemalloc and with Redis's own
 * alike. Cluster nodes take 32 bytes more per session.
 */

/**
 * The step of jemalloc's smallest classes: 16 bytes where the distribution built it (Debian, Ubuntu), 8 where Redis
 * brought its own; `MEMORY MALLOC-STATS` names it as "Quantum size".
 */
export type Quantum = 8 | 16;

/** robj: type, encoding, reference count, pointer. */
const OBJECT_BYTES = 16;
/** One entry of a hash table: key, value, next. The expiry has an entry of its own. */
const ENTRY_BYTES = 24;
const POINTER_BYTES = 8;
/** Up to here a value lies in one allocation with its object (OBJ_ENCODING_EMBSTR_SIZE_LIMIT). */
const LONGEST_EMBEDDED_VALUE = 44;
/** Header of an embedded value, and the NUL behind every string. */
const EMBEDDED_HEADER_BYTES = 3;
const NUL_BYTES = 1;
/** Header of a string that is shorter than the bound. */
const HEADERS: readonly (readonly [belowBytes: number, headerBytes: number])[] = [
  [2 ** 5, 1],
  [2 ** 8, 3],
  [2 ** 16, 5],
  [2 ** 32, 9],
];
const LEAST_TABLE_SLOTS = 4;

/**
 * Bytes of `used_memory` that one session takes: its key, its value and its expiry, without its share of the tables
 * ({@link tableBytes}).
 * @param keyBytes of the whole key, prefix and sid
 * @param quantum 16 unless the server is known: the larger figure
 */
export function sessionBytes(keyBytes: number, valueBytes: number, quantum: Quantum = 16): number {
  const value =
    valueBytes <= LONGEST_EMBEDDED_VALUE
      ? allocated(OBJECT_BYTES + EMBEDDED_HEADER_BYTES + valueBytes + NUL_BYTES, quantum)
      : allocated(OBJECT_BYTES, quantum) + stringBytes(valueBytes, quantum);
  return stringBytes(keyBytes, quantum) + value + 2 * allocated(ENTRY_BYTES, quantum);
}

/** A `dict` with its first table of pointers (redis/src/dict.h), as the hash of few fields has it. */
const DICT_BYTES = 56;
/** Longer values make Redis keep a hash in a table, a listpack else (hash-max-listpack-value, its default). */
const LONGEST_LISTED_VALUE = 64;
/** Header and end of a listpack, and what stands around each entry of up to 63 bytes (redis/src/listpack.c). */
const LISTPACK_BYTES = 7;
const LISTPACK_ENTRY_BYTES = 2;

/** The same as {@link sessionBytes} for a hash of four fields at most, whose field of the session has so many bytes. */
export function hashBytes(keyBytes: number, { own, others }: HashForm, ownBytes: number, quantum: Quantum): number {
  const lengths = [own.length, ownBytes, ...others.map(({ length }) => length)];
  const around =
    stringBytes(keyBytes, quantum) + allocated(OBJECT_BYTES, quantum) + 2 * allocated(ENTRY_BYTES, quantum);
  if (lengths.every((length) => length <= LONGEST_LISTED_VALUE)) {
    const bytes = lengths.reduce((sum, length) => sum + length + LISTPACK_ENTRY_BYTES, LISTPACK_BYTES);
    return around + allocated(bytes, quantum);
  }
  const table = allocated(DICT_BYTES, quantum) + allocated(LEAST_TABLE_SLOTS * POINTER_BYTES, quantum);
  const entries = (lengths.length / 2) * allocated(ENTRY_BYTES, quantum);
  return around + table + entries + lengths.reduce((sum, length) => sum + stringBytes(length, quantum), 0);
}

/**
 * Bytes of the two hash tables, keys and expiries, of a database that holds so many sessions. They double at each power
 * of two; while Redis moves to the larger table the smaller one is there too, so the peak is half as much again. What
 * further sessions add to a database is the difference of two calls.
 */
export function tableBytes(sessions: number): number {
  if (sessions === 0) return 0;
  return 2 * POINTER_BYTES * Math.max(LEAST_TABLE_SLOTS, 2 ** Math.ceil(Math.log2(sessions)));
}

function stringBytes(length: number, quantum: Quantum): number {
  const header = HEADERS.find(([belowBytes]) => length < belowBytes)?.[1] ?? 0;
  return allocated(header + length + NUL_BYTES, quantum);
}

/** jemalloc has this class below its quantum. */
const SMALLEST_ALLOCATION = 8;

/** The size class that jemalloc serves a request from: four per doubling, but never closer than the quantum. */
function allocated(bytes: number, quantum: Quantum): number {
  if (bytes <= SMALLEST_ALLOCATION) return SMALLEST_ALLOCATION;
  const doubling = 32 - Math.clz32(bytes - 1);
  const step = Math.max(quantum, 2 ** (doubling - 3));
  return Math.ceil(bytes / step) * step;
}

/**
 * Sizes in steps as jemalloc, Redis's allocator, hands memory out: 16 bytes up to 128, then four steps per doubling
 * (https://jemalloc.net/jemalloc.3.html, size classes). One scale serves both the picture of sizes and the prediction
 * of memory.
 */
export const SIZE_CLASSES = 96;

const SMALLEST = 16;
const SMALL_CLASSES = 8;
/** log2 of the largest size that is still in steps of 16. */
const SMALL_BITS = 7;

/** The class of `bytes`, from 0; everything beyond the last class is in it. */
export function sizeClassOf(bytes: number): number {
  if (bytes <= SMALLEST * SMALL_CLASSES) return Math.max(0, ((bytes + SMALLEST - 1) >> 4) - 1);
  const bits = 31 - Math.clz32(bytes - 1);
  const quarter = ((bytes - 1) >> (bits - 2)) & 3;
  return Math.min(SIZE_CLASSES - 1, SMALL_CLASSES + (bits - SMALL_BITS) * 4 + quarter);
}

/** The most bytes that class holds, which is what an allocation in it takes. */
export function bytesOfClass(sizeClass: number): number {
  if (sizeClass < SMALL_CLASSES) return (sizeClass + 1) * SMALLEST;
  const bits = SMALL_BITS + ((sizeClass - SMALL_CLASSES) >> 2);
  const quarter = (sizeClass - SMALL_CLASSES) & 3;
  return 2 ** bits + (quarter + 1) * 2 ** (bits - 2);
}
