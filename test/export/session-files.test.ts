import {
  chmodSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { SaveCertainty } from '../../src/export/make-file.js';
import { AtomicPlacer, dryRunPlacer } from '../../src/export/place.js';
import { SessionFiles } from '../../src/export/session-files.js';
import { SessionReader } from '../../src/source/read.js';
import { realFileSystem } from '../../src/system/file-system.js';
import { fileEncoderFor, flat, HOUR, hashed, hex40, NOW } from '../support/samples.js';
import { temporaryDirectory } from '../support/temporary-directory.js';

const temporary = temporaryDirectory();
const SID = hex40(1);
const BYTES = Buffer.from('a session');
const SAVED = NOW - HOUR;

class Store {
  readonly root = mkdtempSync(join(temporary, 'store-'));
  readonly files: SessionFiles;

  constructor(odoo: string, isDryRun = false) {
    const encoder = fileEncoderFor(odoo);
    const placer = isDryRun ? dryRunPlacer : new AtomicPlacer({ root: this.root, owner: null }, encoder.tempSuffix);
    this.files = new SessionFiles(this.root, encoder, placer, 2 ** 20);
  }

  settle(bytes = BYTES, ms = SAVED, certainty: SaveCertainty = 'exact', slackMs = 0): string {
    return this.files.settle(SID, bytes, { ms, certainty, slackMs });
  }

  /** A file that is there before. */
  has(path: string, content: string | Buffer, ms = SAVED): void {
    mkdirSync(join(this.root, path, '..'), { recursive: true });
    writeFileSync(join(this.root, path), content);
    utimesSync(join(this.root, path), ms / 1000, (ms + 0.001) / 1000);
  }

  text(path: string): string {
    return readFileSync(join(this.root, path), 'utf8');
  }

  /** mtime as migrate reads it. */
  savedMs(path: string): number {
    const reader = new SessionReader(realFileSystem, 2 ** 20);
    reader.read(join(this.root, path));
    return reader.mtimeMs;
  }
}

const LAYOUTS = [
  ['12', flat(SID)],
  ['17', hashed(SID)],
] as const;

describe.each(LAYOUTS)('a session for Odoo %s', (odoo, path) => {
  it('becomes a file with its bytes, its time and the modes that Odoo gives', () => {
    const store = new Store(odoo);
    const umask = process.umask(0o077);
    try {
      expect(store.settle()).toBe('written');
    } finally {
      process.umask(umask);
    }
    expect(store.text(path)).toBe('a session');
    expect(store.savedMs(path)).toBe(SAVED);
    expect(statSync(join(store.root, path)).mode & 0o7777).toBe(0o644);
    if (odoo === '17') expect(statSync(join(store.root, SID.slice(0, 2))).mode & 0o7777).toBe(0o755);
    expect(readdirSync(store.root)).toEqual([path.split('/')[0]]);
  });

  it('is the same where its file is there', () => {
    const store = new Store(odoo);
    expect([store.settle(), store.settle()]).toEqual(['written', 'same']);
  });

  it('of the same moment and other content stays out: the file is kept', () => {
    const store = new Store(odoo);
    store.has(path, 'another');
    expect(store.settle()).toBe('kept');
    expect(store.text(path)).toBe('another');
  });

  it.each([1, HOUR])('never goes over a file that is %i ms newer, be it the same', (ms) => {
    const store = new Store(odoo);
    store.has(path, BYTES, SAVED + ms);
    expect(store.settle()).toBe('kept');
    expect(store.savedMs(path)).toBe(SAVED + ms);
  });

  it.each(['another', 'a session', ''])('goes over a file that is a millisecond older: "%s"', (content) => {
    const store = new Store(odoo);
    store.has(path, content, SAVED - 1);
    const { ino } = statSync(join(store.root, path));
    expect(store.settle()).toBe('updated');
    expect(store.text(path)).toBe('a session');
    expect(store.savedMs(path)).toBe(SAVED);
    expect(statSync(join(store.root, path)).ino, 'a new file, renamed over the old one').not.toBe(ino);
  });

  it('never goes over an empty file that is newer', () => {
    const store = new Store(odoo);
    store.has(path, '', SAVED + 1);
    expect(store.settle()).toBe('kept');
  });

  it('whose moment is known but for some milliseconds is the same within them', () => {
    const store = new Store(odoo);
    store.has(path, BYTES, SAVED + 5);
    expect(store.settle(BYTES, SAVED, 'exact', 5)).toBe('same');
    expect(store.settle(BYTES, SAVED, 'exact', 4)).toBe('kept');
    expect(store.settle(BYTES, SAVED + 9, 'exact', 4)).toBe('same');
    expect(store.settle(BYTES, SAVED + 10, 'exact', 4)).toBe('updated');
  });

  it('of an unknown moment is written where there is none, and never twice', () => {
    const store = new Store(odoo);
    expect(store.settle(BYTES, NOW, 'unknown')).toBe('written');
    expect(store.settle(BYTES, NOW + HOUR, 'unknown')).toBe('same');
    expect(store.settle(Buffer.from('other'), NOW + HOUR, 'unknown')).toBe('kept');
    expect(store.savedMs(path)).toBe(NOW);
  });

  it('saved at the latest moment that can be goes over an older one, and does not grow younger by a second run', () => {
    const store = new Store(odoo);
    expect(store.settle(BYTES, NOW, 'capped')).toBe('written');
    expect(store.settle(BYTES, NOW + HOUR, 'capped')).toBe('same');
    expect(store.savedMs(path)).toBe(NOW);
    expect(store.settle(Buffer.from('other'), NOW, 'capped')).toBe('kept');
    expect(store.settle(Buffer.from('other'), NOW + 1, 'capped')).toBe('updated');
  });

  it('never follows a symlink, nor replaces what is no file', () => {
    const store = new Store(odoo);
    const outside = join(temporary, 'outside');
    writeFileSync(outside, 'precious');
    mkdirSync(join(store.root, path, '..'), { recursive: true });
    symlinkSync(outside, join(store.root, path));
    expect(store.settle()).toBe('unwritable');
    expect(store.files.reason).toMatch(/no regular file/);
    expect(readFileSync(outside, 'utf8')).toBe('precious');
    expect(lstatSync(join(store.root, path)).isSymbolicLink()).toBe(true);

    const other = new Store(odoo);
    mkdirSync(join(other.root, path), { recursive: true });
    expect(other.settle()).toBe('unwritable');
  });

  it('is told in a dry run as it would be, and nothing is written', () => {
    const store = new Store(odoo, true);
    expect(store.settle()).toBe('written');
    expect(readdirSync(store.root)).toEqual([]);
    store.has(path, BYTES, SAVED - 1);
    expect(store.settle()).toBe('updated');
    expect(store.savedMs(path)).toBe(SAVED - 1);
    expect([store.settle(BYTES, SAVED - 1), store.settle(BYTES, SAVED - 2)]).toEqual(['same', 'kept']);
  });

  it('keeps its time to the millisecond, whichever it is', () => {
    const store = new Store(odoo);
    const moments = fc.integer({ min: 1000, max: 4_000_000_000_000 });
    fc.assert(
      fc.property(fc.uniqueArray(moments, { minLength: 1, maxLength: 5 }), (saved) => {
        for (const ms of saved.sort((a, b) => a - b)) {
          store.has(path, 'old', 0);
          expect(store.settle(BYTES, ms)).toBe('updated');
          expect(store.savedMs(path)).toBe(ms);
          expect(store.settle(BYTES, ms)).toBe('same');
        }
      }),
      { numRuns: 60 },
    );
  });
});

describe('a session for Odoo 16 and later', () => {
  it.each([
    [SAVED + 1, 'kept'],
    [SAVED, 'kept'],
    [SAVED - 1, 'written'],
  ])('beside a flat file that Odoo would take up, saved at %i, is %s', (ms, outcome) => {
    const store = new Store('16');
    store.has(flat(SID), 'flat', ms);
    expect(store.settle()).toBe(outcome);
    expect(store.text(flat(SID))).toBe('flat');
  });

  it('never follows a shard that is a symlink, and leaves no temporary file', () => {
    const store = new Store('17');
    const outside = mkdtempSync(join(temporary, 'outside-'));
    symlinkSync(outside, join(store.root, SID.slice(0, 2)));
    expect(store.settle()).toBe('unwritable');
    expect(store.files.reason).toBe('the system said ELOOP');
    expect(readdirSync(outside)).toEqual([]);
    expect(readdirSync(store.root)).toEqual([SID.slice(0, 2)]);
  });

  it('goes into a shard that is there as it is', () => {
    const store = new Store('17');
    mkdirSync(join(store.root, SID.slice(0, 2)));
    chmodSync(join(store.root, SID.slice(0, 2)), 0o700);
    expect(store.settle()).toBe('written');
    expect(statSync(join(store.root, SID.slice(0, 2))).mode & 0o7777).toBe(0o700);
  });

  it('is refused where a file stands in place of the shard, and the next one is written', () => {
    const store = new Store('17');
    writeFileSync(join(store.root, SID.slice(0, 2)), '');
    expect(store.settle()).toBe('unwritable');
    expect(store.files.reason).toBe('the system said ENOTDIR');
    const other = [2, 3, 4].map(hex40).find((sid) => sid.slice(0, 2) !== SID.slice(0, 2)) as string;
    expect(store.files.settle(other, BYTES, { ms: SAVED, certainty: 'exact', slackMs: 0 })).toBe('written');
  });
});

it('a flat store takes no notice of shards', () => {
  const store = new Store('12');
  store.has(hashed(SID), 'hashed', SAVED + HOUR);
  expect(store.settle()).toBe('written');
});
