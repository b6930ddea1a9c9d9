import { lstatSync, mkdirSync, readdirSync, unlinkSync } from 'node:fs';
import { setImmediate as turn } from 'node:timers/promises';
import type { Application } from '../applications/application.js';
import { type ApplicationSettings, applicationOf } from '../applications/application-of.js';
import { EXIT, OperatorError } from '../errors.js';
import { ChunkCursor } from '../source/chunk.js';
import { SessionReader } from '../source/read.js';
import { walk } from '../source/walk.js';
import { realFileSystem } from '../system/file-system.js';
import { formatBytes, formatCount } from '../units.js';
import type { FileStep, Observer } from './findings.js';
import { type DiskState, diskReserve, filesThatFit } from './server-state.js';
import type { ThreadSettings } from './task.js';
import { BenchThreads, type RangeOptions } from './threads.js';

/** A signal is heard between two chunks, and busy disks delete no more than some hundred files per second. */
const ENTRIES_PER_CHUNK = 256;
/** `st_blocks` counts these (stat(2)). */
const BLOCK_BYTES = 512;
const MAX_FILE_BYTES = 2 ** 20;

/** What a store is on its disk, and how long one thread took to find out. Times in milliseconds. */
interface FileCensus {
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
async function takeCensus(root: string, application: Application, signal: AbortSignal): Promise<FileCensus | null> {
  let files = 0;
  const listMs = await timed(async () => {
    for await (const count of entries(root, application, signal, () => {})) files += count;
  });
  let apparentBytes = 0;
  let blocks = 0;
  const statMs = await timed(async () => {
    const add = (path: string) => {
      const stats = lstatSync(path);
      apparentBytes += stats.size;
      blocks += stats.blocks;
    };
    for await (const _ of entries(root, application, signal, add));
  });
  const reader = new SessionReader(realFileSystem, MAX_FILE_BYTES);
  const readMs = await timed(async () => {
    for await (const _ of entries(root, application, signal, (path) => void reader.read(path)));
  });
  if (signal.aborted) return null;
  const directories = directoriesIn(root, application.store.levels);
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
  settings: ApplicationSettings,
  signal: AbortSignal,
): Promise<{ files: number; elapsedMs: number } | null> {
  let files = 0;
  const elapsedMs = await timed(async () => {
    for await (const count of entries(root, applicationOf(settings), signal, unlinkSync)) files += count;
  });
  if (signal.aborted) return null;
  return { files, elapsedMs };
}

/** Hands each file's path to `use`, and gives other work a turn after each chunk, whose size it yields. */
async function* entries(
  root: string,
  application: Application,
  signal: AbortSignal,
  use: (path: string) => void,
): AsyncGenerator<number> {
  const options = {
    application,
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

/** The directory itself, and those in it as far down as a store has any. */
function directoriesIn(root: string, levels: number): string[] {
  if (levels === 0) return [root];
  const inner = readdirSync(root, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  return [root, ...inner.flatMap(({ name }) => directoriesIn(`${root}/${name}`, levels - 1))];
}

async function timed(work: () => Promise<void>): Promise<number> {
  const startMs = performance.now();
  await work();
  return performance.now() - startMs;
}

/** A block of most file systems, and a share of the directory: the guess before the first files are measured. */
const FIRST_BYTES_PER_FILE = 4096 + 256;

export interface FilePlan {
  settings: ThreadSettings;
  /** Ascending. */
  sessions: readonly number[];
  /** How it stands with the disk that holds a path. */
  diskOf: (path: string) => DiskState;
}

/** A disk that was filled to its last byte may lack files before the last ones. */
interface WrittenFiles {
  present: number;
  below: number;
}

/**
 * Writes the sessions as files step by step and measures each step, as far as the disk goes. The files stay. Resolves
 * to how many there are, and below which number their sessions are.
 */
export async function measureFiles(plan: FilePlan, { tell, progress, signal }: Observer): Promise<WrittenFiles> {
  const { directory, recipe } = plan.settings;
  const application = applicationOf(recipe.application);
  mkdirSync(directory, { mode: 0o700 });
  const crew = new BenchThreads(plan.settings);
  let present = 0;
  let below = 0;
  let bytesPerFile = FIRST_BYTES_PER_FILE;
  let writeMs = 0;
  try {
    for (const wanted of plan.sessions) {
      const from = present;
      const to = Math.min(wanted, from + filesThatFit(plan.diskOf(directory), bytesPerFile));
      const startMs = performance.now();
      const isFull = await write(crew, from, to, {
        mayGoOn: () => !signal.aborted && filesThatFit(plan.diskOf(directory), bytesPerFile) > 0,
        begins: (number) => {
          below = number;
        },
        progress: (count) => progress('writing files', from + count, to),
      });
      writeMs += performance.now() - startMs;
      if (signal.aborted) break;
      progress('listing, reading files', 0, to);
      const census = await takeCensus(directory, application, signal);
      if (census === null) break;
      present = census.files;
      if (present > from) {
        const { files: sessions, directories, ...measured } = census;
        const allocatedPerSession = census.allocatedBytes / sessions;
        bytesPerFile = allocatedPerSession;
        const step: FileStep = {
          type: 'files',
          sessions,
          inodes: sessions + directories,
          allocatedPerSession,
          writeMs,
          ...measured,
        };
        tell(step);
      }
      if (isFull || present < wanted) {
        tell({ type: 'warning', message: endOfDisk(plan, present, wanted) });
        break;
      }
    }
  } finally {
    await crew.end();
  }
  return { present, below };
}

/** Resolves to whether the disk was full; some of the files are there then. */
async function write(crew: BenchThreads, from: number, to: number, options: Partial<RangeOptions>): Promise<boolean> {
  try {
    await crew.run('write', from, to, options);
    return false;
  } catch (error) {
    if (error instanceof OperatorError && error.exitCode === EXIT.limit) return true;
    throw error;
  }
}

function endOfDisk({ settings, diskOf }: FilePlan, present: number, wanted: number): string {
  const reserve = formatBytes(diskReserve(diskOf(settings.directory)));
  return (
    `the disk holds ${formatCount(present)} of ${formatCount(wanted)} files with ${reserve} and a tenth of its inodes left ` +
    'free: the file half ends there'
  );
}
