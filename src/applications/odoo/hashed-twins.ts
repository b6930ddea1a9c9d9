import type { FileSystem } from '../../system/file-system.js';
import type { Shadows, StoreName } from '../application.js';
import { pathOf } from './layout.js';

/**
 * Knows which flat session files lie in the shadow of a hashed one. Odoo 16 and later look at `<sid[:2]>/<sid>` first
 * and never at the flat file of the same id then (odoo/http.py, FilesystemSessionStore.get), so its login may be long
 * over.
 */
export class HashedTwins implements Shadows {
  /** Whether a shard is there, by its name: a store without shards costs no system call per file. */
  readonly #shards = new Map<string, boolean>();

  constructor(
    readonly fileSystem: FileSystem,
    readonly root: string,
  ) {}

  hides({ layout, sid }: StoreName): boolean {
    return layout === 'flat' && this.has(sid);
  }

  /** Whether a hashed file of the same id lies beside the flat one. */
  has(sid: string): boolean {
    const shard = sid.slice(0, 2);
    let isThere = this.#shards.get(shard);
    if (isThere === undefined) {
      isThere = this.#exists(shard);
      this.#shards.set(shard, isThere);
    }
    return isThere && this.#exists(pathOf(sid, 'hashed'));
  }

  #exists(path: string): boolean {
    return this.fileSystem.lstatSync(`${this.root}/${path}`, { throwIfNoEntry: false }) !== undefined;
  }
}
