import fs from 'node:fs';
import { OperatorError } from './errors.js';
import { EXIT } from './exit-codes.js';
import { errorCode, exitCodeForPlace, remedyFor } from './system-error.js';

/** What is said of a path at which nothing is or can be: too long a name, or one with a zero byte, is nobody's. */
const ABSENT = ['ENOENT', 'ENOTDIR', 'ENAMETOOLONG', 'ERR_INVALID_ARG_VALUE'];

/** Whether something is at `path`. @throws {OperatorError} where that can't be looked at: it is no absent one */
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
