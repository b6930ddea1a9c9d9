import { describe, expect, it } from 'vitest';
import { auditCapacityOf, type CapacityQuestion, describeDuration } from '../../../src/report/audit/capacity.js';

const MIB = 2 ** 20;
const memory = { usedBytes: 100 * MIB, maxBytes: 1000 * MIB, machineBytes: 8000 * MIB, policy: 'noeviction' };
const roomy = {
  availableBytes: 800 * MIB,
  limit: 'maxmemory',
  limitBytes: 1000 * MIB,
  fits: true,
  sessions: 1_000_000,
} as const;

function judge(chosen: Partial<CapacityQuestion> = {}) {
  return auditCapacityOf({
    sessions: 1_000_000,
    bytesPerSession: 500,
    isMeasured: true,
    target: memory,
    room: roomy,
    entries: 1_500_000,
    elapsedMs: 15_000,
    chosenRate: 5000,
    refusal: null,
    ...chosen,
  });
}

describe('the verdict on capacity', () => {
  it('is go where the sessions fit, with what Redis will use', () => {
    expect(judge()).toMatchObject({
      isGo: true,
      growthBytes: 500_000_000,
      predictedBytes: 500_000_000 + 100 * MIB,
      limitBytes: 1000 * MIB,
      basis: 'canary',
      reason:
        '1,000,000 sessions need some 477 MiB more, which takes Redis from 100 MiB to 577 MiB; ' +
        '800 MiB are free for them of its maxmemory (1000 MiB)',
    });
  });

  it("is no go where the exact numbers don't fit although a sample did, and the other way round", () => {
    const { isGo, reason } = judge({ sessions: 2_000_000, room: { ...roomy, sessions: 1_900_000 } });
    expect([isGo, reason]).toEqual([false, expect.stringMatching(/2,000,000 .*: give it more memory first$/)]);
    expect(judge({ room: { ...roomy, fits: false } }).isGo).toBe(false);
    expect(judge({ room: { ...roomy, limit: 'machine' } }).reason).toContain("of its machine's memory");
  });

  it('is open without a target, and where nobody asked', () => {
    expect(judge({ target: null, room: null })).toMatchObject({ isGo: null, predictedBytes: null, limitBytes: null });
    expect(judge({ room: null })).toMatchObject({
      isGo: null,
      reason: expect.stringContaining('--skip-capacity-check'),
    });
  });

  it('is go where nobody names a limit', () => {
    const room = { ...roomy, availableBytes: null, limit: 'none', limitBytes: 0 } as const;
    expect(judge({ room })).toMatchObject({
      isGo: true,
      limitBytes: null,
      reason: expect.stringContaining('no limit'),
    });
  });

  it('is no go where a migration would be refused, with that reason, or where nothing would move', () => {
    expect(judge({ refusal: 'it is a replica' })).toMatchObject({ isGo: false, reason: 'it is a replica' });
    expect(judge({ sessions: 0 })).toMatchObject({ isGo: false, durationMs: 0 });
  });

  it('counts only what is new to Redis, if a good part is there', () => {
    expect(judge({ room: { ...roomy, sessions: 100_000 } }).growthBytes).toBe(50_000_000);
    expect(judge({ room: { ...roomy, sessions: 950_000 } }).growthBytes).toBe(500_000_000);
    expect(judge({ room: { ...roomy, sessions: 0 } })).toMatchObject({
      isGo: true,
      reason: 'all 1,000,000 sessions that move are in Redis already',
    });
  });

  it('says how long it takes, and at whose rate', () => {
    // The rate is one of entries, whatever becomes of them.
    expect(describeDuration(judge())).toBe('to migrate takes about 5 min, 5,000 entries/s (as --rate says)');
    const own = judge({ chosenRate: null });
    expect(describeDuration(own)).toBe('to migrate takes about 30 s, 50,000 entries/s (2 times what this audit took)');
  });

  it('never promises less time than the audit itself took, whatever rate was wished', () => {
    for (const chosenRate of [null, 10, 5000, 1e9]) {
      for (const sessions of [1, 1000, 1_000_000]) {
        const { durationMs } = judge({ chosenRate, sessions });
        expect(durationMs).toBeGreaterThanOrEqual(30_000);
      }
    }
    expect(judge({ chosenRate: 1e9 }).rateBasis).toBe('audit');
  });
});
