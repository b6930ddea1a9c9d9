import { describe, expect, it } from 'vitest';
import { Statistics } from '../../src/counts/statistics.js';
import type { Ack } from '../../src/counts/tally.js';
import type { LanePool as Pool } from '../../src/lane/pool.js';
import { codeOf } from '../../src/session.js';
import { walk } from '../../src/source/walk.js';
import { realFileSystem } from '../../src/system/file-system.js';
import { Cli } from '../support/cli.js';
import { optionsOfLine } from '../support/options.js';
import { RedisServer } from '../support/redis-server.js';
import { ODOO } from '../support/samples.js';
import { hexSid, pickledLogin, SessionStore } from '../support/store.js';
import { makeWorkspace } from '../support/workspace.js';

const SESSIONS = 800;
const CHUNK = 10;

const work = makeWorkspace();
const redis = RedisServer.forFile(work);
const store = new SessionStore(work);
for (let n = 0; n < SESSIONS; n++) store.flat(hexSid(n), pickledLogin(n + 1));

/** The lanes of the built program, as threads are made of JavaScript. */
const { LanePool } = (await import(new URL('../../dist/lane/pool.js', import.meta.url).href)) as {
  LanePool: typeof Pool;
};

describe('lanes that come and go', () => {
  it('bring every chunk to its end: each session is written once, counted once and in the statistics', async () => {
    const { lanes } = optionsOfLine({ to: redis.url }, {}, 'migrate', [store.directory]).pass;
    const settings = { ...lanes, sources: [store.directory], ledger: null };
    const written = codeOf('written');
    const seen: number[] = [];
    const statistics = new Statistics(Date.now());
    let acknowledged = 0;
    const onAck = ({ outcomes }: Ack) => {
      acknowledged += outcomes.filter((code) => code === written).length;
    };
    // Another number with every tenth acknowledgement, up and down.
    let turn = 0;
    const growth = {
      done: (_: number, now: number) => {
        seen.push(now);
        return [1, 5, 2, 6, 3][Math.floor(turn++ / 10) % 5] as number;
      },
      disregard: () => {},
    };
    const bounds = { initial: 4, min: 1, max: 6 };
    const pool = new LanePool(
      settings,
      bounds,
      onAck,
      (more) => statistics.merge(more),
      () => false,
      () => {},
      undefined,
      growth,
    );
    const options = {
      application: ODOO,
      fileSystem: realFileSystem,
      maxEntries: () => CHUNK,
      onUnreadable: () => {},
      shards: null,
    };
    for (const chunk of walk([store.directory], options)) expect(await pool.dispatch(chunk)).toBe(true);
    await pool.end();

    expect(pool.failure).toBeNull();
    expect(acknowledged).toBe(SESSIONS);
    expect(await redis.size()).toBe(SESSIONS);
    expect(statistics.remaining.reduce((sum, count) => sum + count, 0)).toBe(SESSIONS);
    expect(new Set(seen).size).toBeGreaterThan(3);
    expect(pool.laneCount).toBe(0);
  });
});

describe('--lanes', () => {
  const cli = new Cli(`${work}/home`);

  it('fixes their number where one is given', async () => {
    await redis.flush();
    // Slow enough for the third thread to start while there is work, on a busy machine too.
    const run = cli.start(['migrate', store.directory, '--to', redis.url, '--lanes', '3', '--rate', '400']);
    const client = redis.client();
    const connections = new Set<number>();
    for (let isOver = false; !isOver; ) {
      isOver = await Promise.race([
        run.finished.then(() => true),
        new Promise<boolean>((r) => setTimeout(r, 20, false)),
      ]);
      const list = String(await client.call('CLIENT', 'LIST'));
      // Those that write; the governor's connection and the test's own don't.
      connections.add(list.split('\n').filter((line) => / cmd=set /.test(line)).length);
    }
    expect((await run.finished).code).toBe(0);
    expect(Math.max(...connections)).toBe(3);
  });
});
