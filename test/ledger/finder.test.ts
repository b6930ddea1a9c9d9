import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { PACK_LEAD, rangeOf, sessionKey } from '../../src/ledger/keys.js';
import { Ledger } from '../../src/ledger/ledger.js';
import { PackEncoder } from '../../src/ledger/pack.js';
import { digestOf, SessionColumns } from '../../src/ledger/record.js';
import { Recorder } from '../../src/ledger/recorder.js';
import { SingleEncoder } from '../../src/ledger/single.js';
import { contentsOf, recordsOf } from '../../src/ledger/visit.js';
import type { Layout } from '../../src/session.js';
import { notedOf } from '../support/record-samples.js';
import { hex40, NOW, urlsafe84 } from '../support/samples.js';
import { temporaryDirectory } from '../support/temporary-directory.js';
import { trusting } from '../support/trusting.js';

/** One in three ids is of the longer kind: a round trip of both makes two packs. */
const sidOf = (n: number): string => (n % 3 === 0 ? urlsafe84(n) : hex40(n));

/** What the ledger must hold: the mtime that was recorded last, by number of session. */
type Model = Map<number, number>;

/** One pass: sessions that are recorded, new or not, and sessions that are forgotten at its end. */
interface Pass {
  recorded: number[];
  forgotten: number[];
}

async function carryOut(ledger: Ledger, model: Model, pass: Pass, mtimeMs: number, isPacking: boolean): Promise<void> {
  const share = await ledger.beginPass(trusting('compare'), isPacking);
  await ledger.reserve(1000, 0);
  const recorder = await Recorder.open(share);
  const recorded = [...new Set(pass.recorded)];
  const before = await recorder.recall(recorded.map(sidOf));
  const noted = new SessionColumns(recorded.length);
  for (const [i, n] of recorded.entries()) {
    const file = { mtimeMs, size: 1, inode: 1 };
    noted.add(sidOf(n), 'hashed', 0, file, before[i] ?? null);
    expect(before[i]?.mtimeMs ?? null, `session ${n}`).toBe(model.get(n) ?? null);
    model.set(n, mtimeMs);
  }
  const expiryMs = new Float64Array(recorded.length).fill(NOW);
  const value = () => Buffer.from('{}');
  const batch = await recorder.begin(noted, expiryMs, value);
  await recorder.settle(batch, noted, expiryMs, value, () => false);
  await recorder.close();

  const gone = [...new Set(pass.forgotten)].filter((n) => model.has(n) && !recorded.includes(n));
  await ledger.forget(await ledger.records(ledger.cipher.idsOf(gone.map(sidOf))));
  for (const n of gone) model.delete(n);
}

async function heldBy(ledger: Ledger): Promise<Map<string, number>> {
  const held = new Map<string, number>();
  for await (const records of recordsOf(ledger)) {
    for (const { id, mtimeMs } of records) {
      const sid = ledger.cipher.sidOf(id) as string;
      expect(held.has(sid), 'on record twice').toBe(false);
      held.set(sid, mtimeMs);
    }
  }
  return held;
}

const identity = { sources: '/store' };

