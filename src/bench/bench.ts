/**
 * READ FIRST. The memory benchmark: the same random sessions as keys in Redis, as files on the disk, and on their
 * way from there to here.
 *
 *   memory half    load so many, measure the server, load more ...; a line through the measurements
 *   file half      write so many files, measure the disk, write more ...; then migrate them, and delete them
 *
 * What it makes is gone at its end. A server of its own is killed with its directory, and the files are removed, even
 * when the benchmark is killed itself (server.ts). Keys on a given server are deleted, and if nobody is left to do so
 * they expire.
 */

import { randomBytes } from 'node:crypto';
import { mkdtempSync } from 'node:fs';
import { join } from 'node:path';
import type { KeyTemplate, ReaderWords } from '../applications/application.js';
import { describeEndpoint } from '../redis/endpoint.js';
import { deleteFiles, measureFiles } from './files.js';
import type { Observer } from './findings.js';
import { measureMemory } from './memory.js';
import { dropCaches, type MigrateSetup, timeMigrate } from './migrate.js';
import { BenchServer, type BenchServerOptions, CleanUpShell } from './server.js';
import { askOnce, type DiskState, refuseUnfit, serverState, serverWarningsOf } from './server-state.js';

const MARK = 's2rb';
const LEAST_BYTES = 8;

/**
 * Where the benchmark's keys go on a server that is not its own: as long as the reader's keys, so that they take as
 * much memory, and unlike any of them. A reader's key that leaves less than eight bytes beside the sid gets longer.
 */
export function throwawayKey({ before, after }: KeyTemplate): KeyTemplate {
  const bytes = Math.max(LEAST_BYTES, Buffer.byteLength(before) + Buffer.byteLength(after));
  return {
    before:
      MARK +
      randomBytes(bytes)
        .toString('hex')
        .slice(0, bytes - MARK.length),
    after: '',
  };
}

/** A prefix for a migrate that is only measured. */
export function throwawayPrefix(): string {
  return `sess2redis-bench-${randomBytes(4).toString('hex')}`;
}

/** Sessions that a new server sees before it is measured: what it allocates once for all is no session's. */
const WARM_UP = 1000;

export interface BenchOptions extends BenchServerOptions {
  /** The reader's. */
  key: KeyTemplate;
  /** Ascending, each at least 1. */
  sessions: readonly number[];
  /** Whether the operator said that a server with keys of others may be loaded. */
  isYes: boolean;
  /** Bytes of memory that are free on this machine. */
  freeBytes: () => number;
  /** Where the files are made, in a directory of their own; null for no file half. */
  filesIn: string | null;
  diskOf: (path: string) => DiskState;
  migrate: MigrateSetup;
  /**
   * How a migrate is told to use keys of its own, and what they are then; without a prefix the reader's keys. Null
   * where the reader's keys have no place for a prefix.
   */
  keysUnder: (prefix: string | null) => ReaderWords | null;
  /** The target as the operator wrote it. */
  to: string;
  /** Whether the caches of the whole machine may be dropped. */
  mayDropCaches: boolean;
}

/**
 * Resolves when everything is measured, or `signal` has aborted, and nothing is left.
 * @throws {OperatorError}
 */
export async function measureSessions(options: BenchOptions, observer: Observer): Promise<void> {
  await memoryHalf(options, observer);
  if (options.filesIn !== null && !observer.signal.aborted) await fileHalf(options, options.filesIn, observer);
}

async function memoryHalf(options: BenchOptions, observer: Observer): Promise<void> {
  const { target, sessions, isYes } = options;
  const ground = await BenchServer.open(options, target === null ? options.key : throwawayKey(options.key));
  const { endpoint } = ground.settings;
  try {
    const state = await serverState(endpoint);
    if (target !== null) {
      refuseUnfit(state, endpoint, isYes);
      for (const message of serverWarningsOf(state, endpoint)) observer.tell({ type: 'warning', message });
    }
    const { version, allocator } = state;
    const shown = target === null ? 'private' : describeEndpoint(target);
    observer.tell({ type: 'server', target: shown, version, allocator });
    if (target === null) {
      const quiet = { ...observer, tell: () => {} };
      await measureMemory({ settings: ground.settings, sessions: [WARM_UP], freeBytes: null }, quiet, () => {});
      await askOnce(endpoint, 'FLUSHALL');
    }
    const isLocal = endpoint.kind === 'unix' || ['localhost', '127.0.0.1', '::1'].includes(endpoint.address);
    const freeBytes = isLocal ? options.freeBytes() : null;
    await measureMemory({ settings: ground.settings, sessions, freeBytes }, observer, (held) => {
      ground.held = held;
    });
  } finally {
    await ground.leave(observer);
  }
}

async function fileHalf(options: BenchOptions, filesIn: string, observer: Observer): Promise<void> {
  const { recipe, key, sessions, diskOf } = options;
  const work = mkdtempSync(join(filesIn, 'sess2redis-bench-'));
  const keeper = new CleanUpShell(work);
  try {
    const directory = join(work, 'sessions');
    const nowMs = Date.now();
    const settings = { recipe, nowMs, endpoint: null, key, lastExpiryMs: 0, quantum: 16 as const, directory };
    const { present, below } = await measureFiles({ settings, sessions, diskOf }, observer);
    if (observer.signal.aborted || present === 0) return;
    await measureMigrate(options, work, below, 'warm', observer);
    if (options.mayDropCaches && !observer.signal.aborted) {
      await dropCaches();
      await measureMigrate(options, work, below, 'cold', observer);
    }
    observer.progress('deleting files', 0, present);
    const deleted = await deleteFiles(directory, recipe.application, observer.signal);
    if (deleted === null) return;
    const { files, elapsedMs } = deleted;
    observer.tell({
      type: 'files-deleted',
      sessions: files,
      elapsedMs,
      sessionsPerSecond: (files / elapsedMs) * 1000,
    });
  } finally {
    await keeper.end();
  }
}

async function measureMigrate(
  options: BenchOptions,
  work: string,
  below: number,
  cache: 'warm' | 'cold',
  observer: Observer,
): Promise<void> {
  const keys = options.keysUnder(options.target === null ? null : throwawayPrefix());
  if (keys === null) {
    const message =
      "the reader's keys have no prefix of their own: no migrate into a server that others use is measured";
    observer.tell({ type: 'warning', message });
    return;
  }
  const { words, key } = keys;
  const ground = await BenchServer.open(options, key);
  try {
    observer.progress(`migrating (${cache})`, 0, below);
    ground.held = below;
    const to = ground.server === null ? options.to : `unix://${ground.settings.endpoint.address}`;
    const call = { source: join(work, 'sessions'), stateDirectory: join(work, `state-${cache}`), words, to };
    const rate = await timeMigrate(options.migrate, call, observer.signal);
    if (rate !== null) observer.tell({ ...rate, cache });
  } finally {
    await ground.leave(observer);
  }
}
