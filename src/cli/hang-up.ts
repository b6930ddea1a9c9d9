import { readFileSync, readlinkSync } from 'node:fs';
import { basename } from 'node:path';
import { isatty } from 'node:tty';

const STANDARD_STREAMS = [0, 1, 2];

/** Access mode among the flags of an open file (proc(5), fdinfo; open(2)). */
const [ACCESS_MODE, WRITE_ONLY] = [0o3, 0o1];

/**
 * Whether `nohup` started the program. It makes SIGHUP ignored, but Node sets every signal back at its start
 * (nodejs/node, src/node.cc, PlatformInit), so that only other traces are left: the shell's `_`, a stdin that can't be
 * read, and the file that it opens for output (coreutils, src/nohup.c).
 */
export function isUnderNohup(environment: NodeJS.ProcessEnv): boolean {
  if (basename(environment._ ?? '') === 'nohup') return true;
  return isWriteOnly(0) || [1, 2].some((fd) => basename(targetOf(fd)) === 'nohup.out');
}

/** Whether somebody may be looking on. */
export function hasTerminal(): boolean {
  return STANDARD_STREAMS.some((fd) => isatty(fd));
}

function isWriteOnly(fd: number): boolean {
  try {
    const flags = /^flags:\s*([0-7]+)$/m.exec(readFileSync(`/proc/self/fdinfo/${fd}`, 'latin1'))?.[1];
    return flags !== undefined && (Number.parseInt(flags, 8) & ACCESS_MODE) === WRITE_ONLY;
  } catch {
    // No /proc here.
    return false;
  }
}

function targetOf(fd: number): string {
  try {
    return readlinkSync(`/proc/self/fd/${fd}`);
  } catch {
    return '';
  }
}
