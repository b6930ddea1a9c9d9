import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { contentsOf } from '../../src/ledger/contents.js';
import { sessionKey } from '../../src/ledger/keys.js';
import { Ledger } from '../../src/ledger/ledger.js';
import { NotedSessions } from '../../src/ledger/noted.js';
import { PackEncoder } from '../../src/ledger/pack.js';
import { Recorder } from '../../src/ledger/recorder.js';
import { recordsOf } from '../../src/ledger/records.js';
import { SingleEncoder } from '../../src/ledger/single.js';
import { hex40, NOW, urlsafe84 } from '../samples.js';
import { temporaryDirectory } from '../temporary-directory.js';
import { notedOf } from './noted-samples.js';

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
  const share = await ledger.beginPass('compare', isPacking);
  await ledger.reserve(1000, 0);
  const recorder = await Recorder.open(share);
  const recorded = [...new Set(pass.recorded)];
  const before = await recorder.recall(recorded.map(sidOf));
  const noted = new NotedSessions(recorded.length);
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
    const sizes = async () =>
      (await ledger.store.values({ gte: Buffer.from('p'), lt: Buffer.from('q') }).all()).map(({ length }) => length);
    const before = (await sizes()).reduce((sum, size) => sum + size);
    await carryOut(ledger, model, { recorded: [1000], forgotten: all.slice(0, 150) }, NOW, true);
    await carryOut(ledger, model, { recorded: [1001], forgotten: [] }, NOW, true);
    expect((await sizes()).reduce((sum, size) => sum + size)).toBeLessThan(before / 2);
    expect((await heldBy(ledger)).size).toBe(52);
    await carryOut(ledger, model, { recorded: [1002], forgotten: all }, NOW, true);
    expect((await sizes()).length).toBe(3);
    await ledger.close();
  });

  it('tells ids apart that begin alike, and takes the later record of a session that is in two packs', async () => {
    const ledger = await Ledger.open(temporaryDirectory(), identity);
    const idOf = (n: number) => Buffer.concat([Buffer.from('same'), Buffer.alloc(28, n)]);
    const pack = async (pass: number, ...numbers: number[]) => {
      const encoder = new PackEncoder(32);
      for (const n of numbers) {
        const file = { sid: 'ab', layout: 'flat', source: 0, mtimeMs: n, size: pass, inode: 0, ordinal: n } as const;
        encoder.add(notedOf(file), 0, idOf(n), 0, null);
      }
      const { key, bytes } = encoder.take(pass, 0);
      await ledger.store.put(key, bytes);
    };
    await pack(1, 0, 1, 2);
    await pack(2, 3, 1);
    const noted = notedOf({ sid: 'ab', layout: 'flat', source: 0, mtimeMs: 2, size: 3, inode: 0, ordinal: 2 });
    const fate = { state: 'kept', versions: [] } as const;
    await ledger.store.put(sessionKey(idOf(2)), new SingleEncoder().encode(noted, 0, idOf(2), 3, 0, fate));
    await ledger.readIndex();
    const found = await ledger.finder.find([4, 3, 2, 1, 0].map(idOf));
    expect(found.map((record) => record && [record.mtimeMs, record.size])).toEqual([
      null,
      [3, 2],
      [2, 3],
      [1, 2],
      [0, 1],
    ]);
    await ledger.close();
  });
});
