import { infoFields } from '../info-fields.js';

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

/** @param info the text of INFO @param config names and values in turn, or null where CONFIG is not to be had */
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
