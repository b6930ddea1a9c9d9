import { describe, expect, it } from 'vitest';
import { Ledger } from '../../src/ledger/ledger.js';
import { OrdinalSet } from '../../src/ledger/ordinals.js';
import { SessionColumns } from '../../src/ledger/record.js';
import { Recorder } from '../../src/ledger/recorder.js';
import { ShardMarks } from '../../src/ledger/shard-marks.js';
import { visitUnseen } from '../../src/ledger/visit.js';
import type { Layout } from '../../src/session.js';
import { temporaryDirectory } from '../support/temporary-directory.js';
import { trusting } from '../support/trusting.js';

const sidOf = (shard: string, n: number): string => shard + String(n).padStart(38, '0');
/** A shard that changed long before it was listed. */
const LONG_AGO_NS = 1n;

type Entry = [source: number, layout: Layout, shard: string, n: number];

const ENTRIES: Entry[] = [
  [0, 'hashed', 'ab', 1],
  [0, 'hashed', 'ab', 2],
  [0, 'hashed', 'cd', 3],
  [0, 'flat', 'ab', 4],
];

/** A ledger with these sessions, and shards of which those named are passed over, with so many sessions each. */
async function ledgerOf(entries: readonly Entry[], isPacking: boolean, skipped: readonly [number, string, number][]) {
  const ledger = await Ledger.open(temporaryDirectory(), { sources: '/store' });
  const share = await ledger.beginPass(trusting('fresh'), isPacking);
  await ledger.reserve(100, 0);
  const recorder = await Recorder.open(share);
  const noted = new SessionColumns(entries.length);
  for (const [source, layout, shard, n] of entries) {
    noted.add(sidOf(shard, n), layout, source, { mtimeMs: 1, size: 1, inode: 1 }, null);
  }
  await recorder.skip(noted);
  await recorder.close();
  const before = await ShardMarks.open(ledger, false);
  for (const [source, shard, sessions] of skipped) {
    before.canSkip(source, shard, LONG_AGO_NS);
    before.listed(source, shard, sessions);
  }
  await before.keep();
  const shards = await ShardMarks.open(ledger, true);
  for (const [source, shard] of skipped) expect(shards.canSkip(source, shard, LONG_AGO_NS)).toBe(true);
  return { ledger, shards, ordinals: noted.ordinal };
}

async function unseenOf({ ledger, shards }: Awaited<ReturnType<typeof ledgerOf>>, seen: OrdinalSet) {
  const visited: string[] = [];
  const { total } = await visitUnseen(ledger, seen, shards, 0, async (records) => {
    for (const { id } of records) visited.push(ledger.cipher.sidOf(id) as string);
  });
  await ledger.close();
  return { visited: visited.sort(), total };
}

describe('sessions without a file', () => {
  it.each([
    [true, 'packed'],
    [false, 'one by one'],
  ])('are those that were not seen, but for those in a shard that was passed over: packed %s', async (isPacking) => {
    const ledger = await ledgerOf(ENTRIES, isPacking, [[0, 'ab', 2]]);
    expect(await unseenOf(ledger, new OrdinalSet())).toEqual({ visited: [sidOf('ab', 4), sidOf('cd', 3)], total: 4 });
  });

  it('are none that were seen', async () => {
    const ledger = await ledgerOf(ENTRIES, true, []);
    const seen = new OrdinalSet();
    seen.add(ledger.ordinals.subarray(1, 3));
    expect(await unseenOf(ledger, seen)).toEqual({ visited: [sidOf('ab', 1), sidOf('ab', 4)], total: 4 });
  });

  it('are told by their store as well, and counted once: a shard may be passed over in one of two', async () => {
    const both: Entry[] = [...ENTRIES, [1, 'hashed', 'ab', 5], [1, 'hashed', 'ef', 6]];
    const ledger = await ledgerOf(both, false, [
      [0, 'ab', 2],
      [1, 'ef', 1],
    ]);
    const visited = [sidOf('ab', 4), sidOf('ab', 5), sidOf('cd', 3)];
    expect(await unseenOf(ledger, new OrdinalSet())).toEqual({ visited, total: 6 });
  });
});
