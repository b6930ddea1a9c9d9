import { randomBytes } from 'node:crypto';
import fs, { readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import { EXIT, OperatorError } from '../errors.js';
import { errorCode, exitCodeForPlace, isThere, remedyFor } from '../system/errno.js';
import { openOwnFile, prepareStateDirectory, replaceOwnFile, unwritableState } from '../system/own-files.js';
import { damaged } from './store.js';

const SECRET_BYTES = 32;

/** Below the state directory: the database, and beside it the secret that its keys are encrypted with. */
export function ledgerDirectory(stateDir: string): string {
  return join(stateDir, 'ledger');
}

/**
 * Makes the ledger's directory, for its owner only.
 * @throws {OperatorError}
 */
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

/**
 * A new secret of 64 hexadecimal digits, on disk when this returns, but not yet the ledger's.
 * @throws {OperatorError}
 */
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

/**
 * Makes the new secret the ledger's: from now on a ledger without a header is damaged, not new.
 * @throws {OperatorError}
 */
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

/**
 * The secret that was made with the ledger.
 * @throws {OperatorError} when it is not there any more
 */
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

/** Tables carry checksums of their own, record by record; of these files LevelDB forgives what it can't read. */
const CHECKED_WHOLE = /^(CURRENT|MANIFEST-\d+|\d+\.log)$/;
const TABLE = /^\d+\.(ldb|sst)$/;

/** Size of each file, and its CRC-32 where it is read whole. */
type Seal = Record<string, [size: number, checksum: number | null]>;

/**
 * Notes what a ledger's files look like when it is closed. After a crash there is no seal, and LevelDB recovers what
 * was written; with one, files that were cut, changed or lost since are noticed before anything is concluded from them.
 */
export function sealLedger(stateDir: string): void {
  try {
    replaceOwnFile(sealPath(stateDir), JSON.stringify(describeFiles(ledgerDirectory(stateDir))));
  } catch {
    // A full disk: the ledger is as it is after a crash.
  }
}

/**
 * Compares the files with their seal, if there is one.
 * @throws {OperatorError} with exit code 10
 */
export function checkSeal(stateDir: string): void {
  const directory = ledgerDirectory(stateDir);
  if (statSync(sealPath(stateDir), { throwIfNoEntry: false }) === undefined) return;
  let sealed: Seal;
  try {
    sealed = JSON.parse(readFileSync(sealPath(stateDir), 'utf8')) as Seal;
  } catch (error) {
    // A disk or a permission that fails is no damage, and has its own sentence.
    if (errorCode(error) !== '') throw error;
    throw damaged(directory, 'its seal can not be read');
  }
  const found = describeFiles(directory);
  for (const [name, [size, checksum]] of Object.entries(sealed)) {
    const file = found[name];
    if (file === undefined) throw damaged(directory, `${name} is missing`);
    if (file[0] !== size || file[1] !== checksum) throw damaged(directory, `${name} is not as it was written`);
  }
}

/** Called when the ledger is about to change. */
export function breakSeal(stateDir: string): void {
  rmSync(sealPath(stateDir), { force: true });
}

function sealPath(stateDir: string): string {
  return join(stateDir, 'seal.json');
}

function describeFiles(directory: string): Seal {
  const seal: Seal = {};
  for (const name of readdirSync(directory)) {
    const path = join(directory, name);
    if (CHECKED_WHOLE.test(name)) {
      const bytes = readFileSync(path);
      seal[name] = [bytes.length, crc32(bytes)];
    } else if (TABLE.test(name)) {
      seal[name] = [statSync(path).size, null];
    }
  }
  return seal;
}
