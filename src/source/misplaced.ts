import type { Dir, Stats } from 'node:fs';
import type { FileSystem } from './file-system.js';
import { isShard, kindOfSid, parseName, type SessionName } from './layout.js';

/** Names that are looked at in a directory that has no place in a store, and in each directory in it. */
const NAMES_LOOKED_AT = 2_000;
const NAMES_PER_READ = 128;

/**
 * Says why an entry that is no session of its store looks like one all the same, or is a way to some: in one sentence, or an
 * empty string for what has nothing to do with sessions. Odoo keeps `werkzeug_<sid>.sess` in the store itself and
 * `<sid[:2]>/<sid>` in shards, and looks nowhere else. Asked of entries that are foreign only, which are few.
 *
 * @param path relative to the store, one character per byte @param name what `parseName` makes of it
 */
export function misplacement(
  fileSystem: FileSystem,
  root: string,
  path: string,
  mayBeFile: boolean,
  name: SessionName,
): string {
  if (mayBeFile) return strayFile(path);
  const place = Buffer.concat([Buffer.from(`${root}/`), Buffer.from(path, 'latin1')]);
  try {
    const stats = fileSystem.lstatSync(place, { throwIfNoEntry: false });
    if (stats === undefined) return '';
    if (stats.isSymbolicLink()) return strayLink(fileSystem, place, path, name);
    const sessions = stats.isDirectory() ? sessionsBelow(fileSystem, place) : 0;
    if (sessions > 0) {
      return `a directory with ${sessions} session files or more: Odoo does not look there, name it as a source of its own if they count`;
    }
    return name.kind === null ? '' : `${describe(stats)} by the name of a session: it is not read`;
  } catch {
    // What can't be looked at says nothing about sessions.
    return '';
  }
}

function strayFile(path: string): string {
  const isInShard = path[2] === '/';
  const file = isInShard ? path.slice(3) : path;
  if (kindOfSid(file) !== null) {
    return isInShard
      ? 'a session in the shard of others: Odoo does not look for it there'
      : 'a hashed session outside its shard: Odoo does not look for it there';
  }
  const isFlat = isInShard && parseName(file, { kind: null, sid: '', layout: 'flat', isTempFile: false }).kind !== null;
  return isFlat ? 'a flat session in a shard: Odoo does not look for it there' : '';
}

function strayLink(fileSystem: FileSystem, place: Buffer, path: string, name: SessionName): string {
  if (name.kind !== null) return 'a link by the name of a session: links are not followed';
  const isOfShard = isShard(path) && fileSystem.statSync(place, { throwIfNoEntry: false })?.isDirectory() === true;
  return isOfShard
    ? 'a link in the place of a shard: links are not followed, so the sessions behind it were not seen; put the directory itself there'
    : '';
}

function describe(stats: Stats): string {
  return stats.isDirectory() ? 'a directory' : 'a device, pipe or socket';
}

/** Session files by their names in a directory and in the directories in it, as far as a look goes. */
function sessionsBelow(fileSystem: FileSystem, directory: Buffer, depth = 2): number {
  const inner: Buffer[] = [];
  let sessions = 0;
  let left = NAMES_LOOKED_AT;
  const open: Dir = fileSystem.opendirSync(directory as never, { encoding: 'latin1', bufferSize: NAMES_PER_READ });
  const name: SessionName = { kind: null, sid: '', layout: 'flat', isTempFile: false };
  try {
    for (let entry = open.readSync(); entry !== null && left > 0; entry = open.readSync(), left--) {
      if (entry.isDirectory())
        inner.push(Buffer.concat([directory, Buffer.from('/'), Buffer.from(entry.name, 'latin1')]));
      else if (kindOfSid(entry.name) !== null || parseName(entry.name, name).kind !== null) sessions++;
    }
  } finally {
    open.closeSync();
  }
  for (const one of depth > 0 && sessions === 0 ? inner : []) {
    sessions += sessionsBelow(fileSystem, one, depth - 1);
    if (sessions > 0) break;
  }
  return sessions;
}
