import { describe, expect, it } from 'vitest';
import { MAX_BATCH_BYTES, MAX_BATCH_SESSIONS, WriteBatch } from '../../src/redis/batch.js';
import { encodeCommand } from '../../src/redis/wire.js';
import { UNSETTLED } from '../../src/session.js';
import { hex40, NOW, urlsafe84 } from '../support/samples.js';

const commandOf = (key: string, value: string, expiry: number): Buffer =>
  encodeCommand(['SET', key, value, 'NX', 'PXAT', String(expiry)]);

function add(batch: WriteBatch, entry: number, sid: string, value: string, expiry = NOW): void {
  // The value lies in the middle of a buffer that is used again, as in a lane.
  const source = Buffer.from(`before${value}behind`);
  batch.add(entry, sid, source, 6, source.length - 6, expiry);
  source.fill('?');
}

describe('a batch', () => {
  it('is the commands that set absent keys with an absolute expiry', () => {
    const batch = new WriteBatch('session:', '');
    add(batch, 4, hex40(1), '{"uid": 1}', NOW + 1);
    add(batch, 9, urlsafe84(2), 'café', NOW + 2);
    const commands = [
      commandOf(`session:${hex40(1)}`, '{"uid": 1}', NOW + 1),
      commandOf(`session:${urlsafe84(2)}`, 'café', NOW + 2),
    ];
    expect(batch.bytes.view().toString('latin1')).toBe(Buffer.concat(commands).toString('latin1'));
    expect([...batch.entry.subarray(0, 2), ...batch.expiryMs.subarray(0, 2)]).toEqual([4, 9, NOW + 1, NOW + 2]);
    expect([...batch.outcome.subarray(0, 2)]).toEqual([UNSETTLED, UNSETTLED]);
  });

  it.each([
    ['session:', ''],
    ['session::shop:', ''],
    ['', ''],
    ["sessionb'", "'"],
    ['é😀:', ':ü'],
  ])('knows where each key and value lies, with %j and %j around the sid', (before, after) => {
    const batch = new WriteBatch(before, after);
    const sids = [hex40(1), urlsafe84(2), hex40(3)];
    const values = ['{}', '', 'x'.repeat(1000)];
    sids.forEach((sid, i) => {
      add(batch, i, sid, values[i] as string);
    });
    const commands = sids.map((sid, i) => commandOf(`${before}${sid}${after}`, values[i] as string, NOW));
    expect(batch.bytes.view().equals(Buffer.concat(commands))).toBe(true);
    expect(sids.map((_, i) => batch.key(i).toString())).toEqual(sids.map((sid) => `${before}${sid}${after}`));
    expect(sids.map((_, i) => batch.value(i).toString())).toEqual(values);
  });

  it('is full at its number of sessions', () => {
    const batch = new WriteBatch('', '');
    for (let i = 0; i < MAX_BATCH_SESSIONS; i++) {
      expect(batch.isFull).toBe(false);
      add(batch, i, hex40(i), '{}');
    }
    expect(batch).toMatchObject({ isFull: true, count: MAX_BATCH_SESSIONS });
  });

  it('is full at its size, so that only its last session can take it further', () => {
    const batch = new WriteBatch('', '');
    for (let i = 0; !batch.isFull; i++) {
      expect(batch.bytes.length).toBeLessThan(MAX_BATCH_BYTES);
      add(batch, i, hex40(i), 'x'.repeat(20_000));
    }
    expect(batch.bytes.length).toBeLessThan(MAX_BATCH_BYTES + 21_000);
  });

  it('takes a session that is larger than itself, and lets go of the memory when it is cleared', () => {
    const batch = new WriteBatch('session:', '');
    const large = 'x'.repeat(5 * MAX_BATCH_BYTES);
    add(batch, 0, hex40(1), '{}');
    add(batch, 1, hex40(2), large);
    expect([batch.value(0).toString(), batch.value(1).toString() === large]).toEqual(['{}', true]);
    batch.clear();
    expect(batch).toMatchObject({ count: 0, isFull: false });
    expect(batch.bytes.buffer.length).toBe(MAX_BATCH_BYTES);
  });

  it('starts anew when it is cleared, with no outcome left over', () => {
    const batch = new WriteBatch('session:', '');
    add(batch, 0, hex40(1), 'old');
    batch.outcome[0] = 0;
    batch.clear();
    add(batch, 5, hex40(2), 'new', NOW + 5);
    expect(batch.bytes.view().equals(commandOf(`session:${hex40(2)}`, 'new', NOW + 5))).toBe(true);
    expect([batch.entry[0], batch.outcome[0], batch.value(0).toString()]).toEqual([5, UNSETTLED, 'new']);
  });
});
