import { describe, expect, it } from 'vitest';
import { EXIT } from '../../src/exit-codes.js';
import { Ledger } from '../../src/ledger/ledger.js';
import { NotedSessions } from '../../src/ledger/noted.js';
import { Recorder } from '../../src/ledger/recorder.js';
import { NOW } from '../samples.js';
import { temporaryDirectory } from '../temporary-directory.js';

const identity = { sources: '/store', target: 'redis://here' };

/** The n-th session of a shard. */
const sidIn = (shard: string, n: number): string => shard + n.toString(16).padStart(38, '0');

/** Sessions of a shard, from one number to below another. */
const sidsIn = (shard: string, from: number, to: number): string[] =>
  Array.from({ length: to - from }, (_, i) => sidIn(shard, from + i));

async function ledgerWith(sids: readonly string[]): Promise<{ ledger: Ledger; recorder: Recorder }> {
  const ledger = await Ledger.open(temporaryDirectory(), identity);
  const share = await ledger.beginPass('compare');
  await ledger.reserve(sids.length, 0);
  const recorder = await Recorder.open({ ...share, layouts: ['hashed'] });
  const sessions = new NotedSessions(sids.length);
  for (const [i, sid] of sids.entries()) {
    sessions.add(sid, 'hashed', 0, { mtimeMs: NOW + i, size: i, inode: i }, null);
  }
  await recorder.skip(sessions);
  return { ledger, recorder };
}

/** What is recalled of each session: the size that tells it apart, -1 for none. */
async function sizes(recorder: Recorder, sids: readonly string[]): Promise<number[]> {
  const found = await recorder.recall(
    sids,
    sids.map(() => 'hashed'),
  );
  return found.map((record) => record?.size ?? -1);
}

describe('the records of a shard', () => {
  it.each([3, 15, 16, 40])('are found for %i sessions in a row, and none for a session without one', async (count) => {
    const recorded = [...sidsIn('aa', 0, 50), ...sidsIn('ab', 0, 50), ...sidsIn('ff', 0, 50)];
    const { ledger, recorder } = await ledgerWith(recorded);
    const asked = [...sidsIn('ab', 50 - count + 1, 51), ...sidsIn('aa', 0, count), ...sidsIn('fe', 0, count)];
    const expected = asked.map((sid) => recorded.indexOf(sid));
    expect(expected.filter((at) => at < 0)).toHaveLength(count + 1);
    expect(await sizes(recorder, asked)).toEqual(expected);
    // The second half of a shard comes with the next chunk.
    expect(await sizes(recorder, sidsIn('ff', 0, 25))).toEqual(sidsIn('ff', 0, 25).map((_, i) => 100 + i));
    expect(await sizes(recorder, sidsIn('ff', 25, 50))).toEqual(sidsIn('ff', 25, 50).map((_, i) => 125 + i));
    await recorder.close();
    await ledger.close();
  });

  it('are found where they are too many to be held', async () => {
    const recorded = sidsIn('aa', 0, 20_000);
    const { ledger, recorder } = await ledgerWith(recorded);
    const asked = [...sidsIn('aa', 19_900, 20_010)];
    expect(await sizes(recorder, asked)).toEqual(asked.map((sid) => recorded.indexOf(sid)));
    await recorder.close();
    await ledger.close();
  });

  it('are as they stand now when the same shard of another store comes', async () => {
    const { ledger, recorder } = await ledgerWith(sidsIn('aa', 0, 20));
    const asked = sidsIn('aa', 0, 21);
    const layouts = asked.map(() => 'hashed' as const);
    expect((await recorder.recall(asked, layouts, 0))[20]).toBeNull();
    const one = new NotedSessions(1);
    one.add(sidIn('aa', 20), 'hashed', 0, { mtimeMs: NOW, size: 77, inode: 1 }, null);
    await recorder.skip(one);
    expect((await recorder.recall(asked, layouts, 1))[20]?.size).toBe(77);
    await recorder.close();
    await ledger.close();
  });

  it('are refused when the one that is asked for is damaged', async () => {
    const { ledger, recorder } = await ledgerWith(sidsIn('aa', 0, 20));
    const [key] = await ledger.store.keys({ gte: Buffer.from('haa'), limit: 1 }).all();
    await ledger.store.put(key as Buffer, Buffer.alloc(52));
    await expect(sizes(recorder, sidsIn('aa', 0, 20))).rejects.toMatchObject({ exitCode: EXIT.stateInUse });
    await recorder.close();
    await ledger.close();
  });
});
