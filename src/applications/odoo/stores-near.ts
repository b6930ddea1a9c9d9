import { type Dirent, opendirSync, realpathSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { newStoreName } from '../application.js';
import { isShard, kindOfSid, parseName } from './layout.js';

/** Names that are looked at to tell a session directory from another: its first ones are sessions or shards. */
const MAX_NAMES = 10_000;
/** The same of a directory that may be a shard. */
const MAX_NAMES_OF_SHARD = 100;
/** Directories that are looked into for the store that was meant, and how far below the one that was named. */
const MAX_DIRECTORIES = 500;
const MAX_DEPTH = 3;
/** Where Odoo keeps its data in a home directory (odoo/tools/config.py, _get_default_datadir). */
const IN_A_HOME = '.local/share/Odoo/sessions';

/** Why a directory is not the store that was meant, as `is ...: name ...`; null for one that may be it. */
export function wrongDirectoryReason(directory: string): string | null {
  return reasonOfNames(directory) ?? dataDirectoryReason(directory);
}

/** A data directory (odoo/tools/config.py, data_dir), whether or not there are sessions in it yet. */
function dataDirectoryReason(directory: string): string | null {
  const sessions = join(directory, 'sessions');
  const isOne =
    basename(directory) !== 'sessions' && isDirectory(join(directory, 'filestore')) && isDirectory(sessions);
  return isOne ? `is Odoo's data directory: name ${sessions}` : null;
}

function reasonOfNames(directory: string): string | null {
  const real = realpathSync(directory);
  const filestore = [real, dirname(real)].find((path) => basename(path) === 'filestore');
  const beside = filestore === undefined ? '' : join(dirname(filestore), 'sessions');
  if (beside !== '' && isDirectory(beside)) return `is of Odoo's attachments: name ${beside}`;
  if (isOneShard(real)) return `is one shard of a session directory: name the directory above, ${dirname(real)}`;
  if (holdsSessions(directory)) return null;
  if (holdsSessions(join(directory, 'sessions')))
    return `is Odoo's data directory: name ${join(directory, 'sessions')}`;
  const [first, ...others] = storesBelow(directory);
  if (first === undefined) return unrelatedEntriesReason(directory);
  const also =
    others.length === 0 ? '' : `, and ${others.length === 1 ? 'one more' : `${others.length} more`} below it`;
  return `holds no sessions itself: name ${first}${also}`;
}

/** A directory that was never a store: it holds visible things, and neither sessions nor what could hold some. */
function unrelatedEntriesReason(directory: string): string | null {
  let unrelated = 0;
  for (const entry of entriesOf(directory, MAX_NAMES)) {
    if (entry.isDirectory() && (isShard(entry.name) || entry.name === 'sessions')) return null;
    // A session in the wrong place is told of by the pass.
    if (kindOfSid(entry.name) !== null || isShard(entry.name)) return null;
    if (!/^(\.|lost\+found$)/.test(entry.name)) unrelated++;
  }
  if (unrelated === 0) return null;
  return `holds ${unrelated} other things and no session: name the application's session directory`;
}

/** Whether it holds nothing but ids that begin with its own name; on some file systems in any letter case. */
function isOneShard(directory: string): boolean {
  const shard = basename(directory).toLowerCase();
  if (!isShard(shard)) return false;
  let own = 0;
  for (const { name } of entriesOf(directory, MAX_NAMES_OF_SHARD)) {
    if (kindOfSid(name) === null) continue;
    if (name.slice(0, 2).toLowerCase() !== shard) return false;
    own++;
  }
  return own > 0 && !holdsSessions(directory);
}

function holdsSessions(directory: string): boolean {
  const name = newStoreName();
  for (const entry of entriesOf(directory, MAX_NAMES)) {
    if (!entry.isDirectory()) {
      if (parseName(entry.name, name).verdict !== 'foreign') return true;
    } else if (isShard(entry.name)) {
      for (const { name: file } of entriesOf(`${directory}/${entry.name}`, MAX_NAMES_OF_SHARD)) {
        if (kindOfSid(file) !== null && file.slice(0, 2).toLowerCase() === entry.name.toLowerCase()) return true;
      }
    }
  }
  return false;
}

/** Stores below a directory, level by level: a few names of directories are read, and no file is opened. */
function storesBelow(directory: string): string[] {
  const found: string[] = [];
  let level = [directory];
  let left = MAX_DIRECTORIES;
  for (let depth = 0; depth < MAX_DEPTH; depth++) {
    const next: string[] = [];
    for (const parent of level) {
      for (const entry of entriesOf(parent, MAX_DIRECTORIES)) {
        if (!entry.isDirectory() || left-- <= 0) continue;
        const path = join(parent, entry.name);
        const home = join(path, IN_A_HOME);
        if (holdsSessions(path)) found.push(path);
        else if (holdsSessions(home)) found.push(home);
        else next.push(path);
      }
    }
    level = next;
  }
  return found;
}

/** The first entries of a directory; none of one that can't be read. */
function* entriesOf(directory: string, most: number): Generator<Dirent> {
  let open: ReturnType<typeof opendirSync>;
  try {
    open = opendirSync(directory, { encoding: 'latin1', bufferSize: Math.min(most, 1024) });
  } catch {
    return;
  }
  try {
    let count = 0;
    for (let entry = open.readSync(); entry !== null && count < most; entry = open.readSync(), count++) yield entry;
  } catch {
    // Whoever lists it in earnest says what is wrong with it.
  } finally {
    open.closeSync();
  }
}

function isDirectory(path: string): boolean {
  try {
    return statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
  } catch {
    // What may not be looked at is no hint.
    return false;
  }
}
