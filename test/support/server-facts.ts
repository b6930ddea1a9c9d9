import type { ServerFacts } from '../../src/redis/info.js';

/** A sound, empty server without limits or persistence, with what a test is about on top. */
export function factsOf(known: Partial<ServerFacts> = {}): ServerFacts {
  return {
    ...{
      version: '7.0.15',
      instance: 'a'.repeat(40),
      role: 'master',
      master: '',
      isCluster: false,
      isSentinel: false,
      tcpPort: 6379,
      isLoading: false,
      keys: 0,
    },
    ...{ usedBytes: 1_000_000, residentBytes: 8_000_000, maxmemoryBytes: 0, evictionPolicy: 'noeviction' },
    ...{ machineBytes: 0, lastSnapshotFailed: false, lastAofWriteFailed: false, isAofOn: false, aofBaseBytes: 0 },
    ...{ replicas: 0, backlogBytes: 2 ** 20, savePoints: [] },
    ...{ stopsWritesAfterFailedSnapshot: true, aofRewritePercentage: 100 },
    ...known,
  };
}
