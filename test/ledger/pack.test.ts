import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Pack, PackEncoder } from '../../src/ledger/pack.js';
import { digestOf, writeDigest } from '../../src/ledger/record.js';
import { doubleHex, fieldsOf, flippedCopies, type NotedSample, notedOf } from '../support/record-samples.js';
import { NOW } from '../support/samples.js';

const ID_BYTES = 32;
const value = (at: number) => Buffer.from(`value ${at}`);
const sampleOf = (n: number): NotedSample => ({
  sid: `a${n % 10}rest`,
  layout: n % 2 === 0 ? 'flat' : 'hashed',
  source: 0,
  mtimeMs: NOW + n,
  size: n,
  inode: 4_000_000_000 - n,
  ordinal: 7 * n,
});

/** A pack of so many sessions; those that `isSent` says were sent, the others skipped. */
function packOf(count: number, isSent: (at: number) => boolean = () => true) {
  const encoder = new PackEncoder(ID_BYTES);
  const ids = randomBytes(count * ID_BYTES);
  const noted = notedOf(...Array.from({ length: count }, (_, n) => sampleOf(n)));
  const digests = Buffer.alloc(count * 8);
  for (let at = 0; at < count; at++) writeDigest(digests, at * 8, value(at));
  const sent = { expiryMs: Float64Array.from({ length: count }, (_, n) => NOW + 1000 + n), digests };
  for (let at = 0; at < count; at++) encoder.add(noted, at, ids, at * ID_BYTES, isSent(at) ? sent : null);
  const { key, bytes } = encoder.take(2, 9);
  expect(encoder.count).toBe(0);
  return { key, bytes, idAt: (at: number) => ids.subarray(at * ID_BYTES, (at + 1) * ID_BYTES) };
}

describe('a pack of records', () => {
  it('gives each of them back as it was, however many', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1100 }), fc.integer({ min: 1, max: 9 }), (count, step) => {
        const isSent = (at: number) => at % step === 0;
        const { key, bytes, idAt } = packOf(count, isSent);
        const pack = Pack.from(key, bytes) as Pack;
        expect(pack.count).toBe(count);
        for (let at = 0; at < count; at += 1 + (at % 7)) {
          const { sid: _, ...file } = sampleOf(at);
          const versions = [{ expiryMs: NOW + 1000 + at, digest: digestOf(value(at)) }];
          const fate = isSent(at) ? { state: 'ours', versions } : { state: 'skipped', versions: [] };
          expect(fieldsOf(pack.recordAt(at))).toEqual({ id: idAt(at), ...file, ...fate, pass: 2, batch: 9 });
          expect(pack.has(at, idAt(at))).toBe(true);
          expect(pack.has(at, idAt((at + 1) % count))).toBe(count === 1);
          expect(pack.idStartAt(at)).toBe(idAt(at).readUInt32BE());
        }
      }),
      { numRuns: 30 },
    );
  });

  it('has the bytes that docs/ledger-format.md writes down', () => {
    const { key, bytes, idAt } = packOf(2, (at) => at === 1);
    expect(key.toString('hex')).toBe(`${Buffer.from('p').toString('hex')}0000000200000009200002`);
    const [first, second] = ['6130', '6131'];
    expect(bytes.subarray(0, -4).toString('hex')).toBe(
      [
        ['02', '00', first, doubleHex(NOW), '00000000', 'ee6b2800', '00000000', '00'.repeat(16)],
        ['00', '01', second, doubleHex(NOW + 1), '00000001', 'ee6b27ff', '00000007'],
        [doubleHex(NOW + 1001), digestOf(value(1))],
        [idAt(0).toString('hex'), idAt(1).toString('hex')],
      ]
        .flat()
        .join(''),
    );
  });

  it('is known as damaged when any bit of it is another, it is cut, or it stands under another key', () => {
    const { key, bytes } = packOf(3);
    expect(Pack.from(key, bytes)).not.toBeNull();
    for (const flipped of flippedCopies(bytes)) expect(Pack.from(key, flipped)).toBeNull();
    for (const flipped of flippedCopies(key)) expect(Pack.from(flipped, bytes)).toBeNull();
    for (let length = 0; length < bytes.length; length++) {
      expect(Pack.from(key, bytes.subarray(0, length))).toBeNull();
    }
  });

  it('forgets sessions in their places, and nothing of them is left', () => {
    const { key, bytes, idAt } = packOf(3);
    const smaller = Pack.from(key, (Pack.from(key, bytes) as Pack).without([1])) as Pack;
    expect([smaller.count, smaller.livingPositions()]).toEqual([3, [0, 2]]);
    expect([0, 1, 2].map((at) => smaller.has(at, idAt(at)))).toEqual([true, false, true]);
    expect(smaller.bytes.includes(idAt(1))).toBe(false);
    expect(fieldsOf(smaller.recordAt(2))).toEqual(fieldsOf((Pack.from(key, bytes) as Pack).recordAt(2)));
    expect([smaller.isMostlyGone, Pack.from(key, smaller.without([0]))?.isMostlyGone]).toEqual([false, true]);
  });

  it('can be written anew with the living alone', () => {
    const { key, bytes, idAt } = packOf(5);
    const whole = Pack.from(key, bytes) as Pack;
    const some = whole.only([1, 4]);
    expect(Pack.from(key, some.bytes)).toBeNull();
    const again = Pack.from(some.key, some.bytes) as Pack;
    expect(again.count).toBe(2);
    expect([fieldsOf(again.recordAt(0)), fieldsOf(again.recordAt(1))]).toEqual(
      [1, 4].map((at) => fieldsOf(whole.recordAt(at))),
    );
    expect(again.has(1, idAt(4))).toBe(true);
  });
});
