import { randomBytes } from 'node:crypto';
import fs, { constants, mkdirSync, realpathSync, statSync } from 'node:fs';
import { resolve, sep } from 'node:path';
import { EXIT, OperatorError } from '../errors.js';
import { errorCode, exitCodeForPlace, remedyFor } from './errno.js';

const { O_RDONLY, O_WRONLY, O_CREAT, O_EXCL, O_APPEND, O_NOFOLLOW, O_NONBLOCK } = constants;

/** Readable and writable by the one who runs, and by nobody else. */
const PRIVATE = 0o600;

/**
 * Opens a file of this user's own for writing: never through a link that another user may have put there, and readable
 * by its owner alone whatever the umask. `anew` takes away what is there; `append` goes on in it if it is a file of
 * this user.
 * @param instead a descriptor to close when the new one is open
 * @throws a system error: EPERM for a file of another user
 */
export function openOwnFile(path: string, how: 'anew' | 'append', instead = -1): number {
  // A file that is made here can't be one that another user has open; root could otherwise write into somebody's file.
  if (how === 'anew') fs.rmSync(path, { force: true });
  const flags = how === 'anew' ? O_EXCL : O_APPEND | O_NONBLOCK;
  const fd = fs.openSync(path, O_WRONLY | O_CREAT | O_NOFOLLOW | flags, PRIVATE);
  try {
    const stats = fs.fstatSync(fd);
    const isOwn = stats.uid === process.geteuid?.() || process.geteuid === undefined;
    if (stats.isFile() && !(isOwn && stats.nlink === 1)) {
      throw Object.assign(new Error('EPERM: a file of another user'), { code: 'EPERM' });
    }
    if (stats.isFile() && stats.size === 0) fs.fchmodSync(fd, PRIVATE);
  } catch (error) {
    fs.closeSync(fd);
    throw error;
  }
  try {
    if (instead >= 0) fs.closeSync(instead);
  } catch (error) {
    // It is closed all the same, and the new one is open.
    if (errorCode(error) === '') throw error;
  }
  return fd;
}

/**
 * Writes a file beside its place, under a name that nobody can guess, and renames it, so that nobody ever reads half of
 * it and no link that lies there is written through.
 * @param mode whatever the umask
 * @throws a system error
 */
export function replaceOwnFile(path: string, text: string, mode = PRIVATE): void {
  const temporary = temporaryFor(path);
  try {
    writeNew(temporary, text, mode);
    fs.renameSync(temporary, path);
  } catch (error) {
    fs.rmSync(temporary, { force: true });
    throw error;
  }
}

/**
 * Finds out whether {@link replaceOwnFile} could write there.
 * @throws a system error
 */
export function tryToReplace(path: string): void {
  const temporary = temporaryFor(path);
  writeNew(temporary, '', PRIVATE);
  fs.rmSync(temporary);
}

/**
 * Copies a regular file to a name that is free, and never what a link leads to.
 * @throws a system error
 */
