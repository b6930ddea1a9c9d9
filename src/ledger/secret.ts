import { randomBytes } from 'node:crypto';
import { chmodSync, closeSync, fsyncSync, mkdirSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { OperatorError } from '../errors.js';
import { EXIT } from '../exit-codes.js';
import { openOwnFile } from '../own-file.js';
import { prepareStateDirectory } from '../state-directory.js';
import { errorCode, exitCodeForPlace } from '../system-error.js';
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
    mkdirSync(directory, { recursive: true, mode: 0o700 });
    chmodSync(directory, 0o700);
  } catch (error) {
    const code = errorCode(error);
    const sentence = `${stateDir} cannot be written (${code}): name another by --state-dir`;
    throw new OperatorError(exitCodeForPlace(code), sentence);
  }
}

/** A new secret of 64 hexadecimal digits, on disk when this returns, but not yet the ledger's. */
export function makeSecret(stateDir: string): string {
  const secret = randomBytes(SECRET_BYTES).toString('hex');
  try {
    const fd = openOwnFile(newSecretPath(stateDir), 'anew');
    try {
      writeFileSync(fd, `${secret}\n`);
      fsyncSync(fd);
    } finally {
      closeSync(fd);
    }
  } catch (error) {
    const code = errorCode(error);
    const sentence = `${stateDir} cannot be written (${code}): make room, or name another by --state-dir`;
    throw new OperatorError(exitCodeForPlace(code), sentence);
  }
  return secret;
}

/** Makes the new secret the ledger's: from now on a ledger without a header is damaged, and not new. */
export function keepSecret(stateDir: string): void {
  renameSync(newSecretPath(stateDir), secretPath(stateDir));
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
    text = readFileSync(secretPath(stateDir), 'utf8').trim();
  } catch (error) {
    if (error instanceof OperatorError) throw error;
    if (errorCode(error) !== 'ENOENT') throw closed(secretPath(stateDir), error);
  }
  if (!/^[0-9a-f]{64}$/.test(text)) throw damaged(ledgerDirectory(stateDir), 'the secret beside it is missing');
  return text;
}

function isThere(path: string): boolean {
  try {
    return statSync(path, { throwIfNoEntry: false }) !== undefined;
  } catch (error) {
    throw closed(path, error);
  }
}

function closed(path: string, error: unknown): OperatorError {
  const code = errorCode(error);
  const exitCode = exitCodeForPlace(code);
  const advice = exitCode === EXIT.permission ? 'run as its owner' : 'check the disk, then run the same line again';
  return new OperatorError(exitCode, `${path} cannot be read (${code}): ${advice}`);
}

function newSecretPath(stateDir: string): string {
  return join(stateDir, 'secret.new');
}

function secretPath(stateDir: string): string {
  return join(stateDir, 'secret');
}
