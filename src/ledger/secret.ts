import { randomBytes } from 'node:crypto';
import {
  chmodSync,
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  readFileSync,
  renameSync,
  writeFileSync,
} from 'node:fs';
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

export function hasSecret(stateDir: string): boolean {
  return existsSync(secretPath(stateDir));
}

/** The secret that was made with the ledger. @throws {OperatorError} when it is not there any more */
export function readSecret(stateDir: string): string {
  let text = '';
  try {
    // The header was written, and then came the crash.
    if (!hasSecret(stateDir) && existsSync(newSecretPath(stateDir))) keepSecret(stateDir);
    text = readFileSync(secretPath(stateDir), 'utf8').trim();
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== 'ENOENT') {
      throw new OperatorError(EXIT.permission, `${secretPath(stateDir)} cannot be read (${code}): run as its owner`);
    }
  }
  if (!/^[0-9a-f]{64}$/.test(text)) throw damaged(ledgerDirectory(stateDir), 'the secret beside it is missing');
  return text;
}

function newSecretPath(stateDir: string): string {
  return join(stateDir, 'secret.new');
}

function secretPath(stateDir: string): string {
  return join(stateDir, 'secret');
}
