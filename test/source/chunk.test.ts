import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Chunk, ChunkCursor, ChunkPacker } from '../../src/source/chunk.js';

type Entry = readonly [path: string, mayBeFile: boolean];

function pack(packer: ChunkPacker, entries: readonly Entry[]): Chunk {
  for (const [path, mayBeFile] of entries) packer.add(path, mayBeFile);
  return packer.take(3);
}

function unpack(chunk: Chunk): Entry[] {
  const cursor = new ChunkCursor(chunk);
  const entries: Entry[] = [];
  while (cursor.next()) entries.push([cursor.path, cursor.mayBeFile]);
  return entries;
}

describe('a chunk', () => {
  it('gives back every entry it was packed from, byte for byte', () => {
    const entry = fc.tuple(
      fc.string({ unit: fc.integer({ min: 0, max: 255 }).map(String.fromCharCode) }),
      fc.boolean(),
    );
    fc.assert(
      fc.property(fc.array(entry), (entries) => {
        const chunk = pack(new ChunkPacker(), entries);
        expect(chunk).toMatchObject({ source: 3, count: entries.length });
        expect(unpack(chunk)).toEqual(entries);
      }),
    );
  });

  it('keeps entries that take far more room than the packer had', () => {
    const entries = Array.from({ length: 1000 }, (_, i): Entry => [`${i}-${'x'.repeat(250)}`, i % 2 === 0]);
    expect(unpack(pack(new ChunkPacker(), entries))).toEqual(entries);
  });

  it('keeps a path as long as Linux allows', () => {
    const path = '\xff'.repeat(4096);
    expect(unpack(pack(new ChunkPacker(), [[path, true]]))).toEqual([[path, true]]);
  });

  it('is untouched by what is packed after it', () => {
    const packer = new ChunkPacker();
    const first = pack(packer, [['first', true]]);
    const second = pack(packer, [['other', false]]);
    expect([unpack(first), unpack(second)]).toEqual([[['first', true]], [['other', false]]]);
  });

  it('owns its memory, so that handing it to a thread takes nothing else along', () => {
    const packer = new ChunkPacker();
    const chunk = pack(packer, [['first', true]]);
    structuredClone(chunk, { transfer: [chunk.entries.buffer] });
    expect(unpack(pack(packer, [['second', true]]))).toEqual([['second', true]]);
  });
});
