/**
 * What one server of the target said of itself at one moment. NaN stands for what it did not say; counters only ever
 * grow while the server runs.
 */
export interface ServerSample {
  /** The server as it may be shown to the operator. */
  server: string;
  /** From a question to its answer, less what this process itself had to do or to wait; the median of a few. */
  roundTripMs: number;
  /** Memory that counts against `maxMemoryBytes`; 0 there stands for no limit. */
  usedMemoryBytes: number;
  maxMemoryBytes: number;
  /** Counter: keys that made room for others. */
  evictedKeys: number;
  /** Counter: connections turned away for want of room. */
  rejectedConnections: number;
  /** Counter: clients dropped because they did not take their replies, or sent too much. */
  droppedClients: number;
  /** Counter: replicas that had to copy everything. */
  fullSyncs: number;
  /** How far the slowest connected replica is behind; 0 without replicas. */
  replicaLagBytes: number;
  /** What is kept for replicas beyond the backlog. */
  replicaBufferBytes: number;
  /** At so much of either, the server drops the replica and a full copy begins. */
  replicaLimitBytes: number;
  /** What a child process of the server writes at the moment, in words; empty for nothing. */
  fork: string;
  /** Counter: writes of the append-only file that waited for the disk. */
  delayedFsyncs: number;
  /** What the server failed to save the last time, in words; empty for nothing. */
  failedSave: string;
}
