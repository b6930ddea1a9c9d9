import { OperatorError } from '../errors.js';
import { EXIT } from '../exit-codes.js';

/** The database index that a URL names, if any. @throws {OperatorError} with exit code 2 */
export function databaseIndex(text: string): { databaseIndex?: number } {
  if (text === '') return {};
  if (!/^\d{1,5}$/.test(text))
    throw badTarget('the database in the target is not a number: write it as in redis://host:6379/0');
  return { databaseIndex: Number(text) };
}

/** Takes the percent signs out of a part of a URL. @throws {OperatorError} with exit code 2 */
export function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw badTarget('the target holds a % that is not followed by two hex digits: write %25 for a percent sign');
  }
}

export function badTarget(reason: string): OperatorError {
  return new OperatorError(EXIT.usage, reason);
}
