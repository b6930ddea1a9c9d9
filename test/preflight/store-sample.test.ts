import { mkdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { meanEntryBytes, movingShare, StoreLook, takeSample, weightOf } from '../../src/preflight/store-sample.js';
import { sessionBytes } from '../../src/redis/memory-model.js';
import { DAY, flat, hex40, jsonSession, NOW, settingsOf } from '../support/samples.js';
import { temporaryDirectory } from '../support/temporary-directory.js';

const store = temporaryDirectory();
const names = Array.from({ length: 8 }, (_, i) => ({ source: 0, path: flat(hex40(i)) }));
mkdirSync(store, { recursive: true });
for (const [i, { path }] of names.entries()) {
  writeFileSync(`${store}/${path}`, i === 7 ? 'broken' : jsonSession({ note: 'x'.repeat(i * 100) }));
  // The first two are past their lifetime.
  const saved = new Date(NOW - (i < 2 ? 8 : 1) * DAY);
  utimesSync(`${store}/${path}`, saved, saved);
}

describe('a sample of a store', () => {
  const sample = takeSample(settingsOf({ sources: [store], key: { before: 'é:', after: '!' } }), names, NOW);

  it('tells which share moves, and under which keys', () => {
    expect(movingShare(sample)).toBe(5 / 8);
    expect(sample.moving.map(({ key }) => key)).toEqual([2, 3, 4, 5, 6].map((i) => `é:${hex40(i)}!`));
    expect(sample.moving[0]).toMatchObject({ keyBytes: 44, valueBytes: jsonSession({ note: 'x'.repeat(200) }).length });
    expect(movingShare({ taken: 0, moving: [] })).toBe(0);
  });

  it('tells what one takes on average', () => {
    const bytes = sample.moving.map(({ keyBytes, valueBytes }) => sessionBytes(keyBytes, valueBytes));
    const mean = bytes.reduce((sum, each) => sum + each, 0) / bytes.length;
    expect(meanEntryBytes(sample, 1)).toBeCloseTo(mean, 6);
    expect(meanEntryBytes(sample, 1.5)).toBeCloseTo((mean - 40) * 1.5 + 40, 6);
    expect(weightOf({ keyBytes: 92, valueBytes: 400 })).toBe(584);
    expect(meanEntryBytes({ taken: 3, moving: [] }, 1)).toBe(0);
  });
});

it('a look at a store is taken once for all servers of a target: one that changes meanwhile is not looked at again', async () => {
  const directory = `${temporaryDirectory()}/sessions`;
  mkdirSync(directory);
  writeFileSync(`${directory}/${flat(hex40(1))}`, jsonSession({ uid: 1 }));
  const look = new StoreLook(settingsOf({ sources: [directory] }));
  const seen = [await look.glance(), await look.quick(), await look.whole()];
  rmSync(directory, { recursive: true });
  expect([await look.glance(), await look.quick(), await look.whole()]).toEqual(seen);
  expect(seen.map(({ survey }) => survey.sessions)).toEqual([1, 1, 1]);
});
