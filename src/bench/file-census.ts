import { lstatSync, readdirSync, unlinkSync } from 'node:fs';
import { setImmediate as turn } from 'node:timers/promises';
import { ChunkCursor } from '../source/chunk.js';
import { realFileSystem } from '../source/file-system.js';
import { SessionReader } from '../source/read.js';
import { walk } from '../source/walk.js';

/** A signal is heard between two chunks, and busy disks delete no more than some hundred files per second. */
const ENTRIES_PER_CHUNK = 256;
/** `st_blocks` counts these (stat(2)). */
const BLOCK_BYTES = 512;
const MAX_FILE_BYTES = 2 ** 20;

/** What a store is on its disk, and how long one thread took to find out. Times in milliseconds. */
export interface FileCensus {
  files: number;
  apparentBytes: number;
  allocatedBytes: number;
  directories: number;
  directoryBytes: number;
  listMs: number;
  statMs: number;
  readMs: number;
}

/** Lists, stats and reads a store as the migration does. Null when `signal` aborted it. */
export async function takeCensus(root: string, signal: AbortSignal): Promise<FileCensus | null> {
  let files = 0;
  const listMs = await timed(async () => {
    for await (const count of entries(root, signal, () => {})) files += count;
  });
  let apparentBytes = 0;
  let blocks = 0;
  const statMs = await timed(async () => {
    const add = (path: string) => {
      const stats = lstatSync(path);
      apparentBytes += stats.size;
      blocks += stats.blocks;
    };
    for await (const _ of entries(root, signal, add));
  });
  const reader = new SessionReader(realFileSystem, MAX_FILE_BYTES);
  const readMs = await timed(async () => {
    for await (const _ of entries(root, signal, (path) => void reader.read(path)));
  });
  if (signal.aborted) return null;
  const directories = [root, ...shardsOf(root)];
  const directoryBytes = directories.reduce((sum, path) => sum + lstatSync(path).blocks * BLOCK_BYTES, 0);
  const allocatedBytes = blocks * BLOCK_BYTES + directoryBytes;
  return {
    files,
    apparentBytes,
    allocatedBytes,
    directories: directories.length,
    directoryBytes,
    listMs,
    statMs,
    readMs,
  };
}

/** Unlinks every file; the directories stay. Resolves to how long the files took, null when `signal` aborted it. */
export async function deleteFiles(
  root: string,
  signal: AbortSignal,
): Promise<{ files: number; elapsedMs: number } | null> {
  let files = 0;
  const elapsedMs = await timed(async () => {
    for await (const count of entries(root, signal, unlinkSync)) files += count;
  });
  if (signal.aborted) return null;
  return { files, elapsedMs };
}

/** Hands each file's path to `use`, and gives other work a turn after each chunk, whose size it yields. */
async function* entries(root: string, signal: AbortSignal, use: (path: string) => void): AsyncGenerator<number> {
  const options = {
    fileSystem: realFileSystem,
    maxEntries: () => ENTRIES_PER_CHUNK,
    onUnreadable: () => {},
    shards: null,
  };
  for (const chunk of walk([root], options)) {
    const cursor = new ChunkCursor(chunk);
    while (cursor.next()) use(`${root}/${cursor.path}`);
    yield chunk.count;
    await turn();
    if (signal.aborted) return;
  }
}

function shardsOf(root: string): string[] {
  return readdirSync(root, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => `${root}/${name}`);
}

async function timed(work: () => Promise<void>): Promise<number> {
  const startMs = performance.now();
  await work();
  return performance.now() - startMs;
}
