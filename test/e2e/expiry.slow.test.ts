import { spawnSync } from 'node:child_process';
import { mkdtempSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { Cli } from '../support/cli.js';
import { RedisServer } from '../support/redis-server.js';
import {
  CREATE_TIME,
  DAY_S,
  hexSid,
  jsonText,
  pickledLogin,
  pickleOf,
  SessionStore,
  urlsafeSid,
} from '../support/store.js';
import { makeWorkspace } from '../support/workspace.js';

const DAY_MS = DAY_S * 1000;
const HOUR_MS = 3_600_000;

const work = makeWorkspace();
const cli = new Cli(join(work, 'home'));
const redis = RedisServer.forFile(work);
beforeEach(() => redis.flush());

/** Sets an mtime to the nanosecond, which utimes(3) through JavaScript's doubles cannot. */
function touch(file: string, seconds: number, nanoseconds: string): void {
  const { status, stderr } = spawnSync('touch', ['-d', `@${seconds}.${nanoseconds}`, file], { encoding: 'utf8' });
  if (status !== 0) throw new Error(stderr);
}

const wholeMs = (file: string) => Number(statSync(file, { bigint: true }).mtimeNs / 1_000_000n);

async function expiries(store: SessionStore, ...words: string[]): Promise<Map<string, number>> {
  // Each with a ledger of its own: one does not serve other lifetimes.
  const state = ['--state-dir', mkdtempSync(join(work, 'state-'))];
  const { code, stderr } = await cli.run(['migrate', store.directory, '--to', redis.url, ...state, ...words]);
  expect(code, stderr).toBe(0);
  const db = words.includes('smile') ? 1 : 0;
  return new Map([...(await redis.contents(db))].map(([key, { expiryMs }]) => [key.replace('session:', ''), expiryMs]));
}

describe('the expiry of a key', () => {
  const now = Math.floor(Date.now() / 1000);

  it('is the mtime in whole milliseconds, rounded down, plus the lifetime', async () => {
    const store = new SessionStore(work);
    const wanted = new Map<string, number>();
    const fractions = ['999999999', '000000000', '000000001', '000999999', '001000000', '998999999', '123456789', '5'];
    for (const [n, fraction] of fractions.entries()) {
      const file = store.flat(hexSid(n), pickledLogin(n + 1));
      touch(file, now - 1000 - n, fraction);
      wanted.set(hexSid(n), wholeMs(file) + 7 * DAY_MS);
    }
    expect(await expiries(store)).toEqual(wanted);
    // The first one is the millisecond before the full second, if the disk keeps nanoseconds.
    const { mtimeNs, mtimeMs } = statSync(join(store.directory, `werkzeug_${hexSid(0)}.sess`), { bigint: true });
    if (mtimeNs % 1000n === 999n) expect(mtimeMs % 1000n).toBe(999n);
  });

  it('follows --lifetime and --anonymous-lifetime, and the reader where they are not given', async () => {
    const store = new SessionStore(work);
    const login = wholeMs(store.flat(hexSid(0), pickledLogin(1)));
    const visitor = wholeMs(store.flat(hexSid(1), pickleOf({ db: 'shop', uid: null })));
    const both = async (...words: string[]) => {
      const held = await expiries(store, ...words);
      await redis.flush();
      return [(held.get(hexSid(0)) ?? 0) - login, (held.get(hexSid(1)) ?? 0) - visitor];
    };
    expect(await both()).toEqual([7 * DAY_MS, 3 * HOUR_MS]);
    expect(await both('--profile', 'smile')).toEqual([7 * DAY_MS, 7 * DAY_MS]);
    expect(await both('--lifetime', '1.5d')).toEqual([1.5 * DAY_MS, 3 * HOUR_MS]);
    expect(await both('--anonymous-lifetime', '2h')).toEqual([7 * DAY_MS, 2 * HOUR_MS]);
    expect(await both('--lifetime', '90m', '--anonymous-lifetime', '5400s')).toEqual([1.5 * HOUR_MS, 1.5 * HOUR_MS]);
  });

  it("is the session's own where the reader looks at it, and no key is without one", async () => {
    const store = new SessionStore(work);
    const files = [
      store.hashed(urlsafeSid(1), jsonText(1, 'shop', `${CREATE_TIME}, "expiration": 7200`)),
      store.flat(hexSid(2), pickleOf({ db: 'shop', uid: null, expiration: 86_400 })),
      store.hashed(urlsafeSid(3), jsonText(1, 'shop', `${CREATE_TIME}, "expiration": 0`)),
      store.hashed(urlsafeSid(4), jsonText(1, 'shop', `${CREATE_TIME}, "expiration": 1e300`)),
    ];
    const [first, second, third, fourth] = files.map(wholeMs) as [number, number, number, number];
    const held = await expiries(store);
    expect(held.get(urlsafeSid(1))).toBe(first + 7_200_000);
    expect(held.get(hexSid(2))).toBe(second + DAY_MS);
    expect(held.get(urlsafeSid(3))).toBe(third + 7 * DAY_MS);
    expect(held.get(urlsafeSid(4))).toBe(fourth + 3 * HOUR_MS);

    await redis.flush();
    const generic = await expiries(store, '--profile', 'generic');
    expect(generic.get(urlsafeSid(1))).toBe(first + 7 * DAY_MS);
  });

  it('is never later than a lifetime from now, nor than the deletion_time', async () => {
    const store = new SessionStore(work);
    store.flat(hexSid(1), pickledLogin(1), -10 * DAY_S);
    store.hashed(urlsafeSid(2), jsonText(1, 'shop', `${CREATE_TIME}, "deletion_time": ${now + 90}.9996`));
    store.hashed(urlsafeSid(3), jsonText(1, 'shop', `${CREATE_TIME}, "deletion_time": ${now + 30 * DAY_S}.5`));
    const beforeMs = Date.now();
    const held = await expiries(store);
    expect(held.get(hexSid(1))).toBeGreaterThanOrEqual(beforeMs + 7 * DAY_MS);
    expect(held.get(hexSid(1))).toBeLessThanOrEqual(Date.now() + 7 * DAY_MS);
    expect(held.get(urlsafeSid(2))).toBe((now + 90) * 1000 + 999);
    expect(held.get(urlsafeSid(3))).toBeLessThan(beforeMs + 7 * DAY_MS);
  });

  it('keeps a session to its last minute, and not beyond', async () => {
    const store = new SessionStore(work);
    store.flat(hexSid(1), pickledLogin(1), 7 * DAY_S - 120);
    store.flat(hexSid(2), pickledLogin(1), 7 * DAY_S + 1);
    store.flat(hexSid(3), pickledLogin(1), 50 * 365 * DAY_S);
    const { summary } = await cli.run(['migrate', store.directory, '--to', redis.url, '--json']);
    expect(summary.outcomes).toEqual({ written: 1, expired: 2 });
    expect([...(await redis.contents()).keys()]).toEqual([`session:${hexSid(1)}`]);
  });
});
