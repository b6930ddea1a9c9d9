import type { Dir } from 'node:fs';
import { createFsFromVolume, type NestedDirectoryJSON, Volume } from 'memfs';
import { describe, expect, it } from 'vitest';
import { type Chunk, ChunkCursor } from '../../src/source/chunk.js';
import { type UnreadableDirectory, walk } from '../../src/source/walk.js';
import type { FileSystem } from '../../src/system/file-system.js';
import { flat, hashed, hex40, ODOO, urlsafe84, urlsafe86 } from '../support/samples.js';

const memoryOf = (tree: NestedDirectoryJSON): FileSystem =>
  createFsFromVolume(Volume.fromNestedJSON(tree)) as unknown as FileSystem;

interface Walked {
  chunks: Chunk[];
  /** `source path`, with a `!` behind what can't be a file; sorted. */
  entries: string[];
  unreadable: UnreadableDirectory[];
}

function walkAll(fileSystem: FileSystem, sources: readonly string[], maxEntries = () => 512): Walked {
  const unreadable: UnreadableDirectory[] = [];
  const chunks = [
    ...walk(sources, {
      application: ODOO,
      fileSystem,
      maxEntries,
      shards: null,
      onUnreadable: (directory) => unreadable.push(directory),
    }),
  ];
  const entries: string[] = [];
  for (const chunk of chunks) {
    const cursor = new ChunkCursor(chunk);
    let count = 0;
    for (; cursor.next(); count++) entries.push(`${chunk.source} ${cursor.path}${cursor.mayBeFile ? '' : '!'}`);
    expect(count).toBe(chunk.count);
  }
  return { chunks, entries: entries.sort(), unreadable };
}

const asError = (code: string): Error => Object.assign(new Error(code), { code });

/** A file system in which opening some directories fails with a code. */
function failing(fileSystem: FileSystem, codes: Record<string, string>): FileSystem {
  const opendirSync = (path: string, options: object): Dir => {
    const code = codes[path];
    if (code !== undefined) throw asError(code);
    return fileSystem.opendirSync(path, options);
  };
  return { ...fileSystem, opendirSync } as FileSystem;
}

describe('a walk', () => {
  it('finds every entry of a flat, a hashed and a mixed store once, junk included', () => {
    const short = hex40(1);
    const long = urlsafe84(2);
    const longest = urlsafe86(3);
    const names = [
      flat(hex40(4)),
      hashed(short),
      hashed(long),
      hashed(longest),
      `${short.slice(0, 2)}/tmpabcdefgh.__wz_sess`,
      `zz/${short}`,
      'tmpabcdefgh.__tx_sess__',
      '.nfs0000000000000001',
      `werkzeug_${short}_${'0'.repeat(32)}.file`,
      'README',
    ];
    const fileSystem = memoryOf(Object.fromEntries(names.map((name) => [`/store/${name}`, 'x'])));
    expect(walkAll(fileSystem, ['/store'])).toMatchObject({
      entries: names.map((name) => `0 ${name}`).sort(),
      unreadable: [],
    });
  });

  it('walks shards, and lists every other directory as something that is no file', () => {
    const fileSystem = memoryOf({
      '/store': {
        'lost+found': { lost: 'x' },
        [flat(hex40(1))]: { inside: 'x' },
        abc: { inside: 'x' },
        ab: { de: { deep: 'x' }, [hex40(2)]: { inside: 'x' } },
        cd: {},
      },
    });
    const entries = [`0 ${flat(hex40(1))}!`, `0 ab/${hex40(2)}!`, '0 ab/de!', '0 abc!', '0 lost+found!'];
    expect(walkAll(fileSystem, ['/store']).entries).toEqual(entries.sort());
  });

  it('keeps the entries of several stores apart', () => {
    const fileSystem = memoryOf({ '/a': { one: 'x' }, '/b': {}, '/c': { ab: { two: 'x' }, three: 'x' } });
    const { chunks, entries } = walkAll(fileSystem, ['/a', '/b', '/c']);
    expect(entries).toEqual(['0 one', '2 ab/two', '2 three']);
    expect(chunks.map((chunk) => chunk.source)).toEqual([0, 2]);
  });

  it('asks for the size of each chunk and never exceeds it', () => {
    const fileSystem = memoryOf({
      '/store': Object.fromEntries(Array.from({ length: 100 }, (_, i) => [`f${i}`, 'x'])),
    });
    const sizes: number[] = [];
    const options = {
      application: ODOO,
      fileSystem,
      maxEntries: () => 10 * (sizes.length + 1),
      onUnreadable: () => {},
      shards: null,
    };
    for (const chunk of walk(['/store'], options)) sizes.push(chunk.count);
    expect(sizes).toEqual([10, 20, 30, 40]);
    expect(walkAll(fileSystem, ['/store'], () => 1).chunks).toHaveLength(100);
  });

  it('gives nothing for a store with nothing in it', () => {
    expect(walkAll(memoryOf({ '/store': {} }), ['/store']).chunks).toEqual([]);
  });

  it('tells of a shard that it may not open, and goes on with the others', () => {
    const fileSystem = memoryOf({ '/store': { ab: { one: 'x' }, cd: { two: 'x' }, ef: { three: 'x' } } });
    const codes = { '/store/ab': 'EACCES', '/store/ef': 'EIO' };
    expect(walkAll(failing(fileSystem, codes), ['/store'])).toMatchObject({
      entries: ['0 cd/two'],
      unreadable: [
        { source: 0, shard: 'ab', code: 'EACCES' },
        { source: 0, shard: 'ef', code: 'EIO' },
      ],
    });
  });

  it('takes a shard that was removed meanwhile for an empty one', () => {
    const fileSystem = memoryOf({ '/store': { ab: { one: 'x' }, cd: { two: 'x' } } });
    expect(walkAll(failing(fileSystem, { '/store/ab': 'ENOENT' }), ['/store'])).toMatchObject({
      entries: ['0 cd/two'],
      unreadable: [],
    });
  });

  it('ends with an error where a store itself cannot be listed', () => {
    const fileSystem = failing(memoryOf({ '/store': { one: 'x' } }), { '/store': 'EACCES' });
    expect(() => walkAll(fileSystem, ['/store'])).toThrow('EACCES');
  });
});
