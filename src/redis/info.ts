import { foreignText } from '../masking.js';

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

/** The longest that any field we read takes: `slave0:ip=...` and file names have some hundred characters. */
const LONGEST_VALUE = 300;

/**
 * The fields of INFO, each fit to be shown.
 * @param info what the server answered; anything but text has no fields
 */
export function infoFields(info: unknown): Map<string, string> {
  const fields = new Map<string, string>();
  if (typeof info !== 'string') return fields;
  for (const line of info.split(/\r?\n/)) {
    const colon = line.indexOf(':');
    if (colon <= 0 || colon > 100) continue;
    const name = line.slice(0, colon);
    // Hex digits that tell one start of the server from the next; compared, never shown.
    const isId = /^(run_id|master_replid2?)$/.test(name) && /^\w{1,64}$/.test(line.slice(colon + 1));
    fields.set(name, isId ? line.slice(colon + 1) : foreignText(line.slice(colon + 1), LONGEST_VALUE));
  }
  return fields;
}

/** A `save` rule: a snapshot is taken once `changes` keys have changed and `seconds` are over. */
interface SavePoint {
  seconds: number;
  changes: number;
}

/** What a server says of itself, as far as a run depends on it. Plain data; bytes and counts are 0 where unknown. */
export interface ServerFacts {
  version: string;
  /** Another after every restart and failover; null where the server does not say. */
  instance: string | null;
  role: string;
  /** `host:port` of the master of a replica, else empty. */
  master: string;
  isCluster: boolean;
  isSentinel: boolean;
  tcpPort: number;
  isLoading: boolean;
  /** Keys in all databases. */
  keys: number;
  /** What counts against maxmemory. */
  usedBytes: number;
  residentBytes: number;
  /** 0: the server has no limit of its own. */
  maxmemoryBytes: number;
  evictionPolicy: string;
  /** Memory of the server's machine; a container's own limit is not in it. */
  machineBytes: number;
  lastSnapshotFailed: boolean;
  lastAofWriteFailed: boolean;
  isAofOn: boolean;
  aofBaseBytes: number;
  replicas: number;
  backlogBytes: number;
  /** The following are null where the server keeps its configuration to itself. */
  savePoints: readonly SavePoint[] | null;
  stopsWritesAfterFailedSnapshot: boolean | null;
  /** Growth, in percent of the base, at which the AOF is rewritten; 0 for never. */
  aofRewritePercentage: number | null;
}

/** Names for which `readServerFacts` wants CONFIG's answer. */
export const CONFIG_NAMES = ['save', 'stop-writes-on-bgsave-error', 'auto-aof-rewrite-percentage'] as const;

/**
 * @param info the text of INFO
 * @param config names and values in turn, or null where CONFIG is not to be had
 */
export function readServerFacts(info: string, config: readonly string[] | null): ServerFacts {
  const fields = infoFields(info);
  const text = (name: string) => fields.get(name) ?? '';
  const count = (name: string) => Number(fields.get(name) ?? 0) || 0;
  const isReplica = text('role') === 'slave';
  const setting = (name: (typeof CONFIG_NAMES)[number]) => {
    const at = config?.indexOf(name) ?? -1;
    return at < 0 ? null : (config?.[at + 1] ?? null);
  };
  const percentage = setting('auto-aof-rewrite-percentage');
  const save = setting('save');
  const stopsWrites = setting('stop-writes-on-bgsave-error');
  return {
    version: fields.get('redis_version') ?? 'unknown',
    instance: fields.get('run_id') ?? null,
    role: text('role'),
    master: isReplica ? `${text('master_host')}:${text('master_port')}` : '',
    isCluster: text('cluster_enabled') === '1',
    isSentinel: text('redis_mode') === 'sentinel',
    tcpPort: count('tcp_port'),
    isLoading: text('loading') === '1',
    keys: [...info.matchAll(/^db\d+:keys=(\d+)/gm)].reduce((sum, [, keys]) => sum + Number(keys), 0),
    usedBytes: Math.max(0, count('used_memory') - count('mem_not_counted_for_evict')),
    residentBytes: Math.max(count('used_memory_rss'), count('used_memory')),
    maxmemoryBytes: count('maxmemory'),
    evictionPolicy: text('maxmemory_policy') || 'noeviction',
    machineBytes: count('total_system_memory'),
    lastSnapshotFailed: text('rdb_last_bgsave_status') === 'err',
    lastAofWriteFailed: text('aof_last_write_status') === 'err',
    isAofOn: text('aof_enabled') === '1',
    aofBaseBytes: count('aof_base_size'),
    replicas: count('connected_slaves'),
    backlogBytes: count('repl_backlog_size'),
    savePoints: save === null ? null : savePointsOf(save),
    stopsWritesAfterFailedSnapshot: stopsWrites === null ? null : stopsWrites === 'yes',
    aofRewritePercentage: percentage === null ? null : Number(percentage),
  };
}

