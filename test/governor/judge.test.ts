import { describe, expect, it } from 'vitest';
import {
  CALM,
  gravest,
  judgeLoad,
  judgeSource,
  type LoadFinding,
  type ServerCourse,
  type Severity,
} from '../../src/governor/judge.js';
import type { ServerSample } from '../../src/redis/info.js';
import { BLIND, course, sample } from '../support/governor-samples.js';

const MIB = 2 ** 20;
const STRICT = { acceptsEviction: false, isReading: false };
const slowFor = (roundTripMs: number, baselineMs: number, restingMs = baselineMs): ServerCourse => ({
  baseline: sample({ roundTripMs: baselineMs }),
  before: sample({ roundTripMs }),
  now: sample({ roundTripMs }),
  restingMs,
});

describe('a server', () => {
  it.each<[Partial<ServerSample>, Severity, string, string]>([
    [{ usedMemoryBytes: 800 * MIB }, 'calm', '', ''],
    [{ usedMemoryBytes: 801 * MIB }, 'halve', 'memory', 'memory 80 % of maxmemory'],
    [{ usedMemoryBytes: 900 * MIB }, 'halve', 'memory', 'memory 90 % of maxmemory'],
    [{ usedMemoryBytes: 925 * MIB }, 'critical', 'memory', 'memory 92 % of maxmemory'],
    [{ usedMemoryBytes: 9e12, maxMemoryBytes: 0 }, 'calm', '', ''],
    [{ evictedKeys: 6 }, 'critical', 'eviction', 'redis evicted 1 key'],
    [{ evictedKeys: 0 }, 'calm', '', ''],
    [{ rejectedConnections: 8 }, 'slow', 'clients', 'redis rejected 3 connections'],
    [{ droppedClients: 6 }, 'slow', 'clients', 'redis dropped 1 client'],
    [{ fullSyncs: 3 }, 'critical', 'replication', 'a replica has to copy everything again'],
    [{ replicaLagBytes: 16 * MIB }, 'calm', '', ''],
    [{ replicaLagBytes: 17 * MIB }, 'slow', 'replication', 'a replica is 17.0 MiB behind (redis drops it at 64.0 MiB)'],
    [{ replicaLagBytes: 33 * MIB }, 'critical', 'replication', 'a replica is 33.0 MiB behind'],
    [{ replicaBufferBytes: 17 * MIB }, 'slow', 'replication', "a replica's buffer holds 17.0 MiB"],
    [{ replicaBufferBytes: 40 * MIB }, 'critical', 'replication', "a replica's buffer holds 40.0 MiB"],
    [{ replicaLagBytes: 17 * MIB, replicaLimitBytes: 256 * MIB }, 'calm', '', ''],
    [{ fork: 'a snapshot is being saved' }, 'halve', 'fork', 'a snapshot is being saved'],
    [{ delayedFsyncs: 6 }, 'slow', 'fsync', 'the append-only file waits for the disk'],
    [{ failedSave: 'a snapshot' }, 'critical', 'persistence', 'redis could not save a snapshot'],
    [{}, 'calm', '', ''],
    [BLIND, 'calm', '', ''],
  ])('with %j is %s', (now, severity, cause, reason) => {
    const finding = judgeLoad(course(now), STRICT);
    expect(finding).toMatchObject({ severity, cause });
    expect(finding.reason).toContain(reason);
  });

  it.each<[string, ServerCourse, Severity]>([
    ['noise below a millisecond', slowFor(1.9, 0.05), 'calm'],
    ['2 ms more than a fast baseline', slowFor(2.06, 0.05), 'slow'],
    ['not twice a slow baseline', slowFor(19, 10), 'calm'],
    ['twice a slow baseline', slowFor(20.1, 10), 'slow'],
    ['not 20 ms more than a fast baseline', slowFor(19, 0.4), 'slow'],
    ['20 ms more than a fast baseline', slowFor(20.5, 0.4), 'critical'],
    ['five times a slow baseline', slowFor(50.1, 10), 'critical'],
    ['not twice what the server has at rest', slowFor(9, 0.4, 5), 'calm'],
    ['twice what the server has at rest', slowFor(10.1, 0.4, 5), 'slow'],
    ['20 ms more than the baseline, whatever it has at rest', slowFor(20.5, 0.4, 15), 'critical'],
    ['a single look', { ...slowFor(100, 0.4), before: sample() }, 'calm'],
    ['the look before', { ...slowFor(100, 0.4), now: sample() }, 'calm'],
  ])('whose latency is %s is judged so', (_, latency, severity) => {
    expect(judgeLoad(latency, STRICT).severity).toBe(severity);
  });

  it('has its latency told with what it is measured by', () => {
    expect(judgeLoad(slowFor(3.14, 0.41), STRICT).reason).toBe('redis latency 3.1 ms (baseline 0.41 ms)');
    expect(judgeLoad(slowFor(14, 0.4, 5), STRICT).reason).toBe('redis latency 14.0 ms (baseline 5.0 ms)');
  });

  it('that could not save before the run began is not held against it', () => {
    const failed = sample({ failedSave: 'a snapshot' });
    const same = course({ failedSave: 'a snapshot' }, { baseline: failed, before: failed });
    expect(judgeLoad(same, STRICT)).toBe(CALM);
    const worse = course({ failedSave: 'the append-only file' }, { baseline: failed, before: failed });
    expect(judgeLoad(worse, STRICT).severity).toBe('critical');
  });

  it('whose evictions were accepted may be full and evict, and nothing else', () => {
    const full = course({ usedMemoryBytes: 999 * MIB, evictedKeys: 1000 });
    expect(judgeLoad(full, { acceptsEviction: true, isReading: false })).toBe(CALM);
    expect(judgeLoad(course({ fullSyncs: 3 }), { acceptsEviction: true, isReading: false }).severity).toBe('critical');
  });

  it('that is only read from may be as full and busy with itself as it likes, but not slow', () => {
    const reading = { acceptsEviction: false, isReading: true };
    const full = course({
      usedMemoryBytes: 999 * MIB,
      evictedKeys: 9,
      fullSyncs: 9,
      delayedFsyncs: 9,
      fork: 'x',
      failedSave: 'y',
    });
    expect(judgeLoad(full, reading)).toBe(CALM);
    expect(judgeLoad(slowFor(100, 0.4), reading).severity).toBe('critical');
    expect(judgeLoad(course({ rejectedConnections: 8 }), reading).severity).toBe('slow');
  });

  it('is judged by the gravest of what there is', () => {
    const many = course({ fork: 'a snapshot is being saved', delayedFsyncs: 6, usedMemoryBytes: 950 * MIB });
    expect(judgeLoad(many, STRICT).cause).toBe('memory');
    expect(judgeLoad(course({ fork: 'x', delayedFsyncs: 6 }), STRICT).cause).toBe('fsync');
  });
});

describe('of several findings', () => {
  const finding = (severity: Severity, reason: string): LoadFinding => ({ severity, cause: 'fork', reason });

  it('the gravest counts, the first of equals', () => {
    const findings = [finding('halve', 'a'), finding('critical', 'b'), finding('slow', 'c'), finding('critical', 'd')];
    expect(gravest(findings).reason).toBe('b');
    expect(gravest(findings.slice(0, 1)).reason).toBe('a');
    expect(gravest([CALM])).toBe(CALM);
    expect(gravest([])).toBe(CALM);
  });
});

describe('the disks of the source', () => {
  it('slow the run down above what is allowed', () => {
    expect(judgeSource(0.4, 0.4)).toBe(CALM);
    expect(judgeSource(0.99, Number.POSITIVE_INFINITY)).toBe(CALM);
    expect(judgeSource(0.5, 0.4)).toEqual({
      severity: 'slow',
      cause: 'source-io',
      reason: 'processes wait for the disks 50 % of the time (--max-io-pressure 40 %)',
    });
  });
});
