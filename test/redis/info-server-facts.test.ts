import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { inspectServer } from '../../src/preflight/inspect-server.js';
import { connectControl } from '../../src/redis/control.js';
import { readServerFacts } from '../../src/redis/info.js';
import { RedisServer } from '../support/redis-server.js';

const info = (...lines: string[]) => `# Section\r\n${lines.join('\r\n')}\r\n`;

describe('what INFO and CONFIG say', () => {
  it('is read as facts, without what does not count for eviction', () => {
    const text = info(
      ...[
        'redis_version:7.0.15',
        'run_id:abc',
        'role:slave',
        'master_host:m',
        'master_port:6379',
        'cluster_enabled:1',
        'tcp_port:7001',
        'loading:1',
      ],
      ...['used_memory:1000', 'mem_not_counted_for_evict:100', 'used_memory_rss:2000', 'maxmemory:5000'],
      ...['maxmemory_policy:volatile-ttl', 'total_system_memory:9000', 'rdb_last_bgsave_status:err'],
      ...[
        'aof_last_write_status:err',
        'aof_enabled:1',
        'aof_base_size:70',
        'connected_slaves:2',
        'repl_backlog_size:1048576',
      ],
      ...['db0:keys=10,expires=5,avg_ttl=0', 'db11:keys=3,expires=0,avg_ttl=0'],
    );
    const config = [
      'save',
      '3600 1 60 10000',
      'stop-writes-on-bgsave-error',
      'no',
      'auto-aof-rewrite-percentage',
      '50',
    ];
    expect(readServerFacts(text, config)).toEqual({
      ...{
        version: '7.0.15',
        instance: 'abc',
        role: 'slave',
        master: 'm:6379',
        isCluster: true,
        isSentinel: false,
        tcpPort: 7001,
        isLoading: true,
        keys: 13,
      },
      ...{ usedBytes: 900, residentBytes: 2000, maxmemoryBytes: 5000, evictionPolicy: 'volatile-ttl' },
      ...{ machineBytes: 9000, lastSnapshotFailed: true, lastAofWriteFailed: true, isAofOn: true, aofBaseBytes: 70 },
      ...{ replicas: 2, backlogBytes: 1048576, stopsWritesAfterFailedSnapshot: false, aofRewritePercentage: 50 },
      savePoints: [
        { seconds: 3600, changes: 1 },
        { seconds: 60, changes: 10000 },
      ],
    });
  });

  it('leaves open what a server keeps to itself', () => {
    expect(readServerFacts(info('role:master'), null)).toMatchObject({
      ...{
        version: 'unknown',
        instance: null,
        keys: 0,
        maxmemoryBytes: 0,
        evictionPolicy: 'noeviction',
        machineBytes: 0,
      },
      ...{ savePoints: null, stopsWritesAfterFailedSnapshot: null, aofRewritePercentage: null },
    });
    expect(readServerFacts(info(), ['save', '']).savePoints).toEqual([]);
  });
});

describe('a real server', () => {
  let redis: RedisServer;
  beforeAll(async () => {
    redis = await RedisServer.start(
      '--save',
      '900 1 30 500',
      '--maxmemory',
      '100mb',
      '--maxmemory-policy',
      'allkeys-lfu',
    );
  });
  afterAll(() => redis.stop());

  it('says all of it', async () => {
    await redis.run(['SET', 'a', 'b'], ['SELECT', '3'], ['SET', 'c', 'd']);
    const client = await connectControl(redis.endpoint);
    const { facts } = await inspectServer(client, redis.endpoint, {
      work: 'migrate',
      key: { before: '', after: '' },
      isClusterNode: false,
    });
    client.disconnect();
    expect(facts).toMatchObject({
      ...{ role: 'master', master: '', isCluster: false, isLoading: false, keys: 2, maxmemoryBytes: 100 * 2 ** 20 },
      ...{ evictionPolicy: 'allkeys-lfu', lastSnapshotFailed: false, lastAofWriteFailed: false, isAofOn: false },
      ...{ replicas: 0, stopsWritesAfterFailedSnapshot: true, aofRewritePercentage: 100 },
      savePoints: [
        { seconds: 900, changes: 1 },
        { seconds: 30, changes: 500 },
      ],
    });
    expect(facts.machineBytes).toBeGreaterThan(2 ** 28);
    expect(facts.residentBytes).toBeGreaterThanOrEqual(facts.usedBytes);
  });
});
