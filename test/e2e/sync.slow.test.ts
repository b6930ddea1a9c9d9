import {
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmdirSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { total } from '../support/cli.js';
import { CutoverShop, SESSION } from '../support/cutover-shop.js';
import { RedisServer } from '../support/redis-server.js';
import { DAY_S, hexSid, jsonText, pickledLogin } from '../support/store.js';
import { makeWorkspace, until } from '../support/workspace.js';

const work = makeWorkspace();
const redis = RedisServer.forFile(work, ['--databases', '64']);
let databases = 0;
const newShop = () => new CutoverShop(work, redis, databases++);
const SIDS = Array.from({ length: 12 }, (_, n) => hexSid(n));
const [A, B, C, D] = SIDS as [string, string, string, string];

/** A shop whose sessions are all in Redis. */
async function movedShop(sids: readonly string[] = SIDS): Promise<CutoverShop> {
  const shop = newShop();
  for (const sid of sids) shop.save(sid);
  expect((await shop.summary('migrate')).outcomes).toEqual({ written: sids.length });
  return shop;
}

describe('a sync pass', () => {
  it('brings new, changed and ended sessions over, and touches nothing else', async () => {
    const shop = await movedShop();
    const before = await shop.contents();
    const newcomer = hexSid(100);
    shop.save(newcomer);
    shop.save(A, jsonText(1, 'shop', ', "changed": 1'), 5);
    shop.logOut(B);
    const summary = await shop.summary('sync');
    expect(summary).toMatchObject({ exitCode: 0, resumed: true, deletes: { deleted: 1 } });
    expect(summary.outcomes).toEqual({ written: 1, updated: 1, unchanged: 10 });
    expect(total(summary.outcomes)).toBe(summary.listed);
    const after = await shop.contents();
    expect(after.get(SESSION + A)?.value.toString()).toContain('changed');
    expect(after.get(SESSION + A)?.expiryMs).toBeGreaterThan(before.get(SESSION + A)?.expiryMs ?? 0);
    expect(after.has(SESSION + B)).toBe(false);
    expect(after.has(SESSION + newcomer)).toBe(true);
    for (const sid of SIDS.slice(2)) expect(after.get(SESSION + sid)).toEqual(before.get(SESSION + sid));
    expect((await shop.summary('sync', '--final')).outcomes).toEqual({ unchanged: 12 });
  });

  it.each([
    ['rewritten by Odoo', ['SET', SESSION + A, 'by Odoo', 'EX', '9999']],
    ['saved again by Odoo with the same bytes', ['SET', SESSION + A, jsonText(1), 'EX', '9999']],
    ['between SET and EXPIRE', ['SET', SESSION + A, jsonText(1)]],
  ])('leaves a key alone that is %s, whether its file changes or goes', async (_, command) => {
    const shop = await movedShop();
    await shop.redisCall(...command);
    const before = (await shop.contents()).get(SESSION + A);
    shop.save(A, jsonText(1, 'shop', ', "changed": 1'), 5);
    expect((await shop.summary('sync')).outcomes).toMatchObject({ kept: 1 });
    expect((await shop.contents()).get(SESSION + A)).toEqual(before);
    shop.logOut(A);
    expect((await shop.summary('sync')).deletes).toEqual({});
    expect((await shop.contents()).get(SESSION + A)).toEqual(before);
  });

  it('keeps a key that Odoo rewrote when only its file goes', async () => {
    const shop = await movedShop();
    await shop.redisCall('SET', SESSION + A, 'by Odoo', 'EX', '9999');
    shop.logOut(A);
    expect((await shop.summary('sync')).deletes).toEqual({ kept: 1 });
    expect(await shop.held(A)).toBe('by Odoo');
  });

  it('counts a copy that is gone already, and forgets it', async () => {
    const shop = await movedShop();
    await shop.redisCall('DEL', SESSION + A);
    shop.logOut(A);
    expect((await shop.summary('sync')).deletes).toEqual({ absent: 1 });
    expect((await shop.summary('sync')).deletes).toEqual({});
  });

  it('follows a session from its flat file into its shard', async () => {
    const shop = newShop();
    for (const sid of SIDS) shop.saveFlat(sid, pickledLogin(3));
    expect((await shop.summary('migrate')).outcomes).toEqual({ written: 12 });
    const before = await shop.contents();
    mkdirSync(join(shop.store, A.slice(0, 2)));
    renameSync(join(shop.store, `werkzeug_${A}.sess`), join(shop.store, A.slice(0, 2), A));
    expect(await shop.summary('sync')).toMatchObject({ outcomes: { same: 1, unchanged: 11 }, deletes: {} });
    // Looks at every shard: a slow machine may have listed this one long enough after the move to pass it over.
    expect(await shop.summary('sync', '--final')).toMatchObject({ outcomes: { unchanged: 12 }, deletes: {} });
    expect(await shop.contents()).toEqual(before);
    shop.logOut(A);
    expect((await shop.summary('sync')).deletes).toEqual({ deleted: 1 });
  });

  it('takes a login that was emptied in place (Odoo 8) for what it is now', async () => {
    const shop = await movedShop();
    shop.save(A, jsonText(null), 5);
    expect((await shop.summary('sync')).outcomes).toMatchObject({ updated: 1 });
    expect(await shop.held(A)).toContain('"uid": null');
  });

  it.each<[string, string, Record<string, number>]>([
    ['has no login any more, with --anonymous skip', jsonText(null), { anonymous: 1 }],
    [
      'was replaced by a newer id',
      jsonText(1, 'shop', ', "next_sid": "x", "deletion_time": 1700000000.5'),
      { rotated: 1 },
    ],
    ['is broken', '{"uid": 1', { malformed: 1 }],
    ['is empty', '', { empty: 1 }],
  ])('deletes the copy when the file %s', async (_, text, outcome) => {
    const shop = newShop();
    for (const sid of SIDS) shop.save(sid);
    await shop.summary('migrate', '--anonymous', 'skip');
    shop.save(A, text, 5);
    expect(await shop.summary('sync', '--anonymous', 'skip')).toMatchObject({
      outcomes: outcome,
      deletes: { deleted: 1 },
    });
    expect(await shop.held(A)).toBeUndefined();
    expect((await shop.summary('sync', '--anonymous', 'skip')).deletes).toEqual({});
  });

  it('does not list shards that did not change, and in the freeze looks at every file', async () => {
    const shop = await movedShop();
    shop.settle(...SIDS.map((sid) => sid.slice(0, 2)));
    expect((await shop.summary('sync')).outcomes).toEqual({ unchanged: 12 });
    expect((await shop.summary('sync')).outcomes).toEqual({ unchanged: 12 });
    shop.save(B, jsonText(1, 'shop', ', "changed": 1'), 5);
    shop.logOut(C);
    const delta = await shop.summary('sync');
    expect(delta).toMatchObject({ outcomes: { updated: 1, unchanged: 10 }, listed: 11, deletes: { deleted: 1 } });
    // A write in place does not move the directory's mtime: only the full sweep finds it.
    writeFileSync(join(shop.store, D.slice(0, 2), D), jsonText(1, 'shop', ', "in place": 1'));
    await shop.summary('sync');
    expect(await shop.held(D)).not.toContain('in place');
    expect(await shop.summary('sync', '--final')).toMatchObject({ outcomes: { updated: 1, unchanged: 10 } });
    expect(await shop.held(D)).toContain('in place');
  });

  it('lists a shard again that changed within the two seconds before it was listed', async () => {
    const shop = await movedShop();
    const shard = join(shop.store, A.slice(0, 2));
    // Ahead of the clock, so that the two seconds are not over on a slow machine.
    const moment = Date.now() / 1000 + 20;
    utimesSync(shard, moment, moment);
    expect((await shop.summary('sync')).listed).toBe(12);
    writeFileSync(join(shard, A), jsonText(1, 'shop', ', "changed": 1'));
    utimesSync(shard, moment, moment);
    await shop.summary('sync');
    expect(await shop.held(A)).toContain('changed');
  });

  it('reads a file again that was so young that its next save may look the same, and says so only if it did', async () => {
    const shop = await movedShop();
    // Ahead of the clock, and so young enough on a slow machine.
    const path = join(shop.store, A.slice(0, 2), A);
    const stamp = () => utimesSync(path, 2_000_000_000, 2_000_000_000);
    shop.save(A, jsonText(1, 'shop', ', "changed": 1'));
    stamp();
    await shop.summary('sync', '--final');
    // The very inode, size and mtime.
    writeFileSync(path, jsonText(1, 'shop', ', "changed": 2'));
    stamp();
    expect(await shop.summary('sync', '--final')).toMatchObject({ outcomes: { updated: 1, unchanged: 11 } });
    expect(await shop.held(A)).toContain('"changed": 2');
    shop.save(B, jsonText(2, 'shop', ', "changed": 1'), 0);
    expect(await shop.summary('sync', '--final')).toMatchObject({ outcomes: { updated: 2, unchanged: 10 } });
    const held = await shop.contents();
    for (let pass = 0; pass < 2; pass++) {
      shop.logOut(A);
      expect((await shop.summary('sync', '--final')).outcomes).toEqual({ unchanged: 11 });
      shop.save(A);
    }
    expect((await shop.contents()).get(SESSION + B)).toEqual(held.get(SESSION + B));
  });

  it('does nothing in a dry run but say what it would do', async () => {
    const shop = await movedShop();
    shop.save(A, jsonText(1, 'shop', ', "changed": 1'), 5);
    shop.logOut(B);
    const before = await shop.contents();
    const wanted = { outcomes: { updated: 1, unchanged: 10 }, deletes: { deleted: 1 }, dryRun: true };
    expect(await shop.summary('sync', '--final', '--dry-run')).toMatchObject(wanted);
    expect(await shop.summary('sync', '--final', '--dry-run')).toMatchObject(wanted);
    expect(await shop.contents()).toEqual(before);
    expect(await shop.summary('sync', '--final')).toMatchObject({ ...wanted, dryRun: false });
  });

  it('drops sessions that expired and were collected, however many', async () => {
    const shop = newShop();
    for (const sid of SIDS) shop.save(sid, jsonText(1), 6.9999 * DAY_S);
    await shop.summary('migrate', '--lifetime', '7d');
    await until(async () => (await shop.contents()).size === 0);
    for (const sid of SIDS) shop.logOut(sid);
    shop.save(hexSid(200));
    expect(await shop.summary('sync', '--lifetime', '7d', '--max-delete', '0')).toMatchObject({
      exitCode: 0,
      deletes: {},
    });
  });
});

describe('a mass disappearance', () => {
  it('deletes nothing, ends with 6 and says why, until the operator says that it is one', async () => {
    const shop = await movedShop();
    for (const sid of SIDS.slice(0, 6)) shop.logOut(sid);
    const before = await shop.contents();
    const { code, errorLines, summary } = await shop.run('sync', '--max-delete', '5');
    expect([code, summary.exitCode]).toEqual([6, 6]);
    expect(errorLines.join()).toMatch(
      /6 of 12 recorded sessions have no file any more, and --max-delete allows 5 at once: .*say --cutover-done; and only if .*larger --max-delete/,
    );
    expect(await shop.contents()).toEqual(before);
    expect((await shop.summary('sync', '--max-delete', '40%')).exitCode).toBe(6);
    expect(await shop.contents()).toEqual(before);
    expect(await shop.summary('sync')).toMatchObject({ exitCode: 0, deletes: { deleted: 6 } });
  });

  it.each<[string, (shop: CutoverShop) => void, RegExp]>([
    [
      'was emptied',
      (shop) => {
        for (const name of readdirSync(shop.store)) {
          for (const sid of readdirSync(join(shop.store, name))) shop.logOut(sid);
          rmdirSync(join(shop.store, name));
        }
      },
      /sessions is empty: nothing was deleted.*say --cutover-done; and only if .*--max-delete 100%/,
    ],
    [
      'is another directory',
      (shop) => {
        const aside = `${shop.store}.aside`;
        renameSync(shop.store, aside);
        mkdirSync(shop.store);
        for (const name of readdirSync(aside).slice(1)) renameSync(join(aside, name), join(shop.store, name));
      },
      /sessions is not the directory that it was: nothing was deleted/,
    ],
  ])('is suspected when the store %s', async (_, change, sentence) => {
    const shop = await movedShop();
    change(shop);
    const before = await shop.contents();
    for (const command of ['sync', 'migrate', 'sync']) {
      const { code, errorLines } = await shop.run(command);
      expect(code).toBe(6);
      expect(errorLines.join()).toMatch(sentence);
      expect(await shop.contents()).toEqual(before);
    }
    expect((await shop.summary('sync', '--max-delete', '100%')).exitCode).toBe(0);
    expect((await shop.contents()).size).toBeLessThan(before.size);
  });
});

describe('a target that lost data', () => {
  it('is loaded again after FLUSHALL', async () => {
    const shop = await movedShop();
    const before = await shop.contents();
    await shop.redisCall('FLUSHALL');
    expect((await shop.summary('sync')).outcomes).toEqual({ written: 12 });
    expect(await shop.contents()).toEqual(before);
  });

  it('is left alone where its marker is there and the sessions are not, until somebody says what that means', async () => {
    const shop = await movedShop();
    const before = await shop.contents();
    await shop.redisCall('FLUSHDB');
    const { code, errorLines } = await shop.run('sync');
    expect([code, errorLines.join()]).toEqual([
      7,
      expect.stringMatching(/may be lost or .*--cutover-done; .*--repair/),
    ]);
    expect(await shop.contents()).toEqual(new Map());
    expect((await shop.summary('sync', '--repair')).outcomes).toEqual({ written: 12 });
    expect(await shop.contents()).toEqual(before);
  });

  it('is left as it is after a restart that lost nothing: a key that is gone was logged out there', async () => {
    const own = await RedisServer.forTest(work, ['--appendonly', 'yes']);
    const shop = new CutoverShop(work, own, 0);
    for (const sid of SIDS) shop.save(sid);
    await shop.summary('migrate');
    const before = await shop.contents();
    await shop.redisCall('DEL', SESSION + A);
    await own.kill();
    await own.up();
    before.delete(SESSION + A);
    expect((await shop.summary('sync')).outcomes).toEqual({ unchanged: 12 });
    expect(await shop.contents()).toEqual(before);
  });
});

describe('after the cutover', () => {
  it('only absent sessions that were never moved are added, and nothing is deleted', async () => {
    const shop = await movedShop();
    expect((await shop.summary('sync', '--cutover-done')).outcomes).toEqual({ kept: 12 });
    // Odoo, on Redis now, ended A and rewrote B; the module purges files; C's file is a leftover that somebody touched.
    await shop.redisCall('DEL', SESSION + A);
    await shop.redisCall('SET', SESSION + B, 'by Odoo', 'EX', '9999');
    shop.save(C, jsonText(1, 'shop', ', "changed": 1'), 5);
    for (const sid of SIDS.slice(3)) shop.logOut(sid);
    shop.save(hexSid(300));
    const before = await shop.contents();
    for (const words of [['sync'], ['sync', '--final'], ['migrate'], ['sync', '--max-delete', '100%']]) {
      const summary = await shop.summary(words[0] as string, ...words.slice(1));
      expect(summary).toMatchObject({ exitCode: 0, deletes: {} });
    }
    const after = await shop.contents();
    expect(after.get(SESSION + hexSid(300))).toBeDefined();
    after.delete(SESSION + hexSid(300));
    expect(after).toEqual(before);
  });

  it('a target that lost data is not loaded again: Odoo decides who is in', async () => {
    const shop = await movedShop();
    await shop.summary('sync', '--cutover-done');
    await shop.redisCall('FLUSHDB');
    expect((await shop.summary('sync')).outcomes).toEqual({ kept: 12 });
    expect((await shop.contents()).size).toBe(0);
  });
});

describe('runs side by side and one after another', () => {
  it('a second run on the same state ends with 10 and harms nothing', async () => {
    const shop = await movedShop();
    const first = shop.cli.start(['sync', ...shop.words, '--json', '--every', '1h']);
    let output = '';
    first.child.stdout?.on('data', (data: Buffer) => {
      output += data.toString();
    });
    await until(() => output.includes('"summary"'));
    for (const words of [['migrate'], ['sync'], ['sync', '--dry-run'], ['ledger']]) {
      const { code, errorLines } =
        words[0] === 'ledger'
          ? await shop.cli.run(['ledger', '--state-dir', shop.stateDir])
          : await shop.run(words[0] as string, ...words.slice(1));
      // It reads a copy.
      if (words[0] === 'ledger') expect(code).toBe(0);
      else if (words.includes('--dry-run')) expect([0, 10]).toContain(code);
      else expect([code, errorLines.join()]).toEqual([10, expect.stringMatching(/is in use by another run/)]);
    }
    first.child.kill('SIGTERM');
    expect((await first.finished).code).toBe(143);
    expect((await shop.summary('sync')).exitCode).toBe(0);
  });

  it('--every passes again until a signal, each pass with its summary and an estimate of the freeze', async () => {
    const shop = await movedShop();
    const run = shop.cli.start(['sync', ...shop.words, '--json', '--every', '1s']);
    let output = '';
    run.child.stdout?.on('data', (data: Buffer) => {
      output += data.toString();
    });
    await until(() => output.split('"type":"summary"').length > 1);
    shop.save(hexSid(400));
    await until(() => output.includes('"written":1'));
    run.child.kill('SIGINT');
    const { code, lines } = await run.finished;
    expect(code).toBe(130);
    expect(lines.length).toBeGreaterThanOrEqual(2);
    for (const line of lines) expect(line).toMatchObject({ type: 'summary', command: 'sync' });
    expect(lines.at(-1)?.freezeEstimateMs).toBeGreaterThan(0);
    expect(await shop.held(hexSid(400))).toBeDefined();
  });

  it.each([
    ['another prefix', ['--prefix', 'other'], 'key'],
    ['another lifetime', ['--lifetime', '1d'], 'lifetime'],
    ['another choice of databases', ['--odoo-db', 'shop'], 'choice of databases'],
  ])('the ledger of a run with %s is refused, with what differs', async (_, words, name) => {
    const shop = await movedShop([A]);
    const { code, errorLines } = await shop.run('sync', ...words);
    expect(code).toBe(10);
    expect(errorLines).toEqual([expect.stringContaining(`its ${name} is `)]);
    expect((await shop.summary('sync')).exitCode).toBe(0);
  });
});

describe('the ledger command', () => {
  it('tells counts, passes and whose it is, and names no session', async () => {
    const shop = await movedShop();
    const text = await shop.cli.run(['ledger', '--state-dir', shop.stateDir]);
    expect(text.code).toBe(0);
    expect(text.stdout).toMatch(/ours\s+12/);
    expect(text.stdout).toContain(shop.store);
    const json = await shop.cli.run(['ledger', ...shop.words.slice(0, -2), '--json']);
    expect(json.lines[0]).toMatchObject({
      type: 'ledger',
      records: { ours: 12 },
      live: 12,
      passes: [{ command: 'migrate' }],
    });
    const found = [text.stdout, json.stdout];
    for (const name of readdirSync(shop.stateDir, { recursive: true }) as string[]) {
      found.push(name);
      try {
        found.push(readFileSync(join(shop.stateDir, name)).toString('latin1'));
      } catch {
        // A directory.
      }
    }
    for (const sid of SIDS) {
      for (const form of [sid.slice(8), Buffer.from(sid, 'hex').toString('latin1').slice(4)]) {
        for (const one of found) expect(one.includes(form)).toBe(false);
      }
    }
  });
});

describe('a Redis that goes back to an older state', () => {
  it('is told to which pass, and saves, logins and logouts since are done again', async () => {
    const own = await RedisServer.forTest(work, ['--save', '']);
    const shop = new CutoverShop(work, own, 0);
    for (const sid of SIDS) shop.save(sid);
    await shop.summary('migrate');
    await shop.redisCall('SAVE');
    const text = jsonText(1, 'shop', ', "changed": 1');
    shop.save(A, text, 5);
    shop.logOut(B);
    shop.save(hexSid(100));
    expect(await shop.summary('sync')).toMatchObject({ deletes: { deleted: 1 } });
    const before = await shop.contents();
    await own.kill();
    await own.up();
    const { lines, summary } = await shop.run('sync');
    expect(summary).toMatchObject({ exitCode: 0, deletes: { deleted: 1 } });
    expect(lines.map(({ message }) => message)).toContainEqual(expect.stringMatching(/went back to pass 1 of /));
    expect(await shop.contents()).toEqual(before);
  });
});

describe('the switch that only the target knows of', () => {
  it('outlives the state directory', async () => {
    const shop = await movedShop();
    await shop.summary('sync', '--cutover-done');
    await shop.redisCall('DEL', SESSION + A);
    rmSync(shop.stateDir, { recursive: true });
    expect((await shop.summary('migrate')).outcomes).toEqual({ kept: 12 });
    expect(await shop.held(A)).toBeUndefined();
  });
});
