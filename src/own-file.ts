import fs, { constants } from 'node:fs';

const { O_WRONLY, O_CREAT, O_EXCL, O_APPEND, O_NOFOLLOW, O_NONBLOCK } = constants;

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
  if (instead >= 0) fs.closeSync(instead);
  return fd;
}
