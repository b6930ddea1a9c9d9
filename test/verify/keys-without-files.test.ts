import { createHash } from 'node:crypto';
import { createFsFromVolume, Volume } from 'memfs';
import { describe, expect, it } from 'vitest';
import type { StoredKey } from '../../src/redis/reader.js';
import { NO_ENTRY, OUTCOMES, UNSETTLED } from '../../src/session.js';
import { ChunkPacker } from '../../src/source/chunk.js';
import type { FileSystem } from '../../src/system/file-system.js';
import { KeysWithoutFiles } from '../../src/verify/keys-without-files.js';
import { type DifferenceNote, KEYS, type VerifySettings } from '../../src/verify/sample.js';
import { DAY, flat, hashed, hex40, jsonSession, odooOf, policyOf, settingsOf } from '../support/samples.js';

const EXPIRY = Date.now() + DAY;

function storesOf(...paths: string[]): FileSystem {
  return createFsFromVolume(Volume.fromJSON(Object.fromEntries(paths.map((path) => [path, 'x'])))) as never;
}

const held = (value: string | null, chosen: Partial<StoredKey> = {}): StoredKey => ({
  value: value === null ? null : Buffer.from(value),
  isOtherType: false,
  expiryMs: EXPIRY,
  slackMs: 0,
  ...chosen,
});

/** Settles these sids, with what a target holds for those that it is asked about. */
async function settle(
  values: Record<string, StoredKey>,
  fileSystem: FileSystem,
  chosen: Partial<VerifySettings> = {},
  recorded?: Record<string, string>,
  isWhole = true,
): Promise<{ outcomes: (string | undefined)[]; notes: DifferenceNote[]; asked: string[] }> {
  const settings = {
    ...settingsOf({ sources: ['/a', '/b'] }),
    expiryToleranceMs: 0,
    sample: null,
    recordedUntilMs: Number.NEGATIVE_INFINITY,
    ...chosen,
  };
  const asked: string[] = [];
  const reader = {
    read: async (keys: readonly string[]) =>
      keys.map((key) => {
        const sid = key.replace('session:', '');
        asked.push(sid);
        return values[sid] as StoredKey;
      }),
  };
  const digestOf = (value: string) => createHash('sha1').update(value).digest('hex').slice(0, 16);
  const own = {
    isWhole,
    versionsOf: async (sids: readonly string[]) =>
      sids.map((sid) => {
        const value = recorded?.[sid];
        return value === undefined ? null : [{ expiryMs: EXPIRY, digest: digestOf(value) }];
      }),
    close: async () => {},
  };
  const packer = new ChunkPacker();
  for (const sid of Object.keys(values)) packer.add(sid, true);
  const chunk = packer.take(KEYS);
  const outcomes = new Uint8Array(chunk.count).fill(UNSETTLED);
  const notes: DifferenceNote[] = [];
  const keys = new KeysWithoutFiles(settings, fileSystem, reader, recorded === undefined ? null : own);
  await keys.settle(chunk, outcomes, notes);
  const names = [...outcomes].map((code) => (code === NO_ENTRY ? 'none' : OUTCOMES[code]?.[0]));
  return { outcomes: names, notes, asked };
}