export function copyOwnFile(from: string, to: string): void {
  const fd = fs.openSync(from, O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
  try {
    if (!fs.fstatSync(fd).isFile())
      throw Object.assign(new Error(`EINVAL: no regular file, ${from}`), { code: 'EINVAL' });
    writeNew(to, fs.readFileSync(fd), PRIVATE);
  } finally {
    fs.closeSync(fd);
  }
}

function temporaryFor(path: string): string {
  return `${path}.${randomBytes(8).toString('hex')}.tmp`;
}

function writeNew(path: string, content: string | Buffer, mode: number): void {
  const fd = fs.openSync(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, PRIVATE);
  try {
    fs.fchmodSync(fd, mode);
    fs.writeFileSync(fd, content);
  } finally {
    fs.closeSync(fd);
  }
}

const [GROUP_MAY_WRITE, ALL_MAY_WRITE] = [0o020, 0o002];

/**
 * Makes the state directory if need be, for its owner alone, whatever the umask.
 * @throws {OperatorError} where it is another user's, also for root, or others may write to it, see {@link
 *   demandTrustworthyState}
 */
export function prepareStateDirectory(stateDir: string): void {
  try {
    mkdirSync(stateDir, { recursive: true, mode: 0o700 });
    demandTrustworthyState(stateDir, [process.geteuid?.(), 0]);
  } catch (error) {
    throw unwritableState(stateDir, error);
  }
}

/**
 * The same for a run that only reads what is there; root may read anybody's.
 * @throws {OperatorError}
 */
export function demandReadableState(stateDir: string): void {
  const user = process.geteuid?.();
  demandTrustworthyState(stateDir, user === 0 ? [undefined] : [user, 0]);
}

/**
 * What is kept in a state directory is believed, as ssh believes its keys. A directory of root's that a group may write
 * to is taken: so are the volumes of a pod.
 * @param owners who it may belong to; undefined for anybody
 */
function demandTrustworthyState(stateDir: string, owners: readonly (number | undefined)[]): void {
  const user = process.geteuid?.();
  const { uid, mode } = statSync(stateDir);
  if (!owners.includes(undefined) && !owners.includes(uid)) {
    throw refused(`${stateDir} belongs to user ${uid}: run as that user, or name another by --state-dir`);
  }
  if ((mode & ALL_MAY_WRITE) !== 0 || (uid === user && user !== 0 && (mode & GROUP_MAY_WRITE) !== 0)) {
    throw refused(`others may write to ${stateDir}: chmod go-w it, or name another by --state-dir`);
  }
}

/** The sentence for a state directory that can't be written, whatever was tried; another error comes back as it is. */
export function unwritableState(stateDir: string, error: unknown): unknown {
  const code = errorCode(error);
  if (error instanceof OperatorError || code === '') return error;
  const exitCode = exitCodeForPlace(code);
  const mend = exitCode === EXIT.permission ? '' : `${remedyFor(code)}, or `;
  return new OperatorError(exitCode, `${stateDir} cannot be written (${code}): ${mend}name another by --state-dir`);
}

/** The options that name files of a run's own. */
interface OwnFiles {
  log: { file: string | undefined };
  metrics: { file: string | null };
  reportPath: string | null;
}

/**
 * The files of a run's own, by option.
 * @param stateDir null for a command that keeps nothing
 */
export function ownPlaces(
  { log, metrics, reportPath }: OwnFiles,
  stateDir: string | null,
): Record<string, string | null> {
  const files = { '--log-file': log.file ?? null, '--report': reportPath, '--metrics-file': metrics.file };
  return { '--state-dir': stateDir, ...files };
}

/**
 * Refuses places of a run's own files that lie in a session directory: an application's clean-up takes them for old
 * sessions.
 * @param places by option
 * @throws {OperatorError} with exit code 2
 */
export function refusePlacesInside(sources: readonly string[], places: Readonly<Record<string, string | null>>): void {
  for (const [option, place] of Object.entries(places)) {
    const inside = place === null ? undefined : sources.find((source) => isBelow(realOf(place), realOf(source)));
    if (inside === undefined) continue;
    const why = "the application's clean-up would take what is in there for old sessions";
    throw new OperatorError(
      EXIT.usage,
      `${option} ${place} lies in the source ${inside}: name a place elsewhere, ${why}`,
    );
  }
}

function isBelow(path: string, directory: string): boolean {
  return path === directory || path.startsWith(directory.endsWith(sep) ? directory : `${directory}${sep}`);
}

/** The path without links, as far as it is there. */
function realOf(path: string): string {
  const absolute = resolve(path);
  try {
    return realpathSync(absolute);
  } catch {
    const parent = resolve(absolute, '..');
    return parent === absolute ? absolute : resolve(realOf(parent), absolute.slice(parent.length).replace(/^\/+/, ''));
  }
}

function refused(message: string): OperatorError {
  return new OperatorError(EXIT.permission, message);
}