/** `3600 1 300 100` */
function savePointsOf(save: string): SavePoint[] {
  const numbers = save.split(' ').filter(Boolean).map(Number);
  return numbers.flatMap((seconds, i) => (i % 2 === 0 ? [{ seconds, changes: numbers[i + 1] ?? 0 }] : []));
}

/** Soft limit of `client-output-buffer-limit replica` where the server does not tell (redis.conf). */
const DEFAULT_REPLICA_LIMIT_BYTES = 64 * 2 ** 20;

/**
 * Reads the text of INFO.
 * @param roundTripMs how long the server takes to answer
 */
export function readLoad(server: string, info: string, roundTripMs: number, replicaLimitBytes: number): ServerSample {
  const fields = infoFields(info);
  const number = (name: string) => Number(fields.get(name) ?? Number.NaN);
  const numberOrNone = (name: string) => number(name) || 0;
  return {
    server,
    roundTripMs,
    usedMemoryBytes: number('used_memory') - numberOrNone('mem_not_counted_for_evict'),
    maxMemoryBytes: number('maxmemory'),
    evictedKeys: number('evicted_keys'),
    rejectedConnections: number('rejected_connections'),
    // Redis 7.0 and later.
    droppedClients:
      numberOrNone('client_output_buffer_limit_disconnections') +
      numberOrNone('client_query_buffer_limit_disconnections') +
      numberOrNone('evicted_clients'),
    fullSyncs: number('sync_full'),
    replicaLagBytes: replicaLag(fields),
    // Since 7.0 the buffers of all replicas and the backlog are one; this is what goes beyond the backlog's size.
    replicaBufferBytes: number('mem_clients_slaves'),
    replicaLimitBytes,
    fork: forkOf(fields),
    delayedFsyncs: numberOrNone('aof_delayed_fsync'),
    failedSave: failedSaveOf(fields),
  };
}

/** A sample of a server that does not let itself be looked into: nothing but how long it takes to answer. */
export function unknownLoad(server: string, roundTripMs: number): ServerSample {
  return readLoad(server, '', roundTripMs, DEFAULT_REPLICA_LIMIT_BYTES);
}

/** The value of `client-output-buffer-limit` as CONFIG gives it: class, hard, soft and seconds, for each class. */
export function replicaLimitOf(config: string | null): number {
  const match = /(?:slave|replica) (\d+) (\d+) \d+/.exec(config ?? '');
  const [hard, soft] = [Number(match?.[1]), Number(match?.[2])];
  return soft || hard || DEFAULT_REPLICA_LIMIT_BYTES;
}

/** `slave0:ip=10.0.0.2,port=6379,state=online,offset=1234,lag=0`; one that is not online yet has no offset. */
function replicaLag(fields: Map<string, string>): number {
  const head = Number(fields.get('master_repl_offset') ?? Number.NaN);
  let lag = 0;
  for (const [name, value] of fields) {
    if (!/^slave\d+$/.test(name) || !value.includes('state=online')) continue;
    lag = Math.max(lag, head - Number(/offset=(\d+)/.exec(value)?.[1]));
  }
  return lag;
}

function forkOf(fields: Map<string, string>): string {
  if (fields.get('rdb_bgsave_in_progress') === '1') return 'a snapshot is being saved';
  return fields.get('aof_rewrite_in_progress') === '1' ? 'the append-only file is being rewritten' : '';
}

function failedSaveOf(fields: Map<string, string>): string {
  if (fields.get('aof_last_write_status') === 'err') return 'the append-only file';
  return fields.get('rdb_last_bgsave_status') === 'err' ? 'a snapshot' : '';
}
