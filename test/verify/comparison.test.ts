import { mkdirSync, mkdtempSync, renameSync, rmSync, unlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { FileIntake } from '../../src/intake/take-file.js';
import { KeyReader, type StoredKey } from '../../src/redis/reader.js';
import { OUTCOMES, type OwnVersion, UNSETTLED } from '../../src/session.js';
import { realFileSystem } from '../../src/system/file-system.js';
import { Comparison } from '../../src/verify/comparison.js';
import { ExpectedBatch } from '../../src/verify/expected-batch.js';
import type { DifferenceNote, VerifySettings } from '../../src/verify/sample.js';
import { RedisServer } from '../support/redis-server.js';
import { DAY, hashed, hex40, jsonSession, settingsOf } from '../support/samples.js';

const SID = hex40(1);
const KEY = `session:${SID}`;
const SAVED = Math.floor(Date.now() / 1000) * 1000 - DAY;
const FIRST = jsonSession({ uid: 1 });
const SECOND = jsonSession({ uid: 2 });

let redis: RedisServer;
let store: string;

beforeAll(async () => {
  redis = await RedisServer.start();
});
afterAll(() => redis.stop());
beforeEach(async () => {
  store = mkdtempSync(join(tmpdir(), 'sess2redis-comparison-'));
  onTestFinished(() => rmSync(store, { recursive: true, force: true }));
  mkdirSync(join(store, SID.slice(0, 2)));
  await redis.run(['FLUSHALL']);
});

/** As Odoo saves: never half. */
function save(text: string, savedMs = SAVED): void {
  const path = join(store, hashed(SID));
  writeFileSync(`${path}.new`, text);
  utimesSync(`${path}.new`, savedMs / 1000, savedMs / 1000);
  renameSync(`${path}.new`, path);
}
const drop = () => unlinkSync(join(store, hashed(SID)));
const put = (text: string, savedMs = SAVED) => redis.run(['SET', KEY, text, 'PXAT', String(savedMs + 7 * DAY)]);
const remove = () => redis.run(['DEL', KEY]);

type Happening = () => unknown;
const both = (first: Happening, second: Happening) => async () => {
  await first();
  await second();
};

/** Compares the one session, with `between` happening between the two looks. */
async function compare(
  between: Happening = () => {},
  own: (readonly OwnVersion[] | null) | undefined = undefined,
  isWhole = true,
): Promise<{ outcome: string | undefined; notes: DifferenceNote[]; looks: number }> {
  const settings: VerifySettings = {
    ...settingsOf({ sources: [store] }),
    expiryToleranceMs: 1000,
    recordedUntilMs: Number.NEGATIVE_INFINITY,
    sample: null,
  };
  const held = new KeyReader(redis.endpoint);
  let looks = 0;
  const reader = {
    read: async (keys: readonly string[]): Promise<StoredKey[]> => {
      const found = await held.read(keys);
      if (++looks === 1) await between();
      return found;
    },
  };
  const versions = own === undefined ? null : { isWhole, versionsOf: async () => [own], close: async () => {} };
  const journey = new FileIntake(realFileSystem, settings);
  const nowMs = Date.now();
  const batch = new ExpectedBatch();
  const ended = journey.take(0, hashed(SID), true, nowMs);
  if (ended === null) batch.add(0, hashed(SID), journey, nowMs);
  else
    batch.addOver(
      0,
      hashed(SID),
      SID,
      OUTCOMES.findIndex(([name]) => name === ended),
    );
  const outcomes = new Uint8Array(1).fill(UNSETTLED);
  const notes: DifferenceNote[] = [];
  await new Comparison(settings, reader, versions).settle(0, batch, outcomes, notes);
  held.close();
  return { outcome: OUTCOMES[outcomes[0] as number]?.[0], notes, looks };
}

describe('a session', () => {
  it('that matches is looked at once', async () => {
    save(FIRST);
    await put(FIRST);
    expect(await compare()).toEqual({ outcome: 'match', notes: [], looks: 1 });
  });

  it.each<[string, Happening, Happening, string]>([
    [
      'was saved and synced',
      () => put(FIRST),
      both(
        () => save(SECOND),
        () => put(SECOND),
      ),
      'match',
    ],
    ['was synced only just', () => put(SECOND), () => put(FIRST), 'match'],
    ['reached Redis only just', () => {}, () => put(FIRST), 'match'],
    ['was dropped', () => put(SECOND), () => drop(), 'vanished'],
    ['was dropped from both', () => put(SECOND), both(drop, remove), 'vanished'],
    ['ended', () => put(SECOND), both(() => save(FIRST, SAVED - 7 * DAY), remove), 'expired'],
    ['was emptied', () => put(SECOND), () => save(''), 'extra'],
    ['broke', () => put(SECOND), () => save('nonsense'), 'extra'],
    ['was emptied, and its copy deleted', () => put(SECOND), both(() => save(''), remove), 'empty'],
    ['broke, and its copy was deleted', () => put(SECOND), both(() => save('nonsense'), remove), 'malformed'],
    ['was saved again, and not synced', () => put(SECOND), () => save(jsonSession({ uid: 3 })), 'differs'],
    ['stays as it is', () => put(SECOND), () => {}, 'differs'],
    ['was removed from Redis', () => put(SECOND), () => remove(), 'missing'],
    ['was rewritten by Odoo', () => put(FIRST, SAVED - 1), () => put(SECOND, Date.now()), 'newer'],
    ['got its expiry late', () => redis.run(['SET', KEY, FIRST]), () => put(FIRST), 'match'],
  ])('that between two looks %s is judged by the second', async (_, before, between, outcome) => {
    save(FIRST);
    await before();
    if (outcome === 'newer') await redis.run(['PEXPIRE', KEY, '5000']);
    const found = await compare(between);
    expect(found.outcome).toBe(outcome);
    expect(found.notes.map((note) => note.outcome)).toEqual(
      ['differs', 'missing', 'malformed', 'extra'].includes(outcome) ? [outcome] : [],
    );
  });

  it('is never shown: notes hold its fingerprint, a masked path and keys of Odoo', async () => {
    save(FIRST);
    await put(SECOND);
    const { notes } = await compare();
    const path = `${SID.slice(0, 2)}/${SID.slice(0, 8)}*`;
    expect(notes).toEqual([
      { source: 0, path, fingerprint: expect.any(String), outcome: 'differs', reason: expect.any(String), offset: -1 },
    ]);
    expect(notes[0]?.reason).toBe('has another value of uid');
  });

  it('of ours that differs is told from one that Odoo rewrote by what is recorded', async () => {
    save(FIRST);
    await put(SECOND);
    const { createHash } = await import('node:crypto');
    const digest = createHash('sha1').update(SECOND).digest('hex').slice(0, 16);
    const ours = [{ expiryMs: SAVED + 7 * DAY, digest }];
    expect((await compare(undefined, ours)).outcome).toBe('differs');
    expect((await compare(undefined, [])).outcome).toBe('newer');
    expect((await compare(undefined, null)).outcome).toBe('newer');
    expect((await compare()).outcome).toBe('differs');
  });
});

describe('a session whose file has ended', () => {
  const LONG_AGO = SAVED - 8 * DAY;

  it('is expired where no key is left, after one look', async () => {
    save(FIRST, LONG_AGO);
    expect(await compare()).toEqual({ outcome: 'expired', notes: [], looks: 1 });
  });

  it('drifts where a copy lives on', async () => {
    save(FIRST, LONG_AGO);
    await put(FIRST);
    const { outcome, notes } = await compare();
    expect(outcome).toBe('expiry-drift');
    expect(notes[0]?.reason).toBe('expires 8 d later than its file');
  });

  it('is newer where Odoo goes on with it in Redis', async () => {
    save(FIRST, LONG_AGO);
    await put(SECOND);
    expect((await compare()).outcome).toBe('newer');
    await put(FIRST);
    expect((await compare(undefined, [])).outcome).toBe('newer');
  });

  it('is compared anew where it was saved again meanwhile', async () => {
    save(FIRST, LONG_AGO);
    await put(FIRST);
    expect((await compare(() => save(FIRST))).outcome).toBe('match');
  });
});

describe('a file from the future', () => {
  it('matches a copy made before, whose expiry was counted from then', async () => {
    save(FIRST, Date.now() + DAY);
    await redis.run(['SET', KEY, FIRST, 'PXAT', String(Date.now() + 7 * DAY - 60_000)]);
    expect((await compare()).outcome).toBe('match');
    await redis.run(['SET', KEY, FIRST, 'PXAT', String(Date.now() + 8 * DAY)]);
    expect((await compare()).outcome).toBe('expiry-drift');
  });
});

describe('with an incomplete ledger', () => {
  const never = () => redis.run(['SET', KEY, SECOND]);
  it.each<[string, string, Happening, readonly OwnVersion[] | null, string]>([
    [
      'an older version that ends later than its file, as after a restore',
      FIRST,
      () => put(SECOND, SAVED + 3_600_000),
      null,
      'differs',
    ],
    ['what was saved there after the file', FIRST, () => put(SECOND, Date.now() + 3_600_000), null, 'newer'],
    ['what never expires', FIRST, never, null, 'newer'],
    [
      'another value, on record before the ledger was incomplete',
      FIRST,
      () => put(SECOND, SAVED + 3_600_000),
      [],
      'newer',
    ],
    [
      'what a rotation left there',
      jsonSession({ uid: 1, deletion_time: Date.now() / 1000 + 60 }),
      () => put(SECOND),
      null,
      'differs',
    ],
    [
      'what a rotation that is over left there',
      jsonSession({ uid: 1, deletion_time: Date.now() / 1000 - 60 }),
      () => put(SECOND),
      null,
      'differs',
    ],
    ['a copy of a file that is empty', '', () => put(SECOND), null, 'extra'],
    ['a copy of a file that broke', 'nonsense', () => put(SECOND), null, 'extra'],
    ["Odoo's own over a file that is empty", '', never, null, 'empty'],
  ])('names %s', async (_, file, before, own, outcome) => {
    save(file);
    await before();
    expect((await compare(undefined, own, false)).outcome).toBe(outcome);
  });
});
