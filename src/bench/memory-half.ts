import { OperatorError } from '../errors.js';
import { EXIT } from '../exit-codes.js';
import { sessionBytes, tableBytes } from '../plan/memory-model.js';
import { formatBytes, formatCount } from '../quantities.js';
import { BenchThreads } from './crew.js';
import type { MemoryStep } from './findings.js';
import { fitLine } from './fit.js';
import { SessionMaker } from './maker.js';
import type { Observer } from './observer.js';
import { memoryNeed, memoryRoom } from './room.js';
import { serverState, stateAtRest } from './server-state.js';
import { addDone, nothingDone, type ThreadSettings } from './task.js';

/** Sessions from which the mean size is taken before anything is loaded. */
const SAMPLE = 500;
/** Redis moves a bucket per look-up; a few look-ups meet a bucket that is empty. */
const TOUCH_MARGIN = 1.05;

export interface MemoryPlan {
  settings: ThreadSettings & { endpoint: NonNullable<ThreadSettings['endpoint']> };
  /** Ascending. */
  sessions: readonly number[];
  /** Bytes free on the server's machine, where it is this one; else null. */
  freeBytes: number | null;
}

/**
 * Loads sessions step by step and measures the server at each. The keys stay until `removeSessions`.
 * @param loaded tells how many keys may be there, before they are
 */
export async function measureMemory(
  plan: MemoryPlan,
  { tell, progress, signal }: Observer,
  loaded: (sessions: number) => void,
): Promise<void> {
  const { endpoint } = plan.settings;
  const start = await serverState(endpoint);
  const present = start.keys.get(endpoint.databaseIndex ?? 0) ?? 0;
  const mean = meanSessionBytes(plan.settings);
  const steps: MemoryStep[] = [];
  const sum = nothingDone();
  const mayGoOn = () => !signal.aborted;
  const crew = new BenchThreads(plan.settings);
  try {
    let from = 0;
    for (const to of plan.sessions) {
      const need = memoryNeed(to - from, mean, present + from);
      const room = memoryRoom(await serverState(endpoint), plan.freeBytes);
      if (need > room) {
        tell({ type: 'warning', message: noRoom(to, need, Math.max(0, room)) });
        break;
      }
      const startMs = performance.now();
      const first = from;
      const done = await crew.run('load', from, to, {
        mayGoOn,
        begins: loaded,
        progress: (count) => progress('loading', first + count, to),
      });
      const loadMs = performance.now() - startMs;
      if (signal.aborted) return;
      if (done.count !== to - from) throw foreignKeys(to - from - done.count);
      addDone(sum, done);
      await crew.run('touch', 0, touchesFor(present, to), { mayGoOn });
      if (signal.aborted) return;

      const state = await stateAtRest(endpoint, start.clients);
      if (present + to > (state.keys.get(endpoint.databaseIndex ?? 0) ?? 0)) throw lostKeys();
      const addedBytes = state.usedMemory - start.usedMemory;
      const predictedBytes = sum.predictedBytes + tableBytes(present + to) - tableBytes(present);
      const step: MemoryStep = {
        type: 'step',
        sessions: to,
        usedMemoryBytes: state.usedMemory,
        addedBytes,
        bytesPerSession: addedBytes / to,
        rssBytes: state.rss,
        fragmentationRatio: state.fragmentation,
        peakMemoryBytes: state.peak,
        predictedBytes,
        predictionError: predictedBytes / addedBytes - 1,
        keyBytes: sum.keyBytes / to,
        valueBytes: sum.valueBytes / to,
        loadMs,
        sessionsPerSecond: ((to - from) / loadMs) * 1000,
      };
      tell(step);
      steps.push(step);
      from = to;
    }
  } finally {
    await crew.end();
  }
  const line = fitLine(steps.map(({ sessions, usedMemoryBytes }) => [sessions, usedMemoryBytes]));
  if (line === null) return;
  const { slope, intercept, r2 } = line;
  tell({ type: 'fit', bytesPerSession: slope, interceptBytes: intercept, r2, steps: steps.length });
}

/** Deletes the keys of the first `sessions` sessions. Resolves to how many there were. */
export async function removeSessions(
  settings: ThreadSettings,
  sessions: number,
  progress: Observer['progress'],
): Promise<number> {
  const crew = new BenchThreads(settings);
  try {
    const done = await crew.run('remove', 0, sessions, {
      progress: (count) => progress('removing keys', count, sessions),
    });
    return done.count;
  } finally {
    await crew.end();
  }
}

/** The state of the server when its tables have all moved is what can be told from a prediction, and compared. */
function touchesFor(present: number, loaded: number): number {
  const old = 2 ** (Math.ceil(Math.log2(present + loaded)) - 1);
  return Math.min(loaded, Math.max(0, Math.ceil((2 * old - present - loaded) * TOUCH_MARGIN)));
}

function meanSessionBytes({ recipe, nowMs, key, quantum }: ThreadSettings): number {
  const maker = new SessionMaker(recipe, nowMs);
  const around = Buffer.byteLength(key.before) + Buffer.byteLength(key.after);
  let bytes = 0;
  for (let index = 0; index < SAMPLE; index++) {
    maker.make(index);
    bytes += sessionBytes(around + maker.sid.length, maker.value.length, quantum);
  }
  return bytes / SAMPLE;
}

function noRoom(sessions: number, need: number, room: number): string {
  return (
    `the server has room for ${formatBytes(room)} more, and ${formatCount(sessions)} sessions may need ` +
    `${formatBytes(need)} of it: the steps end before`
  );
}

function foreignKeys(count: number): OperatorError {
  return new OperatorError(
    EXIT.temporary,
    `${formatCount(count)} of the benchmark's keys were there already: run again, or with another --seed`,
  );
}

function lostKeys(): OperatorError {
  return new OperatorError(
    EXIT.temporary,
    'keys went away while they were measured: the server evicts, or somebody else deletes; name a server with nothing else on it',
  );
}
