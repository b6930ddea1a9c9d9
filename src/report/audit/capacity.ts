import type { AuditWords } from '../../applications/audit-words.js';
import type { Statistics } from '../../counts/statistics.js';
import { bytesOfClass, sessionBytes, tableBytes } from '../../redis/memory-model.js';
import { counted, formatBytes, formatCount, formatDuration } from '../../units.js';

/** The memory of the target, as it reports it. */
export interface TargetMemory {
  usedBytes: number;
  /** 0 for no limit. */
  maxBytes: number;
  /** Memory of the machine that Redis runs on; 0 if unknown. */
  machineBytes: number;
  /** `maxmemory-policy`. */
  policy: string;
}

/** What the pre-flight estimated from a sample. */
interface Room {
  /** Null if there is no limit. */
  availableBytes: number | null;
  limit: 'maxmemory' | 'machine' | 'none';
  limitBytes: number;
  fits: boolean;
  /** Sessions that would be new in Redis. */
  sessions: number;
}

/** What the verdict depends on. */
export interface CapacityQuestion {
  /** Sessions that would move. */
  sessions: number;
  /** Memory of one more session, and whether it was measured in this Redis with a few test keys (a canary). */
  bytesPerSession: number;
  isMeasured: boolean;
  /** Null without `--to`. */
  target: TargetMemory | null;
  /** Null if it was not estimated. */
  room: Room | null;
  /** Directory entries; rates count them, not only sessions. */
  entries: number;
  /** Duration of the audit in milliseconds. */
  elapsedMs: number;
  /** `--rate` in entries per second; null without one. */
  chosenRate: number | null;
  /** Why a migration would be refused; null if it would not. */
  refusal: string | null;
}

/** Whether the sessions that move will fit, and how long moving them takes. */
export interface Capacity {
  /** Null if that cannot be said, for instance without a target. */
  isGo: boolean | null;
  /** One sentence. */
  reason: string;
  sessions: number;
  bytesPerSession: number;
  basis: 'canary' | 'model';
  growthBytes: number;
  /** `used_memory` after the migration; null without a target. */
  predictedBytes: number | null;
  /** `maxmemory`, or the memory of the machine; null for no limit. */
  limitBytes: number | null;
  /** Entries per second; `durationMs` follows from it. */
  ratePerSecond: number;
  rateBasis: '--rate' | 'audit';
  /** Duration of a migrate over all entries. */
  durationMs: number;
}

/**
 * How many times longer a migrate takes than an audit of the same files: 25.3 s and 13.8 s for a million of them in the
 * page cache, on two cores (docs/benchmarks.md), and less if both wait for the disk.
 */
const MIGRATE_PER_AUDIT = 2;

/** If a sample expects less than this share of the sessions to be new, some of them are in Redis already. */
const SAMPLING_MARGIN = 0.8;

export function auditCapacityOf(question: CapacityQuestion): Capacity {
  const { sessions, bytesPerSession, target, room, entries, elapsedMs, chosenRate, isMeasured } = question;
  const isPartlyThere = room !== null && room.sessions < sessions * SAMPLING_MARGIN;
  const growthBytes = Math.round((isPartlyThere ? room.sessions : sessions) * bytesPerSession);
  const predictedBytes = target === null ? null : target.usedBytes + growthBytes;
  const ownMs = elapsedMs * MIGRATE_PER_AUDIT;
  const chosenMs = chosenRate === null ? 0 : (entries / chosenRate) * 1000;
  const durationMs = sessions === 0 ? 0 : Math.round(Math.max(ownMs, chosenMs));
  const { isGo, reason } = verdictOn(question, growthBytes, predictedBytes);
  return {
    isGo,
    reason,
    sessions,
    bytesPerSession,
    basis: isMeasured ? 'canary' : 'model',
    growthBytes,
    predictedBytes,
    limitBytes: room === null || room.limit === 'none' ? null : room.limitBytes,
    ratePerSecond: durationMs > 0 ? Math.round((entries / durationMs) * 10_000) / 10 : 0,
    rateBasis: chosenMs > ownMs ? '--rate' : 'audit',
    durationMs,
  };
}

function verdictOn(
  { sessions, target, room, refusal }: CapacityQuestion,
  growthBytes: number,
  predictedBytes: number | null,
): Pick<Capacity, 'isGo' | 'reason'> {
  const need = `${counted(sessions, 'session')} ${sessions === 1 ? 'needs' : 'need'} some ${formatBytes(growthBytes)} more`;
  if (refusal !== null) return { isGo: false, reason: refusal };
  if (sessions === 0) return { isGo: false, reason: 'no session would move: see below what becomes of each' };
  if (target !== null && growthBytes === 0) {
    return {
      isGo: true,
      reason:
        sessions === 1
          ? 'the one session that moves is in Redis already'
          : `all ${formatCount(sessions)} sessions that move are in Redis already`,
    };
  }
  if (target === null || predictedBytes === null) {
    return { isGo: null, reason: `${need} in Redis: name it by --to to hear whether they fit` };
  }
  const after = `${need}, which takes Redis from ${formatBytes(target.usedBytes)} to ${formatBytes(predictedBytes)}`;
  if (room === null) return { isGo: null, reason: `${after}; whether they fit was not asked (--skip-capacity-check)` };
  if (room.availableBytes === null) return { isGo: true, reason: `${after}, and it names no limit` };
  const owner = room.limit === 'maxmemory' ? 'its maxmemory' : "its machine's memory";
  const free = `${formatBytes(room.availableBytes)} are free for them of ${owner} (${formatBytes(room.limitBytes)})`;
  if (!room.fits || growthBytes > room.availableBytes) {
    return { isGo: false, reason: `${after}, and ${free}: give it more memory first` };
  }
  return { isGo: true, reason: `${after}; ${free}` };
}

/** How long the migration takes, in words. */
export function describeDuration({ durationMs, ratePerSecond, rateBasis }: Capacity): string {
  const origin = rateBasis === '--rate' ? 'as --rate says' : `${MIGRATE_PER_AUDIT} times what this audit took`;
  return `to migrate takes about ${formatDuration(durationMs)}, ${formatCount(ratePerSecond)} entries/s (${origin})`;
}

/**
 * The memory that the sessions that move take in an otherwise empty Redis, according to redis/memory-model.ts.
 *
 * @param keyOverhead characters of a key beside the session id
 */
export function modelledBytes(
  { sidLength }: Pick<AuditWords, 'sidLength'>,
  statistics: Statistics,
  keyOverhead: number,
): number {
  let sessions = 0;
  let bytes = 0;
  // Key and value are separate allocations, so their sizes can be summed separately.
  const bare = sessionBytes(0, 0);
  for (const { moving, sids } of statistics.census.cells) {
    sessions += moving;
    bytes += moving * (sessionBytes(sidLength(sids) + keyOverhead, 0) - bare);
  }
  statistics.valueSizes.forEach((count, sizeClass) => {
    if (count > 0) bytes += count * sessionBytes(0, middleOf(sizeClass));
  });
  return Math.round(bytes + tableBytes(sessions));
}

/** The mean size of the values of a size class, if they are spread evenly. */
function middleOf(sizeClass: number): number {
  const below = sizeClass === 0 ? 0 : bytesOfClass(sizeClass - 1);
  return (bytesOfClass(sizeClass) + below) / 2;
}
