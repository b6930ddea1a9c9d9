import { tableBytes } from '../plan/memory-model.js';
import type { ServerState } from './server-state.js';

/** What statfs says. */
export interface DiskState {
  bsize: number;
  blocks: number;
  bavail: number;
  /** 0 where the file system makes inodes as it needs them. */
  files: number;
  ffree: number;
}

/** Of the disk's size; and never more than so many bytes. */
const RESERVED_SHARE = 0.1;
const MOST_RESERVED_BYTES = 5 * 2 ** 30;
/** Tables that grow, and what the allocator loses between its classes, on top of what the model says. */
const MEMORY_MARGIN = 1.15;
/** Of a bound that the server has, or of memory that is free. */
const USABLE_SHARE = 0.85;

/** Bytes that the benchmark leaves free on a disk, whatever is wanted. */
export function diskReserve({ blocks, bsize }: DiskState): number {
  return Math.min(blocks * bsize * RESERVED_SHARE, MOST_RESERVED_BYTES);
}

/** How many more files of `bytesPerFile` a disk takes with its reserve kept, of inodes as well. */
export function filesThatFit(disk: DiskState, bytesPerFile: number): number {
  const byBytes = (disk.bavail * disk.bsize - diskReserve(disk)) / bytesPerFile;
  const byInodes = disk.files === 0 ? Number.POSITIVE_INFINITY : disk.ffree - disk.files * RESERVED_SHARE;
  return Math.max(0, Math.floor(Math.min(byBytes, byInodes)));
}

/**
 * Bytes that a server may still take. @param freeBytes of this machine's memory, where the server is on it; else null
 */
export function memoryRoom(server: ServerState, freeBytes: number | null): number {
  const { maxmemory, usedMemory, systemMemory, rss } = server;
  return Math.min(
    maxmemory > 0 ? maxmemory * USABLE_SHARE - usedMemory : Number.POSITIVE_INFINITY,
    systemMemory > 0 ? systemMemory * USABLE_SHARE - rss : Number.POSITIVE_INFINITY,
    freeBytes === null ? Number.POSITIVE_INFINITY : freeBytes * USABLE_SHARE,
  );
}

/** Bytes to have room for when so many sessions of `sessionBytes` each are loaded beside `present` keys. */
export function memoryNeed(sessions: number, sessionBytes: number, present: number): number {
  const tables = tableBytes(present + sessions) - tableBytes(present);
  return (sessions * sessionBytes + 1.5 * tables) * MEMORY_MARGIN;
}