describe('what is on record', () => {
  it.each([
    [true, 'packed'],
    [false, 'one by one'],
  ])('is what was recorded and not forgotten, whatever passes came by: packed %s', async (isPacking) => {
    const number = fc.nat(40);
    const passes = fc.array(fc.record({ recorded: fc.array(number, { minLength: 1 }), forgotten: fc.array(number) }), {
      minLength: 1,
      maxLength: 8,
    });
    await fc.assert(
      fc.asyncProperty(passes, async (all) => {
        const ledger = await Ledger.open(temporaryDirectory(), identity);
        const model: Model = new Map();
        for (const [i, pass] of all.entries()) await carryOut(ledger, model, pass, NOW + i, isPacking);
        const expected = new Map([...model].map(([n, mtimeMs]) => [sidOf(n), mtimeMs]));
        expect(await heldBy(ledger)).toEqual(expected);
        expect((await contentsOf(ledger, 0)).records.ours).toBe(model.size);
        await ledger.close();
      }),
      { numRuns: 40 },
    );
  });

  it('takes no more room than twice what lives: packs of which more than half is gone are written anew', async () => {
    const ledger = await Ledger.open(temporaryDirectory(), identity);
    const model: Model = new Map();
    const all = Array.from({ length: 200 }, (_, n) => n);
    await carryOut(ledger, model, { recorded: all, forgotten: [] }, NOW, true);
    const bytes = async () => (await packsOf(ledger)).reduce((sum, pack) => sum + pack.length, 0);
    const before = await bytes();
    await carryOut(ledger, model, { recorded: [1000], forgotten: all.slice(0, 150) }, NOW, true);
    await carryOut(ledger, model, { recorded: [1001], forgotten: [] }, NOW, true);
    expect(await bytes()).toBeLessThan(before / 2);
    expect((await heldBy(ledger)).size).toBe(52);
    await carryOut(ledger, model, { recorded: [1002], forgotten: all }, NOW, true);
    await ledger.readIndex();
    expect(await packsOf(ledger)).toEqual([]);
    await ledger.close();
  });

  it('has no packs of a few sessions, which would cost more than records one by one', async () => {
    const ledger = await Ledger.open(temporaryDirectory(), identity);
    await carryOut(ledger, new Map(), { recorded: [1, 2, 4, 5, 7, 8, 10], forgotten: [] }, NOW, true);
    expect(await packsOf(ledger)).toEqual([]);
    await carryOut(ledger, new Map(), { recorded: [11, 13, 14, 16, 17, 19, 20, 22], forgotten: [] }, NOW, true);
    expect((await packsOf(ledger)).length).toBe(1);
    await ledger.close();
  });

  it('tells ids apart that begin alike, also when the packs of some are all gone', async () => {
    const ledger = await Ledger.open(temporaryDirectory(), identity);
    await packed(ledger, 1, 0, 1, 2);
    await packed(ledger, 2, 3);
    const noted = notedOf({ sid: 'ab', layout: 'flat', source: 0, mtimeMs: 2, size: 3, inode: 0, ordinal: 102 });
    const fate = { state: 'kept', versions: [] } as const;
    await ledger.store.put(sessionKey(idOf(2)), new SingleEncoder().encode(noted, 0, idOf(2), 3, 0, fate));
    await ledger.readIndex();
    const found = async () =>
      (await ledger.finder.find([4, 3, 2, 1, 0].map(idOf))).map((one) => one && [one.mtimeMs, one.size]);
    expect(await found()).toEqual([null, [3, 2], [2, 3], [1, 1], [0, 1]]);
    await ledger.forget([{ id: idOf(3), ordinal: 203 }]);
    expect(await found()).toEqual([null, null, [2, 3], [1, 1], [0, 1]]);
    await ledger.forget(await ledger.records([idOf(0)]));
    expect(await found()).toEqual([null, null, [2, 3], [1, 1], null]);
    await ledger.close();
  });
});

