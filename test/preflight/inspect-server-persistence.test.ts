import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { EXIT, type OperatorError } from '../../src/errors.js';
import { inspectServer, judgePersistence, persistenceWarnings } from '../../src/preflight/inspect-server.js';
import { connectControl } from '../../src/redis/control.js';
import type { ServerFacts } from '../../src/redis/info.js';
import { RedisServer } from '../support/redis-server.js';
import { factsOf } from '../support/server-facts.js';
import { temporaryDirectory } from '../support/temporary-directory.js';
import { until } from '../support/workspace.js';

const SAVES = { savePoints: [{ seconds: 60, changes: 10_000 }] };
const MISCONF_RDB =
  'MISCONF Redis is configured to save RDB snapshots, but it is currently not able to persist on disk.';
const MISCONF_AOF = 'MISCONF Errors writing to the AOF file: No space left on device';

describe('a server that could not save its data', () => {
  it.each<[string, Partial<ServerFacts>, string, RegExp | null]>([
    ['is sound', SAVES, '', null],
    ['failed to take a snapshot', { ...SAVES, lastSnapshotFailed: true }, '', /rdb_last_bgsave_status:err.*MISCONF/],
    ['failed once, and takes none any more', { lastSnapshotFailed: true }, '', null],
    ['failed, and goes on', { ...SAVES, lastSnapshotFailed: true, stopsWritesAfterFailedSnapshot: false }, '', null],
    [
      'failed, and keeps its settings to itself',
      { lastSnapshotFailed: true, savePoints: null, stopsWritesAfterFailedSnapshot: null },
      '',
      /rdb_last_bgsave_status:err/,
    ],
    ['says so to a write', { lastSnapshotFailed: true }, MISCONF_RDB, /rdb_last_bgsave_status:err/],
    ['failed to write its AOF', { isAofOn: true, lastAofWriteFailed: true }, '', /aof_last_write_status:err.*MISCONF/],
    ['failed to write an AOF that it has no more', { lastAofWriteFailed: true }, '', null],
    ['says so to a write as well', { isAofOn: true }, MISCONF_AOF, /aof_last_write_status:err/],
    [
      'has an AOF, and failed to take a snapshot',
      { isAofOn: true, ...SAVES, lastSnapshotFailed: true },
      '',
      /rdb_last/,
    ],
    ['is full, which is another matter', SAVES, 'OOM command not allowed', null],
  ])('%s', (_, facts, reply, sentence) => {
    const refusal = judgePersistence(factsOf(facts), reply, 'redis://h:6379/0');
    if (sentence === null) expect(refusal).toBeNull();
    else {
      expect(refusal).toMatchObject({ exitCode: EXIT.refused, message: expect.stringMatching(sentence) });
      expect(refusal?.message).toMatch(/^redis:\/\/h:6379\/0 could not/);
    }
  });
});

describe('a real server that can not save', () => {
  const work = temporaryDirectory();

  async function refusalOf(redis: RedisServer): Promise<OperatorError | null> {
    const client = await connectControl(redis.endpoint);
    const { refusal } = await inspectServer(client, redis.endpoint, {
      work: 'migrate',
      key: { before: 'session:', after: '' },
      isClusterNode: false,
    });
    client.disconnect();
    return refusal;
  }

  it('is refused: the directory of its snapshots is gone', async () => {
    const directory = join(work, 'gone');
    mkdirSync(directory);
    const redis = await RedisServer.start('--save', '3600 1', '--dir', directory);
    onTestFinished(async () => {
      // Else it would not even end.
      await redis.run(['CONFIG', 'SET', 'save', '']);
      await redis.stop();
    });
    expect(await refusalOf(redis)).toBeNull();
    rmSync(directory, { recursive: true });
    await redis.run(['BGSAVE']);
    await until(async () => /rdb_last_bgsave_status:err/.test(String(await redis.run(['INFO', 'persistence']))));
    const [write] = await redis.run(['SET', 'k', 'v']);
    expect(write).toMatchObject({ text: expect.stringMatching(/^MISCONF/) });
    const refusal = await refusalOf(redis);
    expect(refusal).toMatchObject({ exitCode: EXIT.refused });
    expect(refusal?.message).toMatch(/^unix:.*could not save its last snapshot .*\(MISCONF\)/);

    // With no save points left it takes writes again, and there is only something to warn of.
    await redis.run(['CONFIG', 'SET', 'save', '']);
    expect(await refusalOf(redis)).toBeNull();
  });

  it('is refused: its append-only file may not grow', async () => {
    // 512 bytes a block; the signal that a limit sends is ignored, so that the write fails as on a full disk.
    const limited = ['sh', '-c', 'trap \'\' XFSZ; ulimit -f 64; exec "$@"', 'sh'];
    const redis = await RedisServer.startAs(limited, '--appendonly', 'yes');
    onTestFinished(async () => {
      await redis.run(['CONFIG', 'SET', 'appendonly', 'no']);
      await redis.stop();
    });
    expect(await refusalOf(redis)).toBeNull();
    await redis.run(['SET', 'k', 'x'.repeat(200_000)]);
    await until(async () => /aof_last_write_status:err/.test(String(await redis.run(['INFO', 'persistence']))));
    const refusal = await refusalOf(redis);
    expect(refusal).toMatchObject({ exitCode: EXIT.refused });
    expect(refusal?.message).toMatch(/could not write its append-only file/);
  });
});

const MANY = { sessions: 5_000_000, bytes: 3e9 };
const FEW = { sessions: 50, bytes: 30_000 };

describe('what a load does to persistence and replicas', () => {
  it.each<[string, Partial<ServerFacts>, typeof MANY, RegExp[]]>([
    ['nothing', {}, MANY, []],
    ['a snapshot every minute', SAVES, MANY, [/fork for a snapshot every 60 s \(save 60 10000\)/]],
    ['nothing where few come', SAVES, FEW, []],
    ['nothing where snapshots are rare', { savePoints: [{ seconds: 3600, changes: 1 }] }, MANY, []],
    ['nothing that is known', { savePoints: null }, MANY, []],
    [
      'a rewrite of the AOF',
      { isAofOn: true, aofBaseBytes: 1e9 },
      MANY,
      [/append-only file, so the server will rewrite/],
    ],
    ['no rewrite of a far bigger AOF', { isAofOn: true, aofBaseBytes: 1e11 }, MANY, []],
    ['no rewrite where that is off', { isAofOn: true, aofRewritePercentage: 0 }, MANY, []],
    ['no rewrite below 64 MiB', { isAofOn: true }, FEW, []],
    [
      'a replica that can fall behind',
      { replicas: 2 },
      MANY,
      [/backlog has 1.00 MiB for 2 replicas.*repl-backlog-size/],
    ],
    ['no worry with a big backlog', { replicas: 2, backlogBytes: 2 ** 28 }, MANY, []],
    ['no worry for a small load', { replicas: 2 }, FEW, []],
    ['a reminder of a failure', { lastSnapshotFailed: true }, FEW, [/could not save its last snapshot/]],
  ])('is %s', (_, facts, load, sentences) => {
    const warnings = persistenceWarnings(factsOf(facts), load);
    expect(warnings).toEqual(sentences.map((sentence) => expect.stringMatching(sentence)));
  });
});
