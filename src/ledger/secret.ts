import { randomBytes } from 'node:crypto';
import fs from 'node:fs';
import { join } from 'node:path';
import { OperatorError } from '../errors.js';
import { EXIT } from '../exit-codes.js';
import { openOwnFile } from '../own-file.js';
import { isThere } from '../presence.js';
import { prepareStateDirectory, unwritableState } from '../state-directory.js';
import { errorCode, exitCodeForPlace, remedyFor } from '../system-error.js';
import { damaged } from './store.js';

const SECRET_BYTES = 32;

/** Below the state directory: the database, and beside it the secret that its keys are encrypted with. */
export function ledgerDirectory(stateDir: string): string {
  return join(stateDir, 'ledger');
}

/** Makes the ledger's directory, for its owner only. @throws {OperatorError} */
export function makeLedgerDirectory(stateDir: string): void {
  const directory = ledgerDirectory(stateDir);
  prepareStateDirectory(stateDir);
  try {
    fs.mkdirSync(directory, { recursive: true, mode: 0o700 });
    fs.chmodSync(directory, 0o700);
  } catch (error) {
    throw unwritableState(stateDir, error);
  }
}

/** A new secret of 64 hexadecimal digits, on disk when this returns, but not yet the ledger's. @throws {OperatorError} */
export function makeSecret(stateDir: string): string {
  const secret = randomBytes(SECRET_BYTES).toString('hex');
  try {
    const fd = openOwnFile(newSecretPath(stateDir), 'anew');
    try {
      fs.writeFileSync(fd, `${secret}\n`);
      fs.fsyncSync(fd);
    } finally {
      fs.closeSync(fd);
    }
  } catch (error) {
    throw unwritableState(stateDir, error);
  }
  return secret;
}

/** Makes the new secret the ledger's: from now on a ledger without a header is damaged, not new. @throws {OperatorError} */
export function keepSecret(stateDir: string): void {
  try {
    fs.renameSync(newSecretPath(stateDir), secretPath(stateDir));
  } catch (error) {
    throw unwritableState(stateDir, error);
  }
}

/** @throws {OperatorError} where that can't be looked at: a ledger behind a closed door is not a new one */
export function hasSecret(stateDir: string): boolean {
  return isThere(secretPath(stateDir));
}

/** The secret that was made with the ledger. @throws {OperatorError} when it is not there any more */
export function readSecret(stateDir: string): string {
  let text = '';
  try {
    // The header was written, and then came the crash.
    if (!hasSecret(stateDir) && isThere(newSecretPath(stateDir))) keepSecret(stateDir);
    text = fs.readFileSync(secretPath(stateDir), 'utf8').trim();
  } catch (error) {
    if (error instanceof OperatorError) throw error;
    if (errorCode(error) === '') throw error;
    if (errorCode(error) !== 'ENOENT') throw closed(secretPath(stateDir), error);
  }
  if (!/^[0-9a-f]{64}$/.test(text)) throw damaged(ledgerDirectory(stateDir), 'the secret beside it is missing');
  return text;
}

function closed(path: string, error: unknown): OperatorError {
  const code = errorCode(error);
  const exitCode = exitCodeForPlace(code);
  const advice = exitCode === EXIT.permission ? 'run as its owner' : `${remedyFor(code)}, then run the same line again`;
  return new OperatorError(exitCode, `${path} cannot be read (${code}): ${advice}`);
}

function newSecretPath(stateDir: string): string {
  return join(stateDir, 'secret.new');
}

function secretPath(stateDir: string): string {
  return join(stateDir, 'secret');
}
