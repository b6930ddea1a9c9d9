/** The two states of the page, inode and dentry caches that a measurement may start from. */
import { execFileSync } from 'node:child_process';
import { accessSync, constants, readFileSync, writeFileSync } from 'node:fs';
import { tar } from './peers/tar.mjs';

const DROP = '/proc/sys/vm/drop_caches';
const MAX_PASSES = 6;
/** Data page, inode and directory entry of a small file on ext4, with the slab's own overhead. */
const CACHED_BYTES_PER_FILE = 4096 + 1500;

/**
 * Reads the whole store until another pass is no longer much faster: after a drop of the caches the first passes suffer
 * from slab pressure, and the first read of a new file also writes its atime.
 */
export async function warmUp(store) {
  let previous = Number.POSITIVE_INFINITY;
  for (let pass = 1; pass <= MAX_PASSES; pass++) {
    const { seconds } = await tar.run({ store });
    if (seconds > previous * 0.8) break;
    previous = seconds;
  }
  execFileSync('sync', ['-f', store.path]);
}

/** A store larger than memory is never warm, whatever its row is called. */
export function fitsInMemory(store) {
  const [, kibibytes] = /^MemAvailable:\s+(\d+) kB/m.exec(readFileSync('/proc/meminfo', 'utf8'));
  return store.sessions * CACHED_BYTES_PER_FILE < Number(kibibytes) * 1024;
}

export function mayDropCaches() {
  try {
    accessSync(DROP, constants.W_OK);
    writeFileSync(DROP, '1');
    return true;
  } catch {
    return false; // not root, or a container with /proc/sys mounted read-only
  }
}

export function dropCaches() {
  execFileSync('sync');
  writeFileSync(DROP, '3');
}
