import { describe, expect, it } from 'vitest';
import { capacityVerdict, type ExpectedLoad, sufficientMaxmemory } from '../../src/preflight/capacity.js';
import type { ServerFacts } from '../../src/redis/info.js';
import { factsOf } from '../support/server-facts.js';

const MB = 2 ** 20;
const GB = 2 ** 30;
const load = (sessions: number, more: Partial<ExpectedLoad> = {}): ExpectedLoad => ({
  sessions,
  certainty: 'exactly',
  entryBytes: 600,
  isMeasured: true,
  ...more,
});

describe('whether a load fits', () => {
  it.each<[string, Partial<ServerFacts>, number, boolean, string]>([
    ['into an empty maxmemory', { maxmemoryBytes: 100 * MB }, 100_000, true, 'maxmemory'],
    ['not where others use most of it', { maxmemoryBytes: 100 * MB, usedBytes: 40 * MB }, 100_000, false, 'maxmemory'],
    ['not into the last tenth, which is for visitors', { maxmemoryBytes: 65 * MB }, 100_000, false, 'maxmemory'],
    ['not by itself', { maxmemoryBytes: 50 * MB }, 100_000, false, 'maxmemory'],
    ['nothing always', { maxmemoryBytes: 50 * MB, usedBytes: 60 * MB }, 0, true, 'maxmemory'],
    ['into the machine', { machineBytes: GB }, 100_000, true, 'machine'],
    ['not into a smaller machine', { machineBytes: 70 * MB }, 100_000, false, 'machine'],
    ['anywhere where no limit is known', {}, 1e9, true, 'none'],
    ['into maxmemory, whatever the machine has', { maxmemoryBytes: GB, machineBytes: 2 * MB }, 1000, true, 'maxmemory'],
  ])('%s', (_, facts, sessions, fits, limit) => {
    expect(capacityVerdict(factsOf(facts), load(sessions))).toMatchObject({ fits, limit, sessions });
  });

  it('adds up: entries, hash tables, and what is free', () => {
    const facts = factsOf({ maxmemoryBytes: 100 * MB, usedBytes: 10 * MB, keys: 1000 });
    const verdict = capacityVerdict(facts, load(100_000));
    const tables = 16 * (131_072 + 65_536 - 1024);
    expect(verdict).toMatchObject({ needBytes: 60_000_000 + tables, availableBytes: 80 * MB, limitBytes: 100 * MB });
    expect(verdict.bytesPerSession).toBe((60_000_000 + tables) / 100_000);
  });

  it('leaves room on the machine for what a fork copies and what replicas hold back', () => {
    const free = (more: Partial<ServerFacts>) =>
      capacityVerdict(factsOf({ machineBytes: 10 * GB, residentBytes: GB, ...more }), load(1_000_000)).availableBytes ??
      0;
    const alone = free({});
    expect(alone).toBe(8 * GB);
    const saving = free({ savePoints: [{ seconds: 60, changes: 1 }] });
    expect(alone - saving).toBeGreaterThan(0.1 * GB);
    expect(free({ isAofOn: true })).toBe(saving);
    // Who doesn't say whether it saves is taken to save.
    expect(free({ savePoints: null })).toBe(saving);
    expect(saving - free({ replicas: 2 })).toBe(2 * 256 * MB);
  });

  it('is asked of each server of a cluster for its share', () => {
    const facts = factsOf({ maxmemoryBytes: 30 * MB });
    expect(capacityVerdict(facts, load(100_000)).fits).toBe(false);
    expect(capacityVerdict(facts, load(100_000), 1 / 3)).toMatchObject({ fits: true, sessions: 33_333 });
  });

  it.each<[Partial<ExpectedLoad>, RegExp]>([
    [{}, /^2,000,000 sessions need 1\.\d+ GiB of Redis's memory \(6\d\d bytes each, measured\), and /],
    [{ certainty: 'about' }, /^about 2,000,000 sessions need /],
    [{ certainty: 'at most' }, /^at most 2,000,000 sessions need /],
    [{ isMeasured: false }, /bytes each, by the model\)/],
  ])('is said in a sentence: %j', (more, sentence) => {
    const facts = factsOf({ maxmemoryBytes: GB, usedBytes: 100 * MB });
    const verdict = capacityVerdict(facts, load(2_000_000, more));
    expect(verdict.sentence).toMatch(sentence);
    expect(verdict.sentence).toMatch(/822 MiB are free: 90 % of its maxmemory 1.00 GiB, less 100 MiB in use$/);
    expect(capacityVerdict(factsOf(), load(1)).sentence).toMatch(/the server names no limit$/);
    expect(capacityVerdict(factsOf({ machineBytes: GB }), load(1)).sentence).toMatch(/of its machine's 1.00 GiB/);
  });

  it('names the maxmemory with which it would fit', () => {
    const facts = factsOf({ maxmemoryBytes: 100 * MB });
    const verdict = capacityVerdict(facts, load(1_000_000));
    const enough = sufficientMaxmemory(verdict, facts);
    expect(capacityVerdict(factsOf({ maxmemoryBytes: enough }), load(1_000_000)).fits).toBe(true);
    expect(capacityVerdict(factsOf({ maxmemoryBytes: enough - 10 }), load(1_000_000)).fits).toBe(false);
    const machine = factsOf({ machineBytes: MB });
    expect(sufficientMaxmemory(capacityVerdict(machine, load(1_000_000)), machine)).toBe(0);
  });
});
