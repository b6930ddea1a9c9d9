import fs from 'node:fs';
import { constants } from 'node:os';
import { EXIT, type ExitCode, OperatorError } from '../errors.js';

/**
 * Errors of Linux that libuv has no name for, so that Node calls them `Unknown system error -117`
 * (libuv/libuv, include/uv.h, UV_ERRNO_MAP; torvalds/linux, include/uapi/asm-generic/errno.h).
 */
const LINUX_NAMES: Readonly<Record<number, string>> = {
  37: 'ENOLCK',
  52: 'EBADE',
  53: 'EBADR',
  61: 'ENODATA',
  67: 'ENOLINK',
  72: 'EMULTIHOP',
  74: 'EBADMSG',
  112: 'EHOSTDOWN',
  116: 'ESTALE',
  117: 'EUCLEAN',
  121: 'EREMOTEIO',
  122: 'EDQUOT',
  123: 'ENOMEDIUM',
  124: 'EMEDIUMTYPE',
  126: 'ENOKEY',
  127: 'EKEYEXPIRED',
  128: 'EKEYREVOKED',
  129: 'EKEYREJECTED',
  133: 'EHWPOISON',
};

const NAMES = new Map<number, string>(Object.entries(constants.errno).map(([name, errno]) => [errno, name]));

const SYSTEM_NAME = /^E(?!RR_)[A-Z0-9]+$/;

/** Permission that the system refuses, and what only the operator can change. */
const FORBIDDEN = ['EACCES', 'EPERM', 'EROFS'];

/** What a mount says that has lost its server or its process: nothing below it is there until it is mounted again. */
const DEAD_MOUNT = ['ENOTCONN', 'ESTALE', 'EHOSTDOWN', 'EHOSTUNREACH', 'ENETUNREACH', 'ETIMEDOUT', 'ENODEV'];

/**
 * What a disk says that is full, broken, or turned read-only because it is; and a process out of what the system has.
 */
const BROKEN_DISK = 'ENOSPC EDQUOT EFBIG EIO EROFS EUCLEAN EBADMSG EREMOTEIO EHWPOISON EMFILE ENFILE ENOMEM'.split(' ');

/**
 * The name of a system error (`ENOENT`, `ESTALE`), by its number where Node has no name for it, or the `code` of
 * another error of Node; an empty string for what is neither.
 */
export function errorCode(error: unknown): string {
  if (!(error instanceof Error) || !('code' in error) || typeof error.code !== 'string') return '';
  if (SYSTEM_NAME.test(error.code)) return error.code;
  const { errno, info } = error as NodeJS.ErrnoException & { info?: { code?: unknown } };
  // SystemError of node:os keeps the name to itself (`uv_os_homedir returned ENOENT`).
  if (typeof info?.code === 'string' && SYSTEM_NAME.test(info.code)) return info.code;
  if (typeof errno !== 'number' || error.code.startsWith('ERR_')) return error.code;
  const number = Math.abs(errno);
  return (process.platform === 'linux' ? LINUX_NAMES[number] : undefined) ?? NAMES.get(number) ?? `errno ${number}`;
}

/** Whether the code says that the file system as a whole is away. */
export function isDeadMount(code: string): boolean {
  return DEAD_MOUNT.includes(code);
}

/** What a script may conclude from a system error that nobody expected: nearly always that it may run again. */
export function exitCodeFor(code: string): ExitCode {
  return FORBIDDEN.includes(code) ? EXIT.permission : EXIT.temporary;
}

/**
 * The exit code for a place of one's own that can't be written: what may heal by itself, or what the operator settles.
 */
export function exitCodeForPlace(code: string): ExitCode {
  return BROKEN_DISK.includes(code) || isDeadMount(code) ? EXIT.temporary : EXIT.permission;
}

/** What helps where a file could not be written or looked at, whosever it is. */
export function remedyFor(code: string): string {
  if (code === 'EROFS') return 'remount it read-write';
  if (code === 'EDQUOT') return 'make room within the quota';
  if (code === 'ENOSPC' || code === 'EFBIG') return 'make room';
  if (code === 'EMFILE' || code === 'ENFILE') return 'raise ulimit -n';
  if (code === 'ENOMEM') return 'free some memory';
  if (FORBIDDEN.includes(code)) return 'check who may use it';
  return isDeadMount(code) ? 'mount it again' : 'check the disk';
}

/** The sentence for a file of a run's own that can't be written; another error comes back as it is. */
export function unwritable(path: string, error: unknown): unknown {
  const code = errorCode(error);
  if (error instanceof OperatorError || code === '') return error;
  return new OperatorError(
    exitCodeForPlace(code),
    `${path} cannot be written (${code}): ${remedyFor(code)} and run again`,
  );
}

/**
 * The last owner of a system error that had no better one: the same error as a sentence. Any other error comes back as
 * it is.
 */
export function explained<T>(error: T): T | OperatorError {
  if (!(error instanceof Error) || error instanceof OperatorError) return error;
  const { syscall, path } = error as NodeJS.ErrnoException;
  const code = errorCode(error);
  if (code === '' || (code.startsWith('ERR_') && syscall === undefined)) return error;
  const what = path === undefined ? '' : ` ${path}`;
  const advice = FORBIDDEN.includes(code)
    ? 'check who may use it'
    : code === 'EMFILE' || code === 'ENFILE'
      ? 'too many files are open, raise ulimit -n (1024 is plenty), then run the same line again'
      : isDeadMount(code)
        ? 'mount it again, then run the same line again'
        : 'check the disk, then run the same line again';
  const sentence = `the system said ${code} to ${syscall ?? 'a call'}${what}: ${advice}`;
  return new OperatorError(exitCodeFor(code), sentence, { cause: error });
}

/** What is said of a path at which nothing is or can be: too long a name, or one with a zero byte, is nobody's. */
const ABSENT = ['ENOENT', 'ENOTDIR', 'ENAMETOOLONG', 'ERR_INVALID_ARG_VALUE'];

/**
 * Whether something is at `path`.
 * @throws {OperatorError} where that can't be looked at: it is no absent one
 */
export function isThere(path: string): boolean {
  try {
    fs.statSync(path);
    return true;
  } catch (error) {
    const code = errorCode(error);
    if (ABSENT.includes(code)) return false;
    if (code === '') throw error;
    const exitCode = exitCodeForPlace(code);
    const advice = exitCode === EXIT.permission ? 'check who may look there' : remedyFor(code);
    throw new OperatorError(exitCode, `${path} cannot be looked at (${code}): ${advice}`);
  }
}
