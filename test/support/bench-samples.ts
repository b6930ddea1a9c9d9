import type { BenchFinding, MemoryStep } from '../../src/bench/findings.js';

const MIB = 2 ** 20;

const step = (chosen: Partial<MemoryStep>): MemoryStep => ({
  type: 'step',
  sessions: 100_000,
  usedMemoryBytes: 46 * MIB,
  addedBytes: 45 * MIB,
  bytesPerSession: 471.85,
  rssBytes: 60 * MIB,
  fragmentationRatio: 1.3,
  peakMemoryBytes: 47 * MIB,
  predictedBytes: 45 * MIB,
  predictionError: -0.0001,
  keyBytes: 92,
  valueBytes: 234.2,
  loadMs: 660,
  sessionsPerSecond: 151_515.15,
  ...chosen,
});

/** One of each kind, as a run of two steps gives them. */
export const BENCH_FINDINGS: readonly BenchFinding[] = [
  { type: 'server', target: 'private', version: '7.0.15', allocator: 'jemalloc-5.3.0' },
  step({}),
  step({
    sessions: 200_000,
    usedMemoryBytes: 91 * MIB,
    rssBytes: 110 * MIB,
    fragmentationRatio: 1.2,
    peakMemoryBytes: 92 * MIB,
    predictionError: 0.0002,
  }),
  { type: 'fit', bytesPerSession: 471.9, interceptBytes: MIB, r2: 0.99997, steps: 2 },
  {
    type: 'files',
    sessions: 100_000,
    apparentBytes: 22 * MIB,
    allocatedBytes: 400 * MIB,
    directoryBytes: 16 * MIB,
    inodes: 104_097,
    allocatedPerSession: 4194.3,
    writeMs: 5000,
    listMs: 200,
    statMs: 300,
    readMs: 900,
  },
  { type: 'warning', message: 'the disk holds 100,000 of 200,000 files' },
  {
    type: 'migrate-rate',
    cache: 'warm',
    sessions: 100_000,
    written: 100_000,
    elapsedMs: 1000,
    sessionsPerSecond: 100_000,
    peakRssBytes: 150 * MIB,
  },
  {
    type: 'migrate-rate',
    cache: 'cold',
    sessions: 100_000,
    written: 100_000,
    elapsedMs: 4000,
    sessionsPerSecond: 25_000,
    peakRssBytes: 150 * MIB,
  },
  { type: 'files-deleted', sessions: 100_000, elapsedMs: 2000, sessionsPerSecond: 50_000 },
];
