import type { ServerSample } from '../server-sample.js';
import { infoFields } from './info-fields.js';

/** Soft limit of `client-output-buffer-limit replica` where the server does not tell (redis.conf). */
const DEFAULT_REPLICA_LIMIT_BYTES = 64 * 2 ** 20;

/** Reads the text of INFO. @param roundTripMs how long the server takes to answer */
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
