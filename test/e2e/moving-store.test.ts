import { type ChildProcess, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, renameSync, unlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it, onTestFinished } from 'vitest';
import { Cli, total } from '../support/cli.js';
import { RedisServer } from '../support/redis-server.js';
import { hexSid, jsonText, SessionStore } from '../support/store.js';
import { makeWorkspace, until } from '../support/workspace.js';

const ODOO = fileURLToPath(new URL('moving-odoo.mjs', import.meta.url));
const work = makeWorkspace();
const cli = new Cli(join(work, 'home'));
const redis = RedisServer.forFile(work);

interface Journal {
  versions: Record<string, number>;
  live: string[];
}

/** An Odoo at work on a directory; `end` resolves to what it did. */
async function startOdoo(directory: string): Promise<{ child: ChildProcess; end: () => Promise<Journal> }> {
  const child = spawn(process.execPath, [ODOO, directory], { stdio: ['ignore', 'pipe', 'inherit'] });
  onTestFinished(() => {
    child.kill('SIGKILL');
  });
  let output = '';
  child.stdout.on('data', (data: Buffer) => {
    output += data.toString();
  });
  const closed = new Promise((resolve) => child.once('close', resolve));
  await until(() => output.startsWith('ready\n'));
  return {
    child,
    end: async () => {
      child.kill('SIGTERM');
      await closed;
      return JSON.parse(output.slice('ready\n'.length)) as Journal;
    },
  };
}

/** The version that a value is, or NaN if it is not one whole version made for this sid. */
function versionOf(sid: string, value: string): number {
  try {
    const { version, pad, checksum } = JSON.parse(value) as { version: number; pad: string; checksum: string };
    const wanted = createHash('sha256').update(`${sid} ${version} ${pad}`).digest('hex');
    return checksum === wanted ? version : Number.NaN;
  } catch {
    return Number.NaN;
  }
}

async function versionsInRedis(): Promise<Map<string, number>> {
  const versions = new Map<string, number>();
  for (const [key, { value }] of await redis.contents()) {
    const sid = key.replace('session:', '');
    versions.set(sid, versionOf(sid, value.toString()));
  }
  return versions;
}

describe('while Odoo saves, renews and drops sessions', () => {
  it('every run ends well, counts all it saw, and writes whole versions that were in the file', async () => {
    const directory = mkdtempSync(join(work, 'moving-'));
    const odoo = await startOdoo(directory);
    const to = ['--to', redis.url, '--json', '--lanes', '2'];
    // Runs that know nothing of each other: none of them follows changes, or takes sessions that ended back.
    const newState = () => mkdtempSync(join(work, 'state-'));
    let earlier = new Map<string, number>();
    for (const words of [[], [], ['--conflict', 'overwrite'], ['--conflict', 'overwrite'], []]) {
      const { code, summary, errorLines } = await cli.run([
        'migrate',
        directory,
        ...to,
        ...words,
        '--state-dir',
        newState(),
      ]);
      expect(errorLines).toEqual([]);
      expect(code).toBe(0);
      expect(total(summary.outcomes)).toBe(summary.listed);
      expect(summary.listed).toBeGreaterThan(100);

      const versions = await versionsInRedis();
      const torn = [...versions].filter(([, version]) => !(version >= 1));
      expect(torn).toEqual([]);
      const back = [...earlier].filter(([sid, version]) => (versions.get(sid) as number) < version);
      expect(back, 'went back to an older version').toEqual([]);
      earlier = versions;
    }
    const journal = await odoo.end();
    const invented = [...earlier].filter(([sid, version]) => version > (journal.versions[sid] ?? 0));
    expect(invented).toEqual([]);
    expect(Math.max(...Object.values(journal.versions)), 'saved more than once').toBeGreaterThan(1);
    expect(Object.keys(journal.versions).length, 'dropped some').toBeGreaterThan(journal.live.length);

    // Now that Odoo rests, one more run brings everything up to its last version.
    await cli.run(['migrate', directory, ...to, '--conflict', 'overwrite']);
    const last = await versionsInRedis();
    for (const sid of journal.live) expect(last.get(sid)).toBe(journal.versions[sid]);
  });

  it('a value that is torn, mixed or of another sid would be found', () => {
    const [sid, other] = [hexSid(1), hexSid(2)];
    const made = (version: number, pad: string) => {
      const checksum = createHash('sha256').update(`${sid} ${version} ${pad}`).digest('hex');
      return `{"version": ${version}, "pad": "${pad}", "checksum": "${checksum}"}`;
    };
    expect(versionOf(sid, made(3, 'ccc'))).toBe(3);
    expect(versionOf(other, made(3, 'ccc'))).toBeNaN();
    expect(versionOf(sid, made(3, 'ccc').replace('ccc', 'ccd'))).toBeNaN();
    expect(versionOf(sid, made(3, 'ccc').slice(0, -4))).toBeNaN();
  });
});

describe('a session that changes between its listing and its reading', () => {
  const SESSIONS = 200;
  /** Starts a slow run, and resolves when the first sessions are there and it pauses, with those that are not. */
  async function caught(store: SessionStore) {
    await redis.flush();
    const run = cli.start(['migrate', store.directory, '--to', redis.url, '--json', '--rate', '40', '--lanes', '1']);
    await until(async () => (await redis.size()) >= 5);
    run.child.kill('SIGUSR1');
    const present = await redis.contents();
    const left = Array.from({ length: SESSIONS }, (_, n) => hexSid(n)).filter((sid) => !present.has(`session:${sid}`));
    expect(left.length).toBeGreaterThan(0);
    return { run, left };
  }
  const filled = () => {
    const store = new SessionStore(work);
    for (let n = 0; n < SESSIONS; n++) store.flat(hexSid(n), jsonText(1));
    return store;
  };
  const fileOf = (store: SessionStore, sid: string) => join(store.directory, `werkzeug_${sid}.sess`);

  it('is "vanished" when it was dropped, which is no fault', async () => {
    const store = filled();
    const { run, left } = await caught(store);
    for (const sid of left) unlinkSync(fileOf(store, sid));
    run.child.kill('SIGUSR2');
    const { code, summary } = await run.finished;
    const { written = 0, vanished = 0 } = summary.outcomes;
    expect(code).toBe(0);
    expect(written + vanished).toBe(SESSIONS);
    expect(summary.listed).toBe(SESSIONS);
    expect(vanished).toBeGreaterThan(0);
    expect(await redis.size()).toBe(written);
  });

  it('is written as it is when it is read, with the mtime of what was read', async () => {
    const store = filled();
    const { run, left } = await caught(store);
    const [old, renewed] = [readFileSync(fileOf(store, left[0] as string)), Buffer.from(jsonText(2))];
    for (const sid of left) {
      const temporary = join(store.directory, 'tmpfake.__wz_sess');
      writeFileSync(temporary, renewed);
      renameSync(temporary, fileOf(store, sid));
    }
    run.child.kill('SIGUSR2');
    expect((await run.finished).code).toBe(0);
    const held = await redis.contents();
    let renewals = 0;
    const oldExpiry = Math.max(
      ...[...held.values()].filter(({ value }) => value.equals(old)).map(({ expiryMs }) => expiryMs),
    );
    for (const { value, expiryMs } of held.values()) {
      if (value.equals(renewed)) {
        renewals++;
        expect(expiryMs).toBeGreaterThan(oldExpiry + 3_000_000);
      } else expect(value).toEqual(old);
    }
    expect(held.size).toBe(SESSIONS);
    expect(renewals).toBeGreaterThan(0);
  });
});
