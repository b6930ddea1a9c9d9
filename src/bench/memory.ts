import { EXIT, OperatorError } from '../errors.js';
import { tableBytes } from '../redis/memory-model.js';
import { formatBytes, formatCount } from '../units.js';
import type { MemoryStep, Observer } from './findings.js';
import { memoryNeed, memoryRoom, serverState, stateAtRest } from './server-state.js';
import { SessionMaker } from './session-maker.js';
import { addDone, nothingDone, type ThreadSettings } from './task.js';
import { BenchThreads } from './threads.js';

/** A straight line through measured points, by least squares. */
export interface Line {
  slope: number;
  intercept: number;
  /** Share of the variation that the line explains, 1 for points on it. */
  r2: number;
}

/** Null for less than two different x. Means are taken out first, so that large x lose no digits. */
export function fitLine(points: readonly (readonly [x: number, y: number])[]): Line | null {
  const meanX = mean(points.map(([x]) => x));
  const meanY = mean(points.map(([, y]) => y));
  let xx = 0;
  let xy = 0;
  let yy = 0;
  for (const [x, y] of points) {
    xx += (x - meanX) ** 2;
    xy += (x - meanX) * (y - meanY);
    yy += (y - meanY) ** 2;
  }
  if (!(xx > 0)) return null;
  const slope = xy / xx;
  return { slope, intercept: meanY - slope * meanX, r2: yy === 0 ? 1 : xy ** 2 / (xx * yy) };
}

function mean(numbers: readonly number[]): number {
  return numbers.reduce((sum, number) => sum + number, 0) / numbers.length;
}

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
    bytes += maker.memoryBytes(around + maker.sid.length, quantum);
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
