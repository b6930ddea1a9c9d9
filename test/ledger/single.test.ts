import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { digestOf, RECORD_STATES } from '../../src/ledger/record.js';
import { type Fate, SingleEncoder, SingleRecord } from '../../src/ledger/single.js';
import { doubleHex, fieldsOf, flippedCopies, type NotedSample, notedOf } from '../support/record-samples.js';
import { NOW } from '../support/samples.js';

const id = Buffer.from('some-encrypted-id');
const sample: NotedSample = {
  sid: 'ab1234',
  layout: 'hashed',
  source: 3,
  mtimeMs: NOW,
  size: 290,
  inode: 4_000_000_000,
  ordinal: 7,
};
const fate: Fate = { state: 'ours', versions: [{ expiryMs: NOW + 5, digest: '0123456789abcdef' }] };

const encode = (one: NotedSample = sample, what: Fate = fate, pass = 2, batch = 9): Buffer =>
  Buffer.from(new SingleEncoder().encode(notedOf(one), 0, id, pass, batch, what));

describe('the record of a session by itself', () => {
  it('comes back as it was, with any number of versions up to eight', () => {
    const u32 = fc.nat(2 ** 32 - 1);
    const file = fc.record({
      sid: fc.constant('ab1234'),
      layout: fc.constantFrom('flat' as const, 'hashed' as const),
      source: fc.nat(65_535),
      mtimeMs: fc.integer({ min: -1e12, max: 8e15 }),
      size: u32,
      inode: u32,
      ordinal: u32,
    });
    const version = fc.record({
      expiryMs: fc.integer({ min: 0, max: 8e15 }),
      digest: fc.stringMatching(/^[0-9a-f]{16}$/),
    });
    const fates = fc.record({
      state: fc.constantFrom(...RECORD_STATES),
      versions: fc.array(version, { maxLength: 8 }),
    });
    fc.assert(
      fc.property(file, fates, u32, u32, (one, what, pass, batch) => {
        const { sid: _, ...mark } = one;
        const record = SingleRecord.from(id, encode(one, what, pass, batch));
        expect(fieldsOf(record)).toEqual({ id, ...mark, ...what, pass, batch });
      }),
    );
  });

  it('has the bytes that docs/ledger-format.md writes down', () => {
    const bytes = encode();
    expect(bytes.length).toBe(54);
    expect(bytes.subarray(0, -4).toString('hex')).toBe(
      [
        '00',
        '01',
        Buffer.from('ab').toString('hex'),
        doubleHex(NOW),
        '00000122',
        'ee6b2800',
        '00000007',
        '0003',
        '00000002',
        '00000009',
        doubleHex(NOW + 5),
        '0123456789abcdef',
      ].join(''),
    );
  });

  it('keeps the newest eight of more versions', () => {
    const versions = Array.from({ length: 12 }, (_, i) => ({ expiryMs: NOW - i, digest: '00000000000000aa' }));
    const record = SingleRecord.from(id, encode(sample, { state: 'ours', versions }));
    expect(record?.versions).toEqual(versions.slice(0, 8));
  });

  it('is known as damaged when any bit of it is another, it is cut, or it stands under another id', () => {
    const bytes = encode();
    expect(SingleRecord.from(id, bytes)).not.toBeNull();
    for (const flipped of flippedCopies(bytes)) expect(SingleRecord.from(id, flipped)).toBeNull();
    for (let length = 0; length < bytes.length; length++)
      expect(SingleRecord.from(id, bytes.subarray(0, length))).toBeNull();
    expect(SingleRecord.from(Buffer.from('some-encrypted-ie'), bytes)).toBeNull();
  });

  it('names a value by the first half of what redis.sha1hex gives', () => {
    expect(digestOf(Buffer.from('café'))).toBe(createHash('sha1').update('café').digest('hex').slice(0, 16));
  });
});
