import fs, { constants } from 'node:fs';
import type { FileOwner } from './owner.js';

/** By an open directory its mode and owner are set even if another name has been put in its place since. */
const DIRECTORY_FLAGS = constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW;

/** Makes a directory of exactly this mode and owner. @throws a system error */
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