describe('a session that a pass met twice, because Odoo moved its file meanwhile', () => {
  const CROWD = Array.from({ length: 9 }, (_, n) => n + 100);
  const V1 = Buffer.from('with a login');
  const V2 = Buffer.from('later');

  /** One pass that records session 1 with this value, null for one that does not move; without knowing of any record. */
  async function meet(ledger: Ledger, layout: Layout, value: Buffer | null, kept = false): Promise<void> {
    const recorder = await Recorder.open(await ledger.beginPass(trusting('fresh'), true));
    await ledger.reserve(100, 0);
    const noted = new SessionColumns(CROWD.length + 1);
    const file = { mtimeMs: NOW, size: 1, inode: 1 };
    for (const n of [...CROWD, 1]) noted.add(hex40(n), layout, 0, file, null);
    const expiryMs = new Float64Array(noted.count).fill(NOW);
    const isKept = (at: number) => kept && at === CROWD.length;
    if (value === null) await recorder.skip(noted);
    else
      await recorder.settle(await recorder.begin(noted, expiryMs, () => value), noted, expiryMs, () => value, isKept);
    await recorder.close();
  }

  it.each<[string, Buffer | null, boolean, Buffer[]]>([
    ['and without its login then', null, false, [V1]],
    ['and changed then, so that Redis kept the first', V2, true, [V1]],
    ['and changed then', V2, false, [V2, V1]],
  ])(
    'is one, with all that Redis may hold of ours, and its file is read again: %s',
    async (_, then, kept, versions) => {
      const ledger = await Ledger.open(temporaryDirectory(), identity);
      await meet(ledger, 'flat', V1);
      await meet(ledger, 'hashed', then, kept);
      const recorder = await Recorder.open(await ledger.beginPass(trusting('compare'), true));
      const [record] = await recorder.recall([hex40(1)], ['hashed']);
      expect(record).toMatchObject({ state: 'ours', layout: 'hashed', mtimeMs: Number.NaN });
      expect(record?.versions).toEqual(versions.map((value) => ({ expiryMs: NOW, digest: digestOf(value) })));
      await recorder.close();
      expect((await heldBy(ledger)).size).toBe(CROWD.length + 1);
      await ledger.close();
    },
  );

  it('is known by the record that it got a moment ago, where it came with few others', async () => {
    const ledger = await Ledger.open(temporaryDirectory(), identity);
    await meet(ledger, 'flat', V1);
    const recorder = await Recorder.open(await ledger.beginPass(trusting('compare'), true));
    await ledger.reserve(100, 0);
    const noted = new SessionColumns(1);
    noted.add(hex40(2), 'flat', 0, { mtimeMs: NOW, size: 1, inode: 1 }, null);
    await recorder.begin(noted, Float64Array.of(NOW), () => V1);
    const [moved, other] = await recorder.recall([hex40(2), hex40(3)], ['hashed', 'hashed']);
    expect(moved?.versions).toEqual([{ expiryMs: NOW, digest: digestOf(V1) }]);
    expect(other).toBeNull();
    await recorder.close();
    await ledger.close();
  });

  it('overwrites nothing in a fresh pass, which looks nothing up, however few come with it', async () => {
    const ledger = await Ledger.open(temporaryDirectory(), identity);
    const recorder = await Recorder.open(await ledger.beginPass(trusting('fresh'), true));
    await ledger.reserve(100, 0);
    const file = { mtimeMs: NOW, size: 1, inode: 1 };
    const [flat, hashed] = [new SessionColumns(1), new SessionColumns(1)];
    flat.add(hex40(1), 'flat', 0, file, null);
    hashed.add(hex40(1), 'hashed', 0, file, null);
    await recorder.begin(flat, Float64Array.of(NOW), () => V1);
    await recorder.skip(hashed);
    await recorder.close();
    await ledger.readIndex();
    const [record] = await ledger.records(ledger.cipher.idsOf([hex40(1)]));
    expect(record).toMatchObject({ state: 'ours', versions: [{ expiryMs: NOW, digest: digestOf(V1) }] });
    await ledger.close();
  });

  it('is known by its newest record in the pass that wrote it', async () => {
    const ledger = await Ledger.open(temporaryDirectory(), identity);
    await meet(ledger, 'flat', V1);
    const recorder = await Recorder.open(await ledger.beginPass(trusting('compare'), true));
    await ledger.reserve(100, 0);
    const [before] = await recorder.recall([hex40(1)], ['flat']);
    const noted = new SessionColumns(1);
    noted.add(hex40(1), 'flat', 0, { mtimeMs: NOW + 1, size: 1, inode: 2 }, before ?? null);
    await recorder.begin(noted, Float64Array.of(NOW + 1), () => V2);
    expect((await recorder.recall([hex40(1)], ['hashed']))[0]?.mtimeMs).toBe(NOW + 1);
    await recorder.close();
    await ledger.close();
  });
});

/** Ids that all begin alike. */
const idOf = (n: number) => Buffer.concat([Buffer.from('same'), Buffer.alloc(28, n)]);

/** Puts a pack of such ids into the ledger; their mtimes are their numbers, their sizes the pass. */
async function packed(ledger: Ledger, pass: number, ...numbers: number[]): Promise<void> {
  const encoder = new PackEncoder(32);
  for (const n of numbers) {
    const ordinal = pass * 100 + n;
    const file = { sid: 'ab', layout: 'flat', source: 0, mtimeMs: n, size: pass, inode: 0, ordinal } as const;
    encoder.add(notedOf(file), 0, idOf(n), 0, null);
  }
  const { key, bytes } = encoder.take(pass, 0);
  await ledger.store.put(key, bytes);
}

const packsOf = (ledger: Ledger): Promise<Buffer[]> => ledger.store.values(rangeOf(PACK_LEAD));
