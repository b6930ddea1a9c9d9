import { readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import { replaceOwnFile } from '../own-file.js';
import { errorCode } from '../system-error.js';
import { ledgerDirectory } from './secret.js';
import { damaged } from './store.js';

/** Tables carry checksums of their own, record by record; of these files LevelDB forgives what it can't read. */
const CHECKED_WHOLE = /^(CURRENT|MANIFEST-\d+|\d+\.log)$/;
const TABLE = /^\d+\.(ldb|sst)$/;

/** Size of each file, and its CRC-32 where it is read whole. */
type Seal = Record<string, [size: number, checksum: number | null]>;

/**
 * Notes what a ledger's files look like when it is closed. After a crash there is no seal, and LevelDB recovers what was
 * written; with one, files that were cut, changed or lost since are noticed before anything is concluded from them.
 */
export function sealLedger(stateDir: string): void {
  try {
    replaceOwnFile(sealPath(stateDir), JSON.stringify(describeFiles(ledgerDirectory(stateDir))));
  } catch {
    // A full disk: the ledger is as it is after a crash.
  }
}

/** Compares the files with their seal, if there is one. @throws {OperatorError} with exit code 10 */
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
