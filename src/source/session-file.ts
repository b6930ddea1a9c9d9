import type { FileSystem } from './file-system.js';
import { pathOf } from './layout.js';

const LAYOUTS = ['flat', 'hashed'] as const;

/**
 * When the files of a session changed last, in content, name, time or owner (ctime), epoch milliseconds; null where there is
 * none, Infinity where that can't be told.
 */
export function sessionFileChangedMs(
  fileSystem: Pick<FileSystem, 'lstatSync'>,
  sources: readonly string[],
  sid: string,
): number | null {
  let changedMs: number | null = null;
  for (const source of sources) {
    for (const layout of LAYOUTS) {
      try {
        const found = fileSystem.lstatSync(`${source}/${pathOf(sid, layout)}`, { throwIfNoEntry: false });
        if (found !== undefined) changedMs = Math.max(changedMs ?? 0, found.ctimeMs);
      } catch {
        return Number.POSITIVE_INFINITY;
      }
    }
  }
  return changedMs;
}

/**
 * Whether a session has a file in any of the stores. What can't be looked at has one: a session ends only when its file is
 * known to be gone. The flat name is asked first, since Odoo 16 and later rename a flat file into its shard, and never back
 * (odoo/http.py, FilesystemSessionStore.get): asked in the other order, a file that moves between the two looks would be
 * missed.
 */
export function hasSessionFile(
  fileSystem: Pick<FileSystem, 'lstatSync'>,
  sources: readonly string[],
  sid: string,
): boolean {
  return sources.some((source) =>
    LAYOUTS.some((layout) => {
      try {
        return fileSystem.lstatSync(`${source}/${pathOf(sid, layout)}`, { throwIfNoEntry: false }) !== undefined;
      } catch {
        return true;
      }
    }),
  );
}
