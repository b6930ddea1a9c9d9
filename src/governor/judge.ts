import type { ServerSample } from '../redis/info.js';
import { counted, formatBytes } from '../units.js';

/** What a run is held back for; the names under which the summary adds up the time. */
export type Cause =
  | 'rate'
  | 'paused'
  | 'latency'
  | 'memory'
  | 'eviction'
  | 'clients'
  | 'replication'
  | 'fork'
  | 'fsync'
  | 'persistence'
  | 'source-io';

/**
 * `halve`: half the pace while it lasts. `slow`: the pace is halved at every look until it helps. `critical`: no chunk
 * starts until it is over.
 */
export type Severity = 'calm' | 'halve' | 'slow' | 'critical';

export interface LoadFinding {
  severity: Severity;
  cause: Cause | '';
  /** For the operator: what was seen, and what it is measured by. */
  reason: string;
}

export const CALM: LoadFinding = { severity: 'calm', cause: '', reason: '' };

/** One server in the course of a run: before the first chunk, at the last look, and now. */
export interface ServerCourse {
  baseline: ServerSample;
  before: ServerSample;
  now: ServerSample;
  /**
   * Round trip that it has while the run leaves it alone: others keep it busy too, and slowing down changes nothing
   * there.
   */
  restingMs: number;
}

/** A round trip of `times` the baseline is slow, or critical, if it is also `addedMs` above it: less may be noise. */
const LATENCY = { slow: { times: 2, addedMs: 2 }, critical: { times: 5, addedMs: 20 } };
/** Shares of maxmemory: what is above belongs to the live sessions, and to the buffers of clients and replicas. */
const MEMORY = { slow: 0.8, critical: 0.9 };
/** Shares of the buffer at whose limit the server drops a replica. */
const REPLICA = { slow: 1 / 4, critical: 1 / 2 };

/** What is not held against a server. */
export interface Tolerance {
  /** A full memory and evictions: the server is a cache, and the operator accepted that. */
  acceptsEviction: boolean;
  /** Nothing is written, so nothing fills memory, disks or replicas. */
  isReading: boolean;
}

/** The gravest of what there is to say of a server. Knows neither clock nor connection. */
export function judgeLoad(course: ServerCourse, tolerance: Tolerance): LoadFinding {
  const shared = [latencyOf(course), clientsOf(course)];
  if (tolerance.isReading) return gravest(shared);
  const memory = tolerance.acceptsEviction ? [] : [memoryOf(course), evictionsOf(course)];
  const disks = [failedSavesOf(course), fsyncsOf(course), forksOf(course)];
  return gravest([...memory, replicationOf(course), ...shared, ...disks]);
}

const RANKS: readonly Severity[] = ['calm', 'halve', 'slow', 'critical'];

/** The first of those that are graver than the others. */
export function gravest(findings: readonly LoadFinding[]): LoadFinding {
  const rank = ({ severity }: LoadFinding) => RANKS.indexOf(severity);
  return findings.reduce((worst, finding) => (rank(finding) > rank(worst) ? finding : worst), CALM);
}

/**
 * @param share of the time, 0 to 1, in which some process waited for a disk
 * @param mostShare what is allowed
 */
export function judgeSource(share: number, mostShare: number): LoadFinding {
  if (!(share > mostShare)) return CALM;
  const percent = (part: number) => `${Math.round(part * 100)} %`;
  const reason = `processes wait for the disks ${percent(share)} of the time (--max-io-pressure ${percent(mostShare)})`;
  return { severity: 'slow', cause: 'source-io', reason };
}

function latencyOf({ baseline, before, now, restingMs }: ServerCourse): LoadFinding {
  // Only what two looks saw: a single one may have met a fork or a slow command of somebody else's.
  const seenMs = Math.min(before.roundTripMs, now.roundTripMs);
  const isOver = (fromMs: number, { times, addedMs }: typeof LATENCY.slow) =>
    seenMs > Math.max(fromMs * times, fromMs + addedMs);
  const isCritical = isOver(baseline.roundTripMs, LATENCY.critical);
  if (!isCritical && !isOver(restingMs, LATENCY.slow)) return CALM;
  const fromMs = isCritical ? baseline.roundTripMs : restingMs;
  const reason = `redis latency ${milliseconds(seenMs)} (baseline ${milliseconds(fromMs)})`;
  return { severity: isCritical ? 'critical' : 'slow', cause: 'latency', reason };
}

const milliseconds = (ms: number) => `${ms.toFixed(ms < 1 ? 2 : 1)} ms`;

function memoryOf({ now }: ServerCourse): LoadFinding {
  const share = now.maxMemoryBytes > 0 ? now.usedMemoryBytes / now.maxMemoryBytes : 0;
  if (!(share > MEMORY.slow)) return CALM;
  const reason = `memory ${Math.floor(share * 100)} % of maxmemory`;
  // Slower and slower would not help: memory does not fall while anything is written.
  return { severity: share > MEMORY.critical ? 'critical' : 'halve', cause: 'memory', reason };
}

