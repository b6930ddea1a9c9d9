import { randomBytes } from 'node:crypto';
import fs, { constants } from 'node:fs';
import { errorCode } from './system-error.js';

const { O_RDONLY, O_WRONLY, O_CREAT, O_EXCL, O_APPEND, O_NOFOLLOW, O_NONBLOCK } = constants;

/** Readable and writable by the one who runs, and by nobody else. */
const PRIVATE = 0o600;

/**
 * Opens a file of this user's own for writing: never through a link that another user may have put there, and readable by
 * its owner alone whatever the umask. `anew` takes away what is there; `append` goes on in it if it is a file of this user.
 *
 * @param instead a descriptor to close when the new one is open @throws a system error: EPERM for a file of another user
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
 * it and no link that lies there is written through. @param mode whatever the umask @throws a system error
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

/** Finds out whether {@link replaceOwnFile} could write there. @throws a system error */
export function tryToReplace(path: string): void {
  const temporary = temporaryFor(path);
  writeNew(temporary, '', PRIVATE);
  fs.rmSync(temporary);
}

/** Copies a regular file to a name that is free, and never what a link leads to. @throws a system error */
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
