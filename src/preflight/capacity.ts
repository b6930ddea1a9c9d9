import { EXIT, OperatorError } from '../errors.js';
import type { ServerFacts } from '../redis/info.js';
import { tableBytes } from '../redis/memory-model.js';
import { counted, formatBytes, formatCount } from '../units.js';

/** Of maxmemory, how much a load may fill: visitors go on making sessions, and a full server refuses theirs as well. */
const FILL_SHARE = 0.9;
/** Of the machine's memory the same, for the system and for what the allocator can't hand back. */
const MACHINE_SHARE = 0.9;
/**
 * Of all that is resident after the load, what a snapshot or AOF rewrite copies while it runs: pages that change
 * meanwhile. The load itself touches the hash tables and fresh pages, the application rewrites the sessions in use.
 */
const COPY_ON_WRITE_SHARE = 0.1;
/** What one replica's output buffer may hold before it is cut (client-output-buffer-limit replica 256mb). */
const REPLICA_BUFFER_BYTES = 256 * 2 ** 20;

/** How sure the number of sessions is; `about` where a sample tells how many of those that are there will move. */
export type Certainty = 'exactly' | 'about' | 'at most' | 'at least';

export interface ExpectedLoad {
  /** Sessions that will be added. */
  sessions: number;
  certainty: Certainty;
  /** Bytes of memory that one of them takes, without its share of the hash tables. */
  entryBytes: number;
  /** Whether `entryBytes` was measured on this very server. */
  isMeasured: boolean;
}

/** Whether a load fits into the target. Plain data. */
export interface CapacityVerdict {
  /** Everything included. */
  bytesPerSession: number;
  /** As expected of the load, to ask again with another number of sessions. */
  entryBytes: number;
  sessions: number;
  certainty: Certainty;
  isMeasured: boolean;
  needBytes: number;
  /** What is free for it; null where neither the server nor its machine names a limit. */
  availableBytes: number | null;
  /** What sets the limit. */
  limit: 'maxmemory' | 'machine' | 'none';
  limitBytes: number;
  fits: boolean;
  sentence: string;
}

/**
 * Compares what a load needs with what the server has.
 * @param share of the keys that fall to this server, up to 1
 */
export function capacityVerdict(facts: ServerFacts, load: ExpectedLoad, share = 1): CapacityVerdict {
  const sessions = Math.round(load.sessions * share);
  const tables = sessions === 0 ? 0 : tableGrowth(facts.keys, facts.keys + sessions);
  const needBytes = Math.round(sessions * load.entryBytes + tables);
  const { limit, limitBytes, availableBytes } = roomFor(facts, needBytes);
  const fits = availableBytes === null || needBytes <= availableBytes;
  const { entryBytes, certainty, isMeasured } = load;
  const bytesPerSession = sessions === 0 ? entryBytes : needBytes / sessions;
  const known = { bytesPerSession, entryBytes, sessions, certainty, isMeasured, needBytes };
  const verdict = { ...known, limit, limitBytes, availableBytes, fits };
  return { ...verdict, sentence: sentenceOf(verdict, facts) };
}

/** One verdict for all masters of a cluster: sums, said by the one that has the least room to spare. */
export function togetherOf(verdicts: readonly CapacityVerdict[]): CapacityVerdict {
  const [tightest, ...others] = [...verdicts].sort((a, b) => spare(a) - spare(b)) as [
    CapacityVerdict,
    ...CapacityVerdict[],
  ];
  if (others.length === 0) return tightest;
  const sum = (of: (verdict: CapacityVerdict) => number) => verdicts.reduce((total, verdict) => total + of(verdict), 0);
  const sessions = sum((verdict) => verdict.sessions);
  const needBytes = sum((verdict) => verdict.needBytes);
  const isBounded = verdicts.every(({ availableBytes }) => availableBytes !== null);
  return {
    ...tightest,
    sessions,
    needBytes,
    bytesPerSession: sessions === 0 ? tightest.entryBytes : needBytes / sessions,
    availableBytes: isBounded ? sum(({ availableBytes }) => availableBytes ?? 0) : null,
    limitBytes: sum(({ limitBytes }) => limitBytes),
    sentence: `of ${verdicts.length} masters the fullest: ${tightest.sentence}`,
  };
}

function spare({ availableBytes, needBytes }: CapacityVerdict): number {
  return availableBytes === null ? Number.POSITIVE_INFINITY : availableBytes - needBytes;
}

/** Bytes by which the hash tables grow, the old ones included: they stay until every key has moved. */
function tableGrowth(before: number, after: number): number {
  const first = tableBytes(before);
  const last = tableBytes(after);
  return last === first ? 0 : last + last / 2 - first;
}

interface Room {
  limit: CapacityVerdict['limit'];
  limitBytes: number;
  availableBytes: number | null;
}

