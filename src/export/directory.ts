import { type Dir, opendirSync, realpathSync, type Stats, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { OperatorError } from '../errors.js';
import { EXIT } from '../exit-codes.js';
import { isShard, parseName, type SessionName } from '../source/layout.js';
import { errorCode, exitCodeForPlace, remedyFor } from '../system-error.js';
import { makeDirectory } from './make-directory.js';
import type { FileOwner } from './owner.js';

/** Entries that are looked at to tell a session directory from another: its first ones are sessions or shards. */
const MAX_NAMES = 10_000;
/** In the root of every file system, which may be the session directory. */
const NO_CONTENT = 'lost+found';
/** As Odoo makes it (odoo/tools/config.py, session_dir). */
const STORE_MODE = 0o700;

export interface ExportDirectory {
  /** Absolute, without symlinks. */
  root: string;
  /** Whom the files are given to; null leaves them to the user that runs. */
  owner: FileOwner | null;
}

export interface PreparedDirectory extends ExportDirectory {
  /** Whether it is not there, and left unmade, as this is a dry run. */
  isAbsent: boolean;
}

export interface DirectoryOptions {
  /** Named by the operator, or null. */
  owner: FileOwner | null;
  /** Whether a directory that holds other things than sessions will do. */
  force: boolean;
  isDryRun: boolean;
}

/**
 * Looks at the directory before anything is written to it, and makes it if its parent is there. @throws {OperatorError}
 * where Odoo could not use what would be written, or where this is no session directory
 */
export function prepareDirectory(path: string, options: DirectoryOptions): PreparedDirectory {
  const stats = statOf(path);
  if (stats === null) return newDirectory(path, options);
  if (!stats.isDirectory()) throw new OperatorError(EXIT.usage, `${path} is a file: name a directory`);
  const root = realpathSync(path);
  if (!options.force) refuseOther(root);
  return { root, owner: options.owner ?? ownerFor(root, stats), isAbsent: false };
}

function newDirectory(path: string, { owner, isDryRun }: DirectoryOptions): PreparedDirectory {
  const parent = statOf(dirname(path));
  if (parent === null || !parent.isDirectory()) {
    throw new OperatorError(EXIT.usage, `${dirname(path)} does not exist: name Odoo's session directory, or make it`);
  }
  const chosen = owner ?? (isRoot() ? { uid: parent.uid, gid: parent.gid } : null);
  if (isDryRun) return { root: path, owner: chosen, isAbsent: true };
  try {
    makeDirectory(path, STORE_MODE, chosen);
  } catch (error) {
    throw refusedBy(error, `${path} cannot be made`, "run as Odoo's user or root");
  }
  return { root: realpathSync(path), owner: chosen, isAbsent: false };
}

/** Files of another user's directory would be there for Odoo to read, and its shards not for it to write to. */
function ownerFor(root: string, { uid, gid }: Stats): FileOwner | null {
  if (isRoot()) return { uid, gid };
  if (uid === process.geteuid?.()) return null;
  throw new OperatorError(
    EXIT.permission,
    `${root} belongs to user ${uid}, who could not write to what this user makes in it: run as that user or as root`,
  );
}

function isRoot(): boolean {
  return process.geteuid?.() === 0;
}

/** @throws {OperatorError} where the directory holds things, and no session among them */
function refuseOther(root: string): void {
  const name: SessionName = { kind: null, sid: '', layout: 'flat', isTempFile: false };
  let directory: Dir;
  try {
    directory = opendirSync(root, { encoding: 'latin1', bufferSize: 1024 });
  } catch (error) {
    throw refusedBy(error, `${root} may not be read by this user`, "run as Odoo's user or root");
  }
  let seen = 0;
  try {
    for (let entry = directory.readSync(); entry !== null && seen < MAX_NAMES; entry = directory.readSync()) {
      if (entry.name === NO_CONTENT) continue;
      seen++;
      if (entry.isDirectory() ? isShard(entry.name) : isSession(entry.name, name)) return;
    }
  } finally {
    directory.closeSync();
  }
  if (seen === 0) return;
  const inner = join(root, 'sessions');
  const advice = statOf(inner)?.isDirectory() ? `name ${inner}` : 'name an empty one, or add --force';
  throw new OperatorError(EXIT.refused, `${root} is not empty and holds no sessions: ${advice}`);
}

function isSession(file: string, name: SessionName): boolean {
  return parseName(file, name).kind !== null || name.isTempFile;
}

function statOf(path: string): Stats | null {
  try {
    return statSync(path);
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return null;
    throw refusedBy(error, `${path} cannot be looked at`, 'check the path');
  }
}

/** @param advice where the system refuses; what a disk says has a remedy of its own */
function refusedBy(error: unknown, what: string, advice: string): unknown {
  const code = errorCode(error);
  if (code === '') return error;
  const exitCode = exitCodeForPlace(code);
  return new OperatorError(exitCode, `${what} (${code}): ${exitCode === EXIT.permission ? advice : remedyFor(code)}`);
}
