import type { ServerCourse } from '../../src/governor/judge.js';
import type { ServerSample } from '../../src/redis/info.js';

const MIB = 2 ** 20;

/** A server that is well, but for what `trouble` says. */
export function sample(trouble: Partial<ServerSample> = {}): ServerSample {
  return {
    server: 'redis://a:6379/0',
    roundTripMs: 0.4,
    usedMemoryBytes: 100 * MIB,
    maxMemoryBytes: 1000 * MIB,
    evictedKeys: 5,
    rejectedConnections: 5,
    droppedClients: 5,
    fullSyncs: 2,
    replicaLagBytes: 1000,
    replicaBufferBytes: 0,
    replicaLimitBytes: 64 * MIB,
    fork: '',
    delayedFsyncs: 5,
    failedSave: '',
    ...trouble,
  };
}

/** What a server without INFO shows: all but the round trip is unknown. */
export const BLIND: Partial<ServerSample> = {
  usedMemoryBytes: Number.NaN,
  maxMemoryBytes: Number.NaN,
  evictedKeys: Number.NaN,
  rejectedConnections: Number.NaN,
  fullSyncs: Number.NaN,
  replicaLagBytes: Number.NaN,
  replicaBufferBytes: Number.NaN,
};

/** A server that was well and now is as `now` says; `more` replaces what was before. */
export function course(now: Partial<ServerSample>, more: Partial<ServerCourse> = {}): ServerCourse {
  return { baseline: sample(), before: sample(), now: sample(now), restingMs: 0.4, ...more };
}
