import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeRecord, digestOf, RECORD_STATES, RecordEncoder, type SessionRecord } from '../../src/ledger/record.js';
import { NOW } from '../samples.js';

const key = Buffer.from('hab-some-key');
const record: SessionRecord = {
  key,
  state: 'ours',
  layout: 'hashed',
  source: 3,
  mtimeMs: NOW,
  size: 290,
  inode: 4_000_000_000,
  ordinal: 7,
  pass: 2,
  batch: 9,
  versions: [{ expiryMs: NOW + 5, digest: '0123456789abcdef' }],
};
const encode = (one: SessionRecord): Buffer => Buffer.from(new RecordEncoder().encode(one));

/** A stored record reads its fields when asked: this asks for all of them. */
function fieldsOf(stored: SessionRecord | null): SessionRecord | null {
  if (stored === null) return null;
  const { state, layout, source, mtimeMs, size, inode, ordinal, pass, batch, versions } = stored;
  return { key: stored.key, state, layout, source, mtimeMs, size, inode, ordinal, pass, batch, versions };
}

describe('a record', () => {
  it('comes back as it was, with any number of versions up to eight', () => {
    const u32 = fc.nat(2 ** 32 - 1);
    const arbitrary = fc.record({
      key: fc.constant(key),
      state: fc.constantFrom(...RECORD_STATES),
      layout: fc.constantFrom('flat' as const, 'hashed' as const),
      source: fc.nat(65_535),
      mtimeMs: fc.integer({ min: -1e12, max: 8e15 }),
      size: u32,
      inode: u32,
      ordinal: u32,
      pass: u32,
      batch: u32,
      versions: fc.array(
        fc.record({
          expiryMs: fc.integer({ min: 0, max: 8e15 }),
          digest: fc.stringMatching(/^[0-9a-f]{16}$/),
        }),
        { maxLength: 8 },
      ),
    });
    fc.assert(
      fc.property(arbitrary, (one) => {
        expect(fieldsOf(decodeRecord(key, encode(one)))).toEqual(one);
      }),
    );
  });

  it('has the bytes that MIGRATION.md writes down', () => {
    const bytes = encode(record);
    expect(bytes.length).toBe(52);
    expect(bytes.subarray(0, 48).toString('hex')).toBe(
      [
        '00',
        '01',
        '0003',
        doubleHex(NOW),
        '00000122',
        'ee6b2800',
        '00000007',
        '00000002',
        '00000009',
        doubleHex(NOW + 5),
        '0123456789abcdef',
      ].join(''),
    );
  });

  it('keeps the newest eight of more versions', () => {
    const versions = Array.from({ length: 12 }, (_, i) => ({ expiryMs: NOW - i, digest: '00000000000000aa' }));
    expect(decodeRecord(key, encode({ ...record, versions }))?.versions).toEqual(versions.slice(0, 8));
  });

  it('is known as damaged when any bit of it is another, it is cut, or it stands under another key', () => {
    const bytes = encode(record);
    expect(fieldsOf(decodeRecord(key, bytes))).toEqual(record);
    for (let bit = 0; bit < bytes.length * 8; bit++) {
      const flipped = Buffer.from(bytes);
      flipped[bit >> 3] = (flipped[bit >> 3] as number) ^ (1 << (bit & 7));
      expect(decodeRecord(key, flipped)).toBeNull();
    }
    for (let length = 0; length < bytes.length; length++)
      expect(decodeRecord(key, bytes.subarray(0, length))).toBeNull();
    expect(decodeRecord(Buffer.from('hab-some-kez'), bytes)).toBeNull();
  });

  it('names a value by the first half of what redis.sha1hex gives', () => {
    expect(digestOf(Buffer.from('café'))).toBe(createHash('sha1').update('café').digest('hex').slice(0, 16));
  });
});

function doubleHex(value: number): string {
  const bytes = Buffer.alloc(8);
  bytes.writeDoubleBE(value);
  return bytes.toString('hex');
}
