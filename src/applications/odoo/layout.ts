/**
 * Names in a session directory, and what they say before anything is opened.
 *
 * Flat stores hold `werkzeug_<sid>.sess` (Odoo <= 15: odoo/tools/_vendor/sessions.py), hashed stores `<sid[:2]>/<sid>`
 * (Odoo >= 16: odoo/http.py, FilesystemSessionStore.get_session_filename). A data directory that survived upgrades
 * holds both.
 */

import type { Dir, Stats } from 'node:fs';
import type { Layout } from '../../session.js';
import type { FileSystem } from '../../system/file-system.js';
import { newStoreName, type StoreName } from '../application.js';
import type { SidKind } from './sid-kinds.js';

const HEX40 = /^[a-f0-9]{40}$/;
const URLSAFE = /^[A-Za-z0-9_-]+$/;
const SHARD = /^[A-Za-z0-9_-]{2}$/;
const FLAT_PREFIX = 'werkzeug_';
const FLAT_SUFFIX = '.sess';

/** Half-written saves: `__wz_sess` up to Odoo 19, `__tx_sess__` after it (odoo/http/session.py). */
const TEMP_SUFFIXES = ['.__wz_sess', '.__tx_sess__'];

/** The kind of a session id, or null for any other text. */
export function kindOfSid(sid: string): SidKind | null {
  switch (sid.length) {
    case 40:
      return HEX40.test(sid) ? 'hex40' : null;
    case 84:
      return URLSAFE.test(sid) ? 'urlsafe84' : null;
    case 86:
      return URLSAFE.test(sid) ? 'urlsafe86' : null;
    default:
      return null;
  }
}

/** Whether a sub-directory of a store is one of the shards that Odoo 16+ spreads sessions over. */
export function isShard(directoryName: string): boolean {
  return SHARD.test(directoryName);
}

/** Reads `path`, relative to the store and with `/` only behind a shard, into `name`, which is returned. */
export function parseName(path: string, name: StoreName): StoreName {
  const isInShard = path.charCodeAt(2) === 0x2f;
  const file = isInShard ? path.slice(3) : path;
  name.layout = isInShard ? 'hashed' : 'flat';
  name.kind = null;
  name.sid = '';
  name.verdict = 'session';

  if (isInShard) {
    // A file under another shard's directory is one that Odoo never looks at.
    if (!file.startsWith(path.slice(0, 2))) return notSession(name, file);
    name.kind = kindOfSid(file);
    name.sid = file;
  } else if (file.startsWith(FLAT_PREFIX) && file.endsWith(FLAT_SUFFIX)) {
    name.sid = file.slice(FLAT_PREFIX.length, -FLAT_SUFFIX.length);
    name.kind = kindOfSid(name.sid);
  }
  return name.kind === null ? notSession(name, file) : name;
}

function notSession(name: StoreName, file: string): StoreName {
  name.sid = '';
  name.verdict = TEMP_SUFFIXES.some((suffix) => file.endsWith(suffix)) ? 'temp-file' : 'foreign';
  return name;
}

/** The path below the store at which an Odoo of this layout keeps `sid`. */
export function pathOf(sid: string, layout: Layout): string {
  return layout === 'hashed' ? `${sid.slice(0, 2)}/${sid}` : `${FLAT_PREFIX}${sid}${FLAT_SUFFIX}`;
}

/** Names that are looked at in a directory that has no place in a store, and in each directory in it. */
const NAMES_LOOKED_AT = 2_000;
const NAMES_PER_READ = 128;

/**
 * Says why an entry that is no session of its store looks like one all the same, or is a way to some: in one sentence,
 * or an empty string for what has nothing to do with sessions. Odoo keeps `werkzeug_<sid>.sess` in the store itself and
 * `<sid[:2]>/<sid>` in shards, and looks nowhere else. Asked of entries that are foreign only, which are few.
 * @param path relative to the store, one character per byte
 * @param name what `parseName` makes of it
 */
export function misplacement(
  fileSystem: FileSystem,
  root: string,
  path: string,
  mayBeFile: boolean,
  name: StoreName,
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
  const isFlat = isInShard && parseName(file, newStoreName()).kind !== null;
  return isFlat ? 'a flat session in a shard: Odoo does not look for it there' : '';
}

function strayLink(fileSystem: FileSystem, place: Buffer, path: string, name: StoreName): string {
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
  const name = newStoreName();
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
