import fs, { constants, type Dir, opendirSync, realpathSync, type Stats, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type Application, newStoreName } from '../applications/application.js';
import { EXIT, OperatorError } from '../errors.js';
import { accountNamed, isAccountNumber } from '../system/accounts.js';
import { errorCode, exitCodeForPlace, remedyFor } from '../system/errno.js';

/** By an open directory its mode and owner are set even if another name has been put in its place since. */
const DIRECTORY_FLAGS = constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW;

/**
 * Makes a directory of exactly this mode and owner.
 * @throws a system error
 */
export function makeDirectory(path: string, mode: number, owner: FileOwner | null): void {
  fs.mkdirSync(path, { mode });
  const fd = fs.openSync(path, DIRECTORY_FLAGS);
  try {
    if (owner !== null) fs.fchownSync(fd, owner.uid, owner.gid);
    fs.fchmodSync(fd, mode);
  } finally {
    fs.closeSync(fd);
  }
}

/** Entries that are looked at to tell a session directory from another: its first ones are sessions or shards. */
const MAX_NAMES = 10_000;
/** In the root of every file system, which may be the session directory. */
const NO_CONTENT = 'lost+found';
/** Sessions are for their application alone. */
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
  /** Whose sessions are to lie there. */
  application: Application;
}

/**
 * Looks at the directory before anything is written to it, and makes it if its parent is there.
 * @throws {OperatorError} where the application could not use what would be written, or this is no session directory
 */
export function prepareDirectory(path: string, options: DirectoryOptions): PreparedDirectory {
  const stats = statOf(path);
  if (stats === null) return newDirectory(path, options);
  if (!stats.isDirectory()) throw new OperatorError(EXIT.usage, `${path} is a file: name a directory`);
  const root = realpathSync(path);
  if (!options.force) refuseOther(root, options.application);
  return { root, owner: options.owner ?? ownerFor(root, stats), isAbsent: false };
}

function newDirectory(path: string, { owner, isDryRun }: DirectoryOptions): PreparedDirectory {
  const parent = statOf(dirname(path));
  if (parent === null || !parent.isDirectory()) {
    throw new OperatorError(
      EXIT.usage,
      `${dirname(path)} does not exist: name the application's session directory, or make it`,
    );
  }
  const chosen = owner ?? (isRoot() ? { uid: parent.uid, gid: parent.gid } : null);
  if (isDryRun) return { root: path, owner: chosen, isAbsent: true };
  try {
    makeDirectory(path, STORE_MODE, chosen);
  } catch (error) {
    throw refusedBy(error, `${path} cannot be made`, "run as the application's user or root");
  }
  return { root: realpathSync(path), owner: chosen, isAbsent: false };
}

/** The application could read files in a directory of another user, and could not write to the directories in it. */
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
function refuseOther(root: string, application: Application): void {
  const name = newStoreName();
  let directory: Dir;
  try {
    directory = opendirSync(root, { encoding: 'latin1', bufferSize: 1024 });
  } catch (error) {
    throw refusedBy(error, `${root} may not be read by this user`, "run as the application's user or root");
  }
  let seen = 0;
  try {
    for (let entry = directory.readSync(); entry !== null && seen < MAX_NAMES; entry = directory.readSync()) {
      if (entry.name === NO_CONTENT) continue;
      seen++;
      if (entry.isDirectory() && application.entersDirectory(entry.name)) return;
      if (!entry.isDirectory() && application.recognise(entry.name, name).verdict !== 'foreign') return;
    }
  } finally {
    directory.closeSync();
  }
  if (seen === 0) return;
  const inner = join(root, 'sessions');
  const advice = statOf(inner)?.isDirectory() ? `name ${inner}` : 'name an empty one, or add --force';
  throw new OperatorError(EXIT.refused, `${root} is not empty and holds no sessions: ${advice}`);
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

/** Whom a file belongs to. */
export interface FileOwner {
  uid: number;
  gid: number;
}

const EXAMPLE = 'write user, user:group or uid:gid, as in odoo:odoo or 101:101';

/**
 * Reads `--owner`. A user alone brings its own group along.
 * @param etc the directory of passwd and group
 * @throws {OperatorError} with exit code 2
 */
export function parseOwner(text: string, etc = '/etc'): FileOwner {
  const [user = '', group, ...rest] = text.split(':');
  if (user === '' || group === '' || rest.length > 0) throw bad(`--owner is ${JSON.stringify(text)}: ${EXAMPLE}`);
  const account = isAccountNumber(user) ? null : entryOf(`${etc}/passwd`, user);
  if (group === undefined) {
    if (account === null) throw bad(`--owner is ${JSON.stringify(text)}, a number without a group: ${EXAMPLE}`);
    return { uid: Number(account[2]), gid: Number(account[3]) };
  }
  const gid = isAccountNumber(group) ? Number(group) : Number(entryOf(`${etc}/group`, group)[2]);
  return { uid: account === null ? Number(user) : Number(account[2]), gid };
}

function entryOf(file: string, name: string): string[] {
  const entry = accountNamed(file, name);
  if (entry === null) {
    throw bad(`--owner: ${file} has no ${JSON.stringify(name)}: give numbers, as in 101:101 (see: id ${name})`);
  }
  return entry;
}

function bad(message: string): OperatorError {
  return new OperatorError(EXIT.usage, message);
}
