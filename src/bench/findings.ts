/** Who is told what the benchmark does and finds, and who can end it. */
export interface Observer {
  tell(finding: BenchFinding): void;
  progress(what: string, done: number, of: number): void;
  signal: AbortSignal;
}

/**
 * What the memory benchmark finds, as plain data. The lines of `--json`, the text and the report are all made from it.
 * Times are in milliseconds, sizes in bytes.
 */

/** Redis when it holds so many sessions, measured while nothing else is under way. */
export interface MemoryStep {
  type: 'step';
  sessions: number;
  /** `used_memory` of the whole server, and what of it came with the sessions. */
  usedMemoryBytes: number;
  addedBytes: number;
  bytesPerSession: number;
  rssBytes: number;
  /** RSS over used memory, as the server says. */
  fragmentationRatio: number;
  /** The most that the server ever used; while its tables grow, the old ones are there too. */
  peakMemoryBytes: number;
  /** What redis/memory-model.ts says for these very sessions, and how far it is off: 0.01 is 1 % too much. */
  predictedBytes: number;
  predictionError: number;
  /** Means. */
  keyBytes: number;
  valueBytes: number;
  loadMs: number;
  sessionsPerSecond: number;
}

/** The line through the steps: `usedMemoryBytes = interceptBytes + bytesPerSession * sessions`. */
export interface MemoryFit {
  type: 'fit';
  bytesPerSession: number;
  interceptBytes: number;
  r2: number;
  steps: number;
}

/** The same sessions as files. */
export interface FileStep {
  type: 'files';
  sessions: number;
  /** What the bytes come to, and what the disk gives for them: blocks of the files and of the directories. */
  apparentBytes: number;
  allocatedBytes: number;
  directoryBytes: number;
  /** Files and directories. */
  inodes: number;
  allocatedPerSession: number;
  writeMs: number;
  /** Names only; names and metadata; opened and read. One thread, after the files were written. */
  listMs: number;
  statMs: number;
  readMs: number;
}

/** All files deleted again, one by one. */
export interface FileDeletion {
  type: 'files-deleted';
  sessions: number;
  elapsedMs: number;
  sessionsPerSecond: number;
}

/** One run of `sess2redis migrate` over the files. */
export interface MigrateRate {
  type: 'migrate-rate';
  cache: 'warm' | 'cold';
  sessions: number;
  written: number;
  elapsedMs: number;
  sessionsPerSecond: number;
  peakRssBytes: number;
}

/** Something that was left out or cut short, in a sentence. */
interface Remark {
  type: 'warning';
  message: string;
}

/** The server that was measured; `private` for one of the benchmark's own. */
interface ServerFinding {
  type: 'server';
  target: string;
  version: string;
  allocator: string;
}

export type BenchFinding = ServerFinding | MemoryStep | MemoryFit | FileStep | FileDeletion | MigrateRate | Remark;

/** The findings of one type, in the order in which they came. */
export function benchFindingsOf<T extends BenchFinding['type']>(
  findings: readonly BenchFinding[],
  type: T,
): Extract<BenchFinding, { type: T }>[] {
  return findings.filter((finding): finding is Extract<BenchFinding, { type: T }> => finding.type === type);
}
