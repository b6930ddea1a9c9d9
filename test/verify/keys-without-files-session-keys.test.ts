import { expect, it } from 'vitest';
import { sampleOf, sidOfKey } from '../../src/intake/settings.js';
import { ChunkCursor } from '../../src/source/chunk.js';
import { chunksOfKeys } from '../../src/verify/keys-without-files.js';
import { KEYS, type VerifySettings } from '../../src/verify/sample.js';
import { hex40, ODOO, odooOf, settingsOf, urlsafe84, urlsafe86 } from '../support/samples.js';

const settings = (chosen: Partial<VerifySettings> = {}): VerifySettings => ({
  ...settingsOf(),
  expiryToleranceMs: 1000,
  recordedUntilMs: Number.NEGATIVE_INFINITY,
  sample: null,
  ...chosen,
});

async function* pagesOf(...pages: string[][]): AsyncGenerator<string[]> {
  yield* pages;
}

async function sidsFrom(pages: AsyncIterable<string[]>, chosen?: Partial<VerifySettings>): Promise<string[][]> {
  const chunks: string[][] = [];
  for await (const chunk of chunksOfKeys(pages, settings(chosen))) {
    expect(chunk.source).toBe(KEYS);
    const sids: string[] = [];
    const cursor = new ChunkCursor(chunk);
    while (cursor.next()) sids.push(cursor.path);
    expect(sids.length).toBe(chunk.count);
    chunks.push(sids);
  }
  return chunks;
}

it.each([
  ['session:', '', `session:${hex40(1)}`, hex40(1)],
  ['session:', '', `session:${urlsafe84(1)}`, urlsafe84(1)],
  ['session:', '', `session::shop:${hex40(1)}`, null],
  ['session::shop:', '', `session::shop:${hex40(1)}`, hex40(1)],
  ['session:', '', 'session:', null],
  ['session:', '', `other:${hex40(1)}`, null],
  ['session:', '', `session:${hex40(1)}:lock`, null],
  ['', '', hex40(1), hex40(1)],
  ['', '', 'a counter', null],
  ['odoo/', '!', `odoo/${hex40(1)}!`, hex40(1)],
  ['odoo/', '!', `odoo/${hex40(1)}`, null],
])('before "%s", after "%s": finds the sid in a key, or none', (before, after, key, sid) => {
  expect(sidOfKey(key, { before, after }, ODOO)).toBe(sid);
});

it('packs the sids of many pages into chunks, and of a page each once', async () => {
  const keys = Array.from({ length: 1200 }, (_, n) => `session:${hex40(n)}`);
  const pages = pagesOf(keys.slice(0, 500), [], keys.slice(500).concat(keys.slice(500)), ['session:other']);
  const chunks = await sidsFrom(pages);
  expect(chunks.flat()).toEqual(keys.map((key) => key.slice('session:'.length)));
  expect(chunks.map((chunk) => chunk.length)).toEqual([512, 512, 176]);
});

it('leaves out ids that the reader never accepts', async () => {
  const keys = [hex40(1), urlsafe84(1), urlsafe86(1)].map((sid) => `session:${sid}`);
  expect(await sidsFrom(pagesOf(keys))).toEqual([[hex40(1), urlsafe84(1)]]);
  expect(await sidsFrom(pagesOf(keys), { application: { odoo: odooOf({ sids: ['urlsafe86'] }) } })).toEqual([
    [urlsafe86(1)],
  ]);
});

it('leaves out other shards, and what the sample left out among the files', async () => {
  const keys = Array.from({ length: 3000 }, (_, n) => `session:${hex40(n)}`);
  const shards = await Promise.all([0, 1, 2].map((index) => sidsFrom(pagesOf(keys), { shard: { index, of: 3 } })));
  expect(shards.flat(2).sort()).toEqual(keys.map((key) => key.slice('session:'.length)).sort());
  const sampled = await sidsFrom(pagesOf(keys), { sample: sampleOf(300, 3000, 5) });
  expect(Math.abs(sampled.flat().length - 300)).toBeLessThan(70);
});
