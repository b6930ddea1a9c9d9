import { constants } from 'node:os';

/** Numbers of errors that Node has no name for on Linux. */
const NAMELESS: Readonly<Record<string, number>> = {
  ESTALE: 116,
  EUCLEAN: 117,
  EHOSTDOWN: 112,
  EREMOTEIO: 121,
  EDQUOT: 122,
  ENOMEDIUM: 123,
  EKEYEXPIRED: 127,
  EHWPOISON: 133,
};

/** What the system may say to a call on a file, whatever the call. */
export const SYSTEM_ERRORS: readonly string[] = [
  ...['EACCES', 'EPERM', 'ENOENT', 'ENOTDIR', 'EISDIR', 'ELOOP', 'ENAMETOOLONG', 'ENXIO', 'ENODEV', 'EROFS'],
  ...['EIO', 'EBADMSG', 'EINTR', 'EAGAIN', 'EINVAL', 'EOVERFLOW', 'ENOMEM', 'EMFILE', 'ENFILE', 'EBUSY', 'EBADF'],
  ...['ENOTCONN', 'ETIMEDOUT', 'EHOSTUNREACH', 'ENETUNREACH', 'ECONNRESET', 'ENODATA', 'ENOLINK', 'ENOSYS', 'EPROTO'],
  ...['ENOSPC', 'EFBIG', ...Object.keys(NAMELESS)],
];

/** An error as Node throws it for a call that failed. */
export function systemError(name: string, syscall: string, path?: string): NodeJS.ErrnoException {
  const errno = NAMELESS[name] ?? (constants.errno as Record<string, number>)[name] ?? 0;
  const code = name in NAMELESS ? `Unknown system error -${errno}` : name;
  const where = path === undefined ? '' : ` '${path}'`;
  return Object.assign(new Error(`${code}: it failed, ${syscall}${where}`), {
    code,
    errno: -errno,
    syscall,
    ...(path !== undefined && { path }),
  });
}
