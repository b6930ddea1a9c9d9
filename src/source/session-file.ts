import type { FileSystem } from './file-system.js';
import { pathOf } from './layout.js';

const LAYOUTS = ['flat', 'hashed'] as const;

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
