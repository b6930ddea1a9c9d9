import fs, { constants } from 'node:fs';
import type { SampledFile } from '../applications/recognise-store.js';
import { Listing, mayBeFile } from '../source/store-root.js';
import { closeQuietly, realFileSystem } from '../system/file-system.js';

/** Bounds of a look that takes some 50 ms whatever the size of the store. */
const MOST_FILES = 200;
const MOST_NAMES = 2_000;
const MOST_DEPTH = 3;
const HEAD_BYTES = 4096;

const OPEN_FLAGS = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;

/** Some files of a directory and of those in it, with their first bytes. What can't be read is left out. */
export function sampleFiles(root: string): SampledFile[] {
  const samples: SampledFile[] = [];
  let names = 0;
  const look = (directory: string, depth: number): void => {
    const inner: string[] = [];
    let listing: Listing | null = null;
    try {
      listing = new Listing(realFileSystem, directory === '' ? root : `${root}/${directory}`, 128);
      while (samples.length < MOST_FILES && names < MOST_NAMES && listing.next()) {
        names++;
        const path = directory === '' ? listing.name : `${directory}/${listing.name}`;
        if (listing.type === 'directory') inner.push(path);
        else if (mayBeFile(listing)) addTo(samples, root, path);
      }
    } catch {
      // Whoever lists it in earnest says what is wrong with it.
    } finally {
      listing?.close();
    }
    if (depth < MOST_DEPTH) for (const path of inner) look(path, depth + 1);
  };
  look('', 0);
  return samples;
}

function addTo(samples: SampledFile[], root: string, path: string): void {
  let fd = -1;
  try {
    fd = fs.openSync(Buffer.concat([Buffer.from(`${root}/`), Buffer.from(path, 'latin1')]), OPEN_FLAGS);
    const stats = fs.fstatSync(fd);
    if (!stats.isFile()) return;
    const head = Buffer.alloc(HEAD_BYTES);
    const length = fs.readSync(fd, head, 0, HEAD_BYTES, 0);
    samples.push({ path, ownerUid: stats.uid, head: head.subarray(0, length) });
  } catch {
    // As good as not there.
  } finally {
    if (fd >= 0) closeQuietly(realFileSystem, fd);
  }
}