function evictionsOf({ before, now }: ServerCourse): LoadFinding {
  const evicted = now.evictedKeys - before.evictedKeys;
  if (!(evicted > 0)) return CALM;
  return { severity: 'critical', cause: 'eviction', reason: `redis evicted ${counted(evicted, 'key')}` };
}

function clientsOf({ before, now }: ServerCourse): LoadFinding {
  const rejected = now.rejectedConnections - before.rejectedConnections;
  const dropped = now.droppedClients - before.droppedClients;
  if (rejected > 0)
    return { severity: 'slow', cause: 'clients', reason: `redis rejected ${counted(rejected, 'connection')}` };
  if (!(dropped > 0)) return CALM;
  return { severity: 'slow', cause: 'clients', reason: `redis dropped ${counted(dropped, 'client')}` };
}

function replicationOf({ before, now }: ServerCourse): LoadFinding {
  if (now.fullSyncs > before.fullSyncs) {
    return { severity: 'critical', cause: 'replication', reason: 'a replica has to copy everything again' };
  }
  const lag = now.replicaLagBytes >= (now.replicaBufferBytes || 0);
  const bytes = Math.max(now.replicaLagBytes || 0, now.replicaBufferBytes || 0);
  if (!(bytes > now.replicaLimitBytes * REPLICA.slow)) return CALM;
  const severity = bytes > now.replicaLimitBytes * REPLICA.critical ? 'critical' : 'slow';
  const limit = `redis drops it at ${formatBytes(now.replicaLimitBytes)}`;
  const what = lag ? `a replica is ${formatBytes(bytes)} behind` : `a replica's buffer holds ${formatBytes(bytes)}`;
  return { severity, cause: 'replication', reason: `${what} (${limit})` };
}

function fsyncsOf({ before, now }: ServerCourse): LoadFinding {
  if (!(now.delayedFsyncs > before.delayedFsyncs)) return CALM;
  return { severity: 'slow', cause: 'fsync', reason: 'the append-only file waits for the disk' };
}

function forksOf({ now }: ServerCourse): LoadFinding {
  return now.fork === '' ? CALM : { severity: 'halve', cause: 'fork', reason: now.fork };
}

function failedSavesOf({ baseline, now }: ServerCourse): LoadFinding {
  // One that failed before the run is for the pre-flight to judge, and may never be tried again.
  if (now.failedSave === '' || now.failedSave === baseline.failedSave) return CALM;
  return { severity: 'critical', cause: 'persistence', reason: `redis could not save ${now.failedSave}` };
}

/** A question that stays open for longer is a finding of its own. */
const SILENCE_MS = 1000;
/** Shares of a look in what is known of a server at rest. */
const RISE = 0.3;
const FALL = 0.05;

/** Follows the servers of a target from look to look, and says of each look what is the gravest in it. */
export class ServerMonitor {
  readonly #courses = new Map<string, ServerCourse>();

  constructor(readonly tolerance: Tolerance) {}

  /**
   * A server's first sample is the baseline by which the later ones are judged.
   * @param isQuiet whether the run sends next to nothing at the moment, so that what is seen is the server's own
   */
  see(samples: readonly ServerSample[], isQuiet: boolean): LoadFinding {
    const findings: LoadFinding[] = [];
    for (const now of samples) {
      const course = follow(this.#courses.get(now.server), now, isQuiet);
      this.#courses.set(now.server, course);
      const finding = judgeLoad(course, this.tolerance);
      findings.push(samples.length > 1 ? { ...finding, reason: `${finding.reason} at ${now.server}` } : finding);
    }
    return gravest(findings);
  }
}

function follow(course: ServerCourse | undefined, now: ServerSample, isQuiet: boolean): ServerCourse {
  if (course === undefined) return { baseline: now, before: now, now, restingMs: now.roundTripMs };
  const { baseline, restingMs } = course;
  // What rises in quiet is believed soon, what falls at any time is believed slowly.
  const share = now.roundTripMs < restingMs ? FALL : isQuiet ? RISE : 0;
  const followedMs = restingMs + (now.roundTripMs - restingMs) * share;
  return { baseline, before: course.now, now, restingMs: Math.max(baseline.roundTripMs, followedMs) };
}

/** What it means that the last look has been waiting for an answer for `waitingMs`; null while that is nothing yet. */
export function judgeSilence(waitingMs: number): LoadFinding | null {
  if (waitingMs < SILENCE_MS) return null;
  const reason = `redis has not answered for ${(waitingMs / 1000).toFixed(1)} s`;
  return { severity: 'critical', cause: 'latency', reason };
}
