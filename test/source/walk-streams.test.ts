import type { Dir, Dirent } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { walk } from '../../src/source/walk.js';
import type { FileSystem } from '../../src/system/file-system.js';
import { ODOO } from '../support/samples.js';

const ANOTHER_USER = (process.geteuid?.() ?? 0) + 1;

/** Directories that exist only as counts, and a record of what was asked of them. */
class CountingDisk {
  entriesRead = 0;
  open = 0;
  mostOpen = 0;
  readonly bufferSizes = new Set<unknown>();

  constructor(
    readonly shards: number,
    readonly filesEach: number,
    readonly filesInRoot: number,
  ) {}

  get fileSystem(): FileSystem {
    const opendirSync = (path: string, options: { bufferSize?: number }): Dir => {
      this.open++;
      this.mostOpen = Math.max(this.mostOpen, this.open);
      this.bufferSizes.add(options.bufferSize);
      const entries = path === '/store' ? this.#root() : this.#files(this.filesEach);
      return {
        readSync: () => {
          const { value, done } = entries.next();
          if (done === true) return null;
          this.entriesRead++;
          return value;
        },
        closeSync: () => {
          this.open--;
        },
      } as unknown as Dir;
    };
    // Another user's directory: a store that others may change is the one that is looked at again before each shard.
    const statSync = () => ({ isDirectory: () => true, dev: 1, ino: 1, uid: ANOTHER_USER, mode: 0o700 });
    const realpathSync = (path: string) => path;
    return { opendirSync, statSync, lstatSync: statSync, realpathSync } as unknown as FileSystem;
  }

  *#root(): Generator<Dirent> {
    for (let i = 0; i < this.shards; i++) yield direntOf(i.toString(36).padStart(2, '0'), false);
    yield* this.#files(this.filesInRoot);
  }

  *#files(count: number): Generator<Dirent> {
    for (let i = 0; i < count; i++) yield direntOf(`file${i}`, true);
  }
}

const direntOf = (name: string, isFile: boolean): Dirent =>
  ({ name, isFile: () => isFile, isDirectory: () => !isFile }) as unknown as Dirent;

const chunksOf = (disk: CountingDisk) =>
  walk(['/store'], {
    application: ODOO,
    fileSystem: disk.fileSystem,
    maxEntries: () => 512,
    onUnreadable: () => {},
    shards: null,
  });

describe('a walk over 100,000 entries', () => {
  it('hands out the first chunk after reading one chunk of them', () => {
    const disk = new CountingDisk(0, 0, 100_000);
    const chunks = chunksOf(disk);
    expect(disk.entriesRead).toBe(0);
    expect(chunks.next().value?.count).toBe(512);
    expect(disk.entriesRead).toBe(512);
    chunks.next();
    expect(disk.entriesRead).toBe(1024);
  });

  it('reads on only when it is asked for more, and in the end has read them all', () => {
    const disk = new CountingDisk(1000, 99, 1000);
    let listed = 0;
    for (const chunk of chunksOf(disk)) {
      listed += chunk.count;
      expect(disk.entriesRead).toBeLessThanOrEqual(listed + 1000);
    }
    expect([listed, disk.entriesRead]).toEqual([100_000, 101_000]);
  });

  it('has one directory open at a time, and reads many names at once', () => {
    const disk = new CountingDisk(1000, 99, 1000);
    for (const _ of chunksOf(disk));
    expect(disk).toMatchObject({ open: 0, mostOpen: 1 });
    expect(Math.min(...([...disk.bufferSizes] as number[]))).toBeGreaterThanOrEqual(1024);
  });

  it('closes what it has open when nobody wants the rest', () => {
    for (const disk of [new CountingDisk(0, 0, 100_000), new CountingDisk(100, 1000, 0)]) {
      const chunks = chunksOf(disk);
      chunks.next();
      expect(disk.open).toBe(1);
      chunks.return(undefined);
      expect(disk.open).toBe(0);
    }
  });
});