function roomFor(facts: ServerFacts, needBytes: number): Room {
  const { maxmemoryBytes, machineBytes, usedBytes, residentBytes } = facts;
  if (maxmemoryBytes > 0) {
    const availableBytes = Math.max(0, Math.floor(maxmemoryBytes * FILL_SHARE - usedBytes));
    return { limit: 'maxmemory', limitBytes: maxmemoryBytes, availableBytes };
  }
  if (machineBytes === 0) return { limit: 'none', limitBytes: 0, availableBytes: null };
  const forks = facts.isAofOn || facts.replicas > 0 || facts.savePoints === null || facts.savePoints.length > 0;
  const copied = forks ? COPY_ON_WRITE_SHARE * (residentBytes + needBytes) : 0;
  const buffers = facts.replicas * Math.min(REPLICA_BUFFER_BYTES, needBytes);
  const availableBytes = Math.max(0, Math.floor(machineBytes * MACHINE_SHARE - residentBytes - copied - buffers));
  return { limit: 'machine', limitBytes: machineBytes, availableBytes };
}

function sentenceOf(verdict: Omit<CapacityVerdict, 'sentence'>, facts: ServerFacts): string {
  const { sessions, needBytes, bytesPerSession, certainty, isMeasured, availableBytes, limit, limitBytes } = verdict;
  const number = `${certainty === 'exactly' ? '' : `${certainty} `}${counted(sessions, 'session')}`;
  const each = `${formatCount(bytesPerSession)} bytes each, ${isMeasured ? 'measured' : 'by the model'}`;
  const need = `${number} need ${formatBytes(needBytes)} of Redis's memory (${each})`;
  if (availableBytes === null) return `${need}; the server names no limit`;
  const room =
    limit === 'maxmemory'
      ? `${formatBytes(availableBytes)} are free: 90 % of its maxmemory ${formatBytes(limitBytes)}, less ${formatBytes(facts.usedBytes)} in use`
      : `${formatBytes(availableBytes)} are free: 90 % of its machine's ${formatBytes(limitBytes)}, less what Redis has and what ` +
        'snapshots and replicas take';
  return `${need}, and ${room}`;
}

/** The maxmemory with which the load would fit, or 0 where it isn't maxmemory that stands in the way. */
export function sufficientMaxmemory({ limit, needBytes }: CapacityVerdict, facts: ServerFacts): number {
  return limit === 'maxmemory' ? Math.ceil((facts.usedBytes + needBytes) / FILL_SHARE) : 0;
}

/** Why the load must not begin although the server could take its first sessions, or null. */
export function judgeCapacity(verdict: CapacityVerdict, facts: ServerFacts): OperatorError | null {
  if (verdict.fits) return null;
  const maxmemory = sufficientMaxmemory(verdict, facts);
  const remedy =
    maxmemory === 0 ? 'give it more memory' : `raise maxmemory to ${formatBytes(maxmemory)} (if the machine has it)`;
  return new OperatorError(
    EXIT.refused,
    `the load does not fit: ${verdict.sentence}; ${remedy}, move less (--anonymous skip, --max-age), or go on all the same ` +
      'with --skip-capacity-check',
  );
}

/** Whether a full server answers with errors rather than make room. */
export function dropsNothing({ evictionPolicy, maxmemoryBytes }: ServerFacts): boolean {
  return evictionPolicy === 'noeviction' || maxmemoryBytes === 0;
}

/** A sample of some hundred sessions tells shares and sizes within a few percent. */
const SAMPLING_MARGIN = 1.2;

function surelyFits({ fits, certainty, needBytes, availableBytes }: CapacityVerdict): boolean {
  if (!fits || availableBytes === null || certainty === 'at least') return false;
  return certainty !== 'about' || needBytes * SAMPLING_MARGIN <= availableBytes;
}

/**
 * Under any policy but `noeviction` Redis answers OK and throws sessions away once memory runs out (measured: 6000
 * writes into 3 MB, 6000 OKs, 3421 keys). Refused, unless the load surely fits or the operator accepts it.
 */
export function judgeEviction(
  facts: ServerFacts,
  verdict: CapacityVerdict | null,
  isAccepted: boolean,
): OperatorError | string | null {
  if (dropsNothing(facts)) return null;
  const policy = `the server's maxmemory-policy is ${facts.evictionPolicy}`;
  const loss = 'when memory runs out it drops sessions without an error';
  if (isAccepted) return `${policy}: ${loss} (--accept-eviction)`;
  if (verdict !== null && surelyFits(verdict)) {
    return `${policy}: this load fits, but later ${loss}; set noeviction`;
  }
  return new OperatorError(
    EXIT.refused,
    `${policy}: ${loss}, and it is not sure that this load fits: CONFIG SET maxmemory-policy noeviction, or go on all the ` +
      'same with --accept-eviction',
  );
}
