import type { Statistics } from '../../counts/statistics.js';
import { bytesOfClass, sessionBytes, tableBytes } from '../../redis/memory-model.js';
import type { SidKind } from '../../session.js';
import { formatBytes, formatCount, formatDuration } from '../../units.js';

/** What the target says about its memory. */
export interface TargetMemory {
  usedBytes: number;
  /** 0 for no bound. */
  maxBytes: number;
  /** Memory of the machine that Redis runs on; 0 where it doesn't say. */
  machineBytes: number;
  /** `maxmemory-policy`. */
  policy: string;
}

/** What the pre-flight found by a sample, and what of it holds for the exact numbers as well. */
interface Room {
  /** Null: nobody names a limit. */
  availableBytes: number | null;
  limit: 'maxmemory' | 'machine' | 'none';
  limitBytes: number;
  fits: boolean;
  /** Sessions that would be new in Redis. */
  sessions: number;
}

/** What the verdict is made from. */
export interface CapacityQuestion {
  /** Sessions that would move. */
  sessions: number;
  /** Memory that one session more takes, and whether this very Redis was asked for it by a canary. */
  bytesPerSession: number;
  isMeasured: boolean;
  /** Null without `--to`. */
  target: TargetMemory | null;
  /** Null where nobody asked for it. */
  room: Room | null;
  /** Directory entries, to which a rate applies as to sessions. */
  entries: number;
  /** What the audit itself took for them, milliseconds. */
  elapsedMs: number;
  /** What the operator chose by `--rate`, entries per second; null for no bound. */
  chosenRate: number | null;
  /** Why a migration would be refused anyway; null if it would not. */
  refusal: string | null;
}

/** Whether the sessions that move will fit, and how long moving them takes. */
export interface Capacity {
  /** Null: nobody can say, as no target is named. */
  isGo: boolean | null;
  /** One sentence. */
  reason: string;
  sessions: number;
  bytesPerSession: number;
  basis: 'canary' | 'model';
  growthBytes: number;
  /** `used_memory` after the migration; null without a target. */
  predictedBytes: number | null;
  /** maxmemory, or what the machine has; null where there is no bound. */
  limitBytes: number | null;
  /** Entries per second at which that time comes out. */
  ratePerSecond: number;
  rateBasis: '--rate' | 'audit';
  /** Of a migrate over all entries, whatever becomes of them. */
  durationMs: number;
}

/**
 * A migrate takes so many times what an audit of the same files takes: 25.3 s to 13.8 s for a million of them, warm, on
 * two cores (README, "How fast"), and less where the disk is what both wait for.
 */
const MIGRATE_PER_AUDIT = 2;

/**
 * A sample that finds so many fewer new sessions than there are has found some of them in Redis, and did not just err.
 */
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
  const need = `${formatCount(sessions)} sessions need some ${formatBytes(growthBytes)} more`;
  if (refusal !== null) return { isGo: false, reason: refusal };
  if (sessions === 0) return { isGo: false, reason: 'no session would move: see below what becomes of each' };
  if (target !== null && growthBytes === 0) {
    return { isGo: true, reason: `all ${formatCount(sessions)} sessions that move are in Redis already` };
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

/** Of applications whose ids have no length of their own. */
const USUAL_SID_LENGTH = 32;
const SID_LENGTHS: Readonly<Record<SidKind, number>> = { hex40: 40, urlsafe84: 84, urlsafe86: 86 };

/**
 * Memory that the sessions that move will take in a Redis of their own, by the model.
 * @param keyOverhead characters of a key beside the sid
 */
export function modelledBytes(statistics: Statistics, keyOverhead: number): number {
  let sessions = 0;
  let bytes = 0;
  // Key and value are separate allocations, so that each may be summed up for itself.
  const bare = sessionBytes(0, 0);
  for (const { moving, sids } of statistics.census.cells) {
    sessions += moving;
    bytes += moving * (sessionBytes((sids === null ? USUAL_SID_LENGTH : SID_LENGTHS[sids]) + keyOverhead, 0) - bare);
  }
  statistics.valueSizes.forEach((count, sizeClass) => {
    if (count > 0) bytes += count * sessionBytes(0, middleOf(sizeClass));
  });
  return Math.round(bytes + tableBytes(sessions));
}

/** Values of a class are spread over it. */
function middleOf(sizeClass: number): number {
  const below = sizeClass === 0 ? 0 : bytesOfClass(sizeClass - 1);
  return (bytesOfClass(sizeClass) + below) / 2;
}
