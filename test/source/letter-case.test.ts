import { createFsFromVolume, Volume } from 'memfs';
import { describe, expect, it } from 'vitest';
import { ChunkCursor } from '../../src/source/chunk.js';
import { ignoresCase, pathInShard } from '../../src/source/letter-case.js';
import { surveyStores } from '../../src/source/survey.js';
import { walk } from '../../src/source/walk.js';
import type { FileSystem } from '../../src/system/file-system.js';
import { atOnce } from '../support/at-once.js';
import { ODOO, urlsafe84 } from '../support/samples.js';

const sidOf = (shard: string) => shard + urlsafe84(1).slice(2);

/** A store whose shards are found by any spelling, as on exFAT, NTFS or SMB; each look has an inode of its own. */
function folding(...paths: readonly string[]): FileSystem {
  const tree = Object.fromEntries(paths.map((path) => [`/store/${path}`, '{}']));
  const disk = createFsFromVolume(Volume.fromJSON(tree)) as unknown as FileSystem;
  const spelled = (path: string) => {
    const [, shard = '', rest = ''] = /^\/store\/([^/]+)(.*)$/.exec(path) ?? [];
    const kept = paths.map((one) => one.slice(0, 2)).find((one) => one.toLowerCase() === shard.toLowerCase());
    return kept === undefined ? path : `/store/${kept}${rest}`;
  };
  const lstatSync = (path: string, options: object) => disk.lstatSync(spelled(path), options);
  return { ...disk, opendirSync: disk.opendirSync, statSync: disk.statSync, lstatSync } as unknown as FileSystem;
}

function pathsOf(fileSystem: FileSystem): string[] {
  const paths: string[] = [];
  const told: number[] = [];
  const gate = { ignoreCase: (source: number) => told.push(source), canSkip: () => false, listed: () => {} };
  for (const chunk of walk(['/store'], {
    application: ODOO,
    fileSystem,
    maxEntries: () => 9,
    shards: gate,
    onUnreadable: () => {},
  })) {
    const cursor = new ChunkCursor(chunk);
    while (cursor.next()) paths.push(cursor.path);
  }
  expect(told).toEqual(ignoresCase(fileSystem, '/store', ['aB']) ? [0] : []);
  return paths.sort();
}

describe('a store on a file system that ignores case', () => {
  const names = ['aB', 'Ab', 'AB', 'ab'].map(sidOf);
  const paths = names.map((name) => `aB/${name}`);

  it('is walked and counted by the shards that Odoo asks for, whatever spelling came first', () => {
    const disk = folding(...paths, `aB/${sidOf('zz')}`);
    const wanted = [...names.map((name) => `${name.slice(0, 2)}/${name}`), `aB/${sidOf('zz')}`];
    expect(pathsOf(disk)).toEqual(wanted.sort());
    const { sessions } = atOnce(
      surveyStores(['/store'], ODOO, disk, { maxNames: 100, sampleSize: 9, random: Math.random }),
    );
    expect(sessions).toBe(4);
  });

  it('is told from one that does not, and from one whose shards happen to differ in case alone', () => {
    const tree = Object.fromEntries(paths.map((path) => [`/store/${path}`, '{}']));
    const strict = createFsFromVolume(Volume.fromJSON(tree)) as unknown as FileSystem;
    expect(pathsOf(strict)).toEqual([...paths].sort());
    expect(ignoresCase(folding(...paths), '/store', ['--', '42', 'aB'])).toBe(true);
    expect(ignoresCase(strict, '/store', ['ab', 'AB'])).toBe(false);
    expect(ignoresCase(strict, '/store', ['--', '42'])).toBe(false);
  });

  it('leaves names of other shards where they are', () => {
    expect(pathInShard('aB', 'Abc', true)).toBe('Ab/Abc');
    expect(pathInShard('aB', 'aBc', true)).toBe('aB/aBc');
    expect(pathInShard('aB', 'zzc', true)).toBe('aB/zzc');
    expect(pathInShard('aB', 'Abc', false)).toBe('aB/Abc');
  });
});
