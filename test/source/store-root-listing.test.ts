import { type Dir, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { describe, expect, it, vi } from 'vitest';
import { ChunkCursor } from '../../src/source/chunk.js';
import { type EntryType, Listing } from '../../src/source/store-root.js';
import { type UnreadableDirectory, walk } from '../../src/source/walk.js';
import { type FileSystem, realFileSystem } from '../../src/system/file-system.js';
import { flat, hashed, hex40, ODOO } from '../support/samples.js';
import { temporaryDirectory } from '../support/temporary-directory.js';

const UNKNOWN = 0;

/** The real file system, with listings that tell no types, as ext4 without `filetype` or NFS without READDIRPLUS. */
function withoutTypes(): FileSystem {
  const opendirSync = (path: string, options: object): Dir => {
    const directory = realFileSystem.opendirSync(path, options) as Dir & {
      processReadResult: (...all: unknown[]) => void;
    };
    return new Proxy(directory, {
      get: (target, name) => {
        const value = Reflect.get(target, name) as unknown;
        return typeof value === 'function' ? value.bind(target) : value;
      },
      set: (target, name, value) => {
        const take = value as (path: unknown, result: (string | number)[]) => void;
        const blind = (path: unknown, result: (string | number)[]) =>
          take(
            path,
            result.map((part, i) => (i % 2 === 1 ? UNKNOWN : part)),
          );
        return Reflect.set(target, name, blind);
      },
    });
  };
  return { ...realFileSystem, opendirSync } as FileSystem;
}

function listed(fileSystem: FileSystem, path: string): Map<string, EntryType> {
  const names = new Map<string, EntryType>();
  const listing = new Listing(fileSystem, path, 2);
  while (listing.next()) names.set(listing.name, listing.type);
  listing.close();
  return names;
}

function storeWithEverything(): string {
  const root = temporaryDirectory();
  for (const path of [flat(hex40(1)), hashed(hex40(2))]) {
    mkdirSync(`${root}/${path}`.replace(/\/[^/]*$/, ''), { recursive: true });
    writeFileSync(`${root}/${path}`, 'x');
  }
  writeFileSync(Buffer.from(`${root}/S\xe9ance`, 'latin1'), 'x');
  writeFileSync(`${root}/Séance.txt`, 'x');
  writeFileSync(`${root}/xy`, 'a file with the name of a shard');
  symlinkSync('/', `${root}/ln`);
  return root;
}

describe('a listing', () => {
  it('gives names byte by byte and types as the system tells them, over several reads', () => {
    const root = storeWithEverything();
    expect([...listed(realFileSystem, root)].sort()).toEqual(
      [
        [flat(hex40(1)), 'file'],
        [hex40(2).slice(0, 2), 'directory'],
        ['S\xe9ance', 'file'],
        [Buffer.from('Séance.txt').toString('latin1'), 'file'],
        ['xy', 'file'],
        ['ln', 'other'],
      ].sort(),
    );
  });

  it('stats nothing where the system tells no types', () => {
    const root = storeWithEverything();
    const lstat = vi.spyOn(realFileSystem, 'lstatSync');
    expect(new Set(listed(withoutTypes(), root).values())).toEqual(new Set(['unknown']));
    expect(lstat).not.toHaveBeenCalled();
    lstat.mockRestore();
  });

  it('takes what a Node without this way in gives', () => {
    const entries = [{ name: 'ab', isFile: () => false, isDirectory: () => true }];
    const directory = { readSync: () => entries.shift() ?? null, closeSync: () => {} } as unknown as Dir;
    const fileSystem = { opendirSync: () => directory } as unknown as FileSystem;
    expect([...listed(fileSystem, '/')]).toEqual([['ab', 'directory']]);
  });
});

describe('a walk over a file system that tells no types', () => {
  it('finds the shards, takes every other name for a file that may be one, and never follows a link', () => {
    const root = storeWithEverything();
    const unreadable: UnreadableDirectory[] = [];
    const found: string[] = [];
    const options = { application: ODOO, fileSystem: withoutTypes(), maxEntries: () => 3, shards: null };
    for (const chunk of walk([root], { ...options, onUnreadable: (one) => unreadable.push(one) })) {
      const cursor = new ChunkCursor(chunk);
      while (cursor.next()) found.push(`${cursor.path}${cursor.mayBeFile ? '' : '!'}`);
    }
    const accented = Buffer.from('Séance.txt').toString('latin1');
    expect(found.sort()).toEqual([flat(hex40(1)), hashed(hex40(2)), 'S\xe9ance', accented, 'xy', 'ln'].sort());
    expect(unreadable).toEqual([]);
  });
});
