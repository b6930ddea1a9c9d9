import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { maskSid } from '../../src/masking.js';
import { DirectoryCensus, type ListedDirectory } from '../../src/source/directories.js';
import { walk } from '../../src/source/walk.js';
import { realFileSystem } from '../../src/system/file-system.js';
import { ODOO } from '../support/samples.js';
import { temporaryDirectory } from '../support/temporary-directory.js';

const root = temporaryDirectory();

/** A store with so many files in its root and in its shards. */
function storeWith(name: string, inRoot: number, inShards: Record<string, number>): string {
  const store = join(root, name);
  mkdirSync(store);
  for (let n = 0; n < inRoot; n++) writeFileSync(join(store, `f${n}`), 'x');
  for (const [shard, files] of Object.entries(inShards)) {
    mkdirSync(join(store, shard));
    for (let n = 0; n < files; n++) writeFileSync(join(store, shard, `f${n}`), 'x');
  }
  return store;
}

function healthOf(sources: readonly string[], seen: ListedDirectory[] = []) {
  const census = new DirectoryCensus(sources, realFileSystem, { mask: maskSid });
  const options = {
    application: ODOO,
    fileSystem: realFileSystem,
    maxEntries: () => 3,
    onUnreadable: () => {},
    shards: null,
    onListed: (directory: ListedDirectory) => {
      seen.push(directory);
      census.add(directory);
    },
  };
  for (const _ of walk(sources, options));
  return census.health;
}

describe('the health of directories', () => {
  it('counts names and directories of each store, and names the fullest', () => {
    const shards = Object.fromEntries(Array.from({ length: 8 }, (_, n) => [`s${n}`, n]));
    const sources = [storeWith('a', 5, {}), storeWith('b', 2, shards)];
    const [a, b] = healthOf(sources);
    expect(a).toMatchObject({ source: sources[0], directories: 1, entries: 5 });
    expect(b).toMatchObject({ source: sources[1], directories: 9, entries: 2 + 8 + 28 });
    expect(b?.largest.map(({ path, entries }) => [path.slice(root.length), entries])).toEqual([
      ['/b', 10],
      ['/b/s7', 7],
      ['/b/s6', 6],
      ['/b/s5', 5],
      ['/b/s4', 4],
    ]);
    for (const { indexBytes } of b?.largest ?? []) expect(indexBytes).toBeGreaterThan(0);
    expect(b?.indexBytes).toBeGreaterThanOrEqual(b?.largest.reduce((sum, { indexBytes }) => sum + indexBytes, 0) ?? 0);
  });

  it('knows the inodes of the file system, or that it counts none', () => {
    const [store] = healthOf([storeWith('i', 1, {})]);
    if (store?.inodes === null) return;
    expect(store?.inodes.used).toBeGreaterThan(0);
    expect(store?.inodes.total).toBeGreaterThanOrEqual(store?.inodes.used ?? 0);
  });

  it('is told of the shards that are left, so that progress can be', () => {
    const seen: ListedDirectory[] = [];
    healthOf([storeWith('p', 1, { aa: 2, bb: 0 })], seen);
    expect(seen.map(({ shard, entries, shardsLeft }) => [shard === '', entries, shardsLeft])).toEqual([
      [true, 3, 2],
      [false, expect.any(Number), 1],
      [false, expect.any(Number), 0],
    ]);
    expect(seen.reduce((sum, { entries }) => sum + entries, 0)).toBe(5);
  });
});
