import { ChunkCursor } from '../source/chunk.js';
import { realFileSystem } from '../source/file-system.js';
import { parseName, type SessionName } from '../source/layout.js';
import { HashedTwins } from '../source/twins.js';
import { walk } from '../source/walk.js';
import { errorCode } from '../system-error.js';
import type { FileFormat } from './file-format.js';

const ENTRIES_AT_ONCE = 1024;

/**
 * How many files the directory holds that an Odoo of this format would take for sessions, by their names. NaN where it can't
 * be listed: what was exported is exported all the same.
 */
export function countSessionFiles(root: string, format: FileFormat): number {
  try {
    return count(root, format);
  } catch (error) {
    if (errorCode(error) === '') throw error;
    return Number.NaN;
  }
}

/** @throws a system error */
function count(root: string, format: FileFormat): number {
  const name: SessionName = { kind: null, sid: '', layout: 'flat', isTempFile: false };
  const twins = new HashedTwins(realFileSystem, root);
  let files = 0;
  const options = {
    fileSystem: realFileSystem,
    maxEntries: () => ENTRIES_AT_ONCE,
    onUnreadable: () => {},
    shards: null,
  };
  for (const chunk of walk([root], options)) {
    const entries = new ChunkCursor(chunk);
    while (entries.next()) {
      if (entries.mayBeFile && isReadBy(parseName(entries.path, name), format, twins)) files++;
    }
  }
  return files;
}

/** Odoo 16 and later take up flat files without a hashed twin as well; Odoo up to 15 never looks into shards. */
function isReadBy({ kind, sid, layout }: SessionName, format: FileFormat, twins: HashedTwins): boolean {
  if (kind === null || !format.sids.includes(kind)) return false;
  return layout === format.layout || (layout === 'flat' && !twins.has(sid));
}
