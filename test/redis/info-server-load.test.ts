import { describe, expect, it } from 'vitest';
import { readLoad, replicaLimitOf, unknownLoad } from '../../src/redis/info.js';

const MIB = 2 ** 20;
/** Lines of `INFO` as Redis 7.0 writes them. */
const INFO = `# Memory
used_memory:5000
mem_not_counted_for_evict:1000
maxmemory:100000
mem_clients_slaves:77

# Persistence
rdb_bgsave_in_progress:0
rdb_last_bgsave_status:ok
aof_rewrite_in_progress:0
aof_last_write_status:ok
aof_delayed_fsync:4

# Stats
rejected_connections:1
sync_full:2
evicted_keys:3
client_output_buffer_limit_disconnections:10
client_query_buffer_limit_disconnections:20
evicted_clients:30

# Replication
role:master
connected_slaves:2
slave0:ip=10.0.0.2,port=6379,state=online,offset=9000,lag=0
slave1:ip=10.0.0.3,port=6379,state=online,offset=4000,lag=1
master_repl_offset:10000
`.replaceAll('\n', '\r\n');
const load = (changes: readonly (readonly [string, string])[] = []) =>
  readLoad(
    'redis://a:1/0',
    changes.reduce((text, [from, to]) => text.replace(from, to), INFO),
    0.5,
    64 * MIB,
  );

describe('what a server says of its load', () => {
  it('is read from INFO', () => {
    expect(load()).toEqual({
      server: 'redis://a:1/0',
      roundTripMs: 0.5,
      usedMemoryBytes: 4000,
      maxMemoryBytes: 100_000,
      evictedKeys: 3,
      rejectedConnections: 1,
      droppedClients: 60,
      fullSyncs: 2,
      replicaLagBytes: 6000,
      replicaBufferBytes: 77,
      replicaLimitBytes: 64 * MIB,
      fork: '',
      delayedFsyncs: 4,
      failedSave: '',
    });
  });

  it('leaves out a replica that copies everything, as that has no offset yet', () => {
    expect(load([['state=online,offset=4000', 'state=wait_bgsave,offset=0']]).replicaLagBytes).toBe(1000);
    expect(
      load([
        ['slave0:', 'x0:'],
        ['slave1:', 'x1:'],
      ]).replicaLagBytes,
    ).toBe(0);
  });

  it.each([
    ['rdb_bgsave_in_progress:0', 'rdb_bgsave_in_progress:1', 'a snapshot is being saved'],
    ['aof_rewrite_in_progress:0', 'aof_rewrite_in_progress:1', 'the append-only file is being rewritten'],
  ])('tells of a child process: %s becomes %s', (from, to, fork) => {
    expect(load([[from, to]]).fork).toBe(fork);
  });

  it.each([
    ['rdb_last_bgsave_status:ok', 'rdb_last_bgsave_status:err', 'a snapshot'],
    ['aof_last_write_status:ok', 'aof_last_write_status:err', 'the append-only file'],
  ])('tells of what could not be saved: %s becomes %s', (from, to, failedSave) => {
    expect(load([[from, to]]).failedSave).toBe(failedSave);
  });

  it('is unknown, but for the round trip, where INFO is not to be had', () => {
    expect(unknownLoad('a', 1.5)).toMatchObject({
      roundTripMs: 1.5,
      usedMemoryBytes: Number.NaN,
      evictedKeys: Number.NaN,
      fork: '',
      failedSave: '',
    });
  });
});

describe('the limit at which a replica is dropped', () => {
  it.each([
    ['normal 0 0 0 slave 268435456 67108864 60 pubsub 33554432 8388608 60', 64],
    ['normal 0 0 0 replica 536870912 0 0 pubsub 33554432 8388608 60', 512],
    ['normal 0 0 0 slave 0 0 0 pubsub 33554432 8388608 60', 64],
    [null, 64],
    ['', 64],
  ])('of %j is %d MiB', (config, mebibytes) => {
    expect(replicaLimitOf(config)).toBe(mebibytes * MIB);
  });
});