describe('a key', () => {
  it('with a file is no entry and is not asked about, wherever the file lies', async () => {
    const values = { [hex40(1)]: held('x'), [hex40(2)]: held('x'), [hex40(3)]: held(jsonSession()) };
    const found = await settle(values, storesOf(`/a/${flat(hex40(1))}`, `/b/${hashed(hex40(2))}`));
    expect(found.outcomes).toEqual(['none', 'none', 'extra']);
    expect(found.asked).toEqual([hex40(3)]);
  });

  it('that is gone by now is no entry', async () => {
    expect((await settle({ [hex40(1)]: held(null) }, storesOf('/a/x'))).outcomes).toEqual(['none']);
  });

  it.each([
    [jsonSession(), 'a login without a file, valid for 1 d'],
    [jsonSession({ uid: null }), 'a session without a file, valid for 1 d'],
    ['nonsense', 'a session without a file, valid for 1 d'],
  ])('without a file is extra: %s', async (value, reason) => {
    const { outcomes, notes } = await settle(
      { [hex40(1)]: held(value, { expiryMs: Date.now() + DAY }) },
      storesOf('/a/x'),
    );
    expect(outcomes).toEqual(['extra']);
    const path = `session:${hex40(1).slice(0, 8)}*`;
    expect(notes).toMatchObject([{ source: KEYS, path, outcome: 'extra', reason }]);
  });

  it('of another type, or one that never expires, is extra as well', async () => {
    const list = held(null, { isOtherType: true });
    const values = { [hex40(1)]: list, [hex40(2)]: held(jsonSession(), { expiryMs: Number.POSITIVE_INFINITY }) };
    const { outcomes, notes } = await settle(values, storesOf('/a/x'));
    expect(outcomes).toEqual(['extra', 'extra']);
    expect(notes[1]?.reason).toBe('a login without a file, valid for ever');
  });

  it('is extra by the ledger only while it holds what was recorded', async () => {
    const value = jsonSession();
    const values = {
      [hex40(1)]: held(value),
      [hex40(2)]: held(`${value} `),
      [hex40(3)]: held(value, { expiryMs: EXPIRY + 60_000 }),
      [hex40(4)]: held(value),
      [hex40(5)]: held(null, { isOtherType: true }),
    };
    const recorded = { [hex40(1)]: value, [hex40(2)]: value, [hex40(3)]: value, [hex40(5)]: value };
    const { outcomes, notes } = await settle(values, storesOf('/a/x'), {}, recorded);
    expect(outcomes).toEqual(['extra', 'redis-only', 'redis-only', 'redis-only', 'redis-only']);
    expect(notes.map(({ reason }) => reason)).toEqual([expect.stringMatching(/, written by us$/)]);
  });

  it("is Odoo's to an incomplete ledger only by proof", async () => {
    const value = jsonSession();
    const values = {
      [hex40(1)]: held(value, { expiryMs: Number.POSITIVE_INFINITY }),
      [hex40(2)]: held(value, { expiryMs: Date.now() + 600_000 }),
      [hex40(3)]: held(value, { expiryMs: Date.now() + 7 * DAY }),
      [hex40(4)]: held(null, { isOtherType: true }),
      [hex40(5)]: held('nonsense', { expiryMs: Date.now() + 600_000 }),
    };
    const recordedUntilMs = Date.now() - 60_000;
    const { outcomes } = await settle(values, storesOf('/a/x'), { recordedUntilMs }, {}, false);
    expect(outcomes).toEqual(['redis-only', 'redis-only', 'extra', 'redis-only', 'extra']);
    const unknown = await settle(values, storesOf('/a/x'), {}, {}, false);
    expect(unknown.outcomes).toEqual(['redis-only', 'extra', 'extra', 'redis-only', 'extra']);
  });

  it('of another database is passed over where one is named', async () => {
    const values = {
      [hex40(1)]: held(jsonSession({ db: 'shop' })),
      [hex40(2)]: held(jsonSession({ db: 'other' })),
      [hex40(3)]: held(jsonSession({ db: null })),
      [hex40(4)]: held('nonsense'),
    };
    const policy = policyOf({ databases: ['shop'] });
    expect((await settle(values, storesOf('/a/x'), { application: { odoo: odooOf({ policy }) } })).outcomes).toEqual([
      'extra',
      'none',
      'none',
      'none',
    ]);
  });

  it('counts as one with a file where that may not be looked at', async () => {
    const fileSystem = {
      lstatSync: () => {
        throw Object.assign(new Error('no'), { code: 'EACCES' });
      },
    } as never;
    expect((await settle({ [hex40(1)]: held('x') }, fileSystem)).outcomes).toEqual(['none']);
  });

  it('has a file that Odoo moves into its shard between two looks', async () => {
    let looks = 0;
    const isThere = (path: string) => (path.includes('werkzeug_') ? looks === 1 : looks > 1);
    const fileSystem = {
      lstatSync: (path: string) => {
        looks++;
        return path.startsWith('/a') && isThere(path) ? {} : undefined;
      },
    } as never;
    expect((await settle({ [hex40(1)]: held('x') }, fileSystem)).outcomes).toEqual(['none']);
  });

  it('is settled among many, each in its place', async () => {
    const sids = Array.from({ length: 500 }, (_, n) => hex40(n));
    const values = Object.fromEntries(sids.map((sid) => [sid, held(jsonSession())]));
    const files = sids.filter((_, n) => n % 3 === 0).map((sid) => `/a/${flat(sid)}`);
    const { outcomes, notes } = await settle(values, storesOf(...files));
    expect(outcomes).toEqual(sids.map((_, n) => (n % 3 === 0 ? 'none' : 'extra')));
    expect(notes.length).toBe(outcomes.filter((outcome) => outcome === 'extra').length);
  });
});
