import { linkSync, lstatSync, mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { EXIT, OperatorError } from '../errors.js';
import { errorCode } from '../system/errno.js';
import { copyOwnFile, demandReadableState } from '../system/own-files.js';
import type { LedgerIdentity } from './facts.js';
import { Ledger } from './ledger.js';
import { checkSeal, ledgerDirectory, makeLedgerDirectory } from './state-files.js';
import { damaged } from './store.js';

/** Tables never change once they are written (https://github.com/google/leveldb/blob/main/doc/impl.md). */
const IMMUTABLE = /\.(ldb|sst)$/;

/** What is said of a link, and of what is neither link nor file. */
const NOT_REGULAR = ['ELOOP', 'EINVAL', 'ENXIO'];

/**
 * Opens a copy of the ledger for a dry run, which may write into it: the real one is only read. Null where there is
 * none. The copy goes when the process ends.
 * @throws {OperatorError} as `Ledger.open` does
 */
export async function openCopy(stateDir: string, identity: LedgerIdentity | null): Promise<Ledger | null> {
  const directory = ledgerDirectory(stateDir);
  if (statSync(stateDir, { throwIfNoEntry: false })?.isDirectory() === false) {
    throw new OperatorError(EXIT.usage, `${stateDir} is a file: name the --state-dir that holds the ledger`);
  }
  if (statSync(join(directory, 'CURRENT'), { throwIfNoEntry: false }) === undefined) return null;
  demandReadableState(stateDir);
  const copy = mkdtempSync(join(tmpdir(), 'sess2redis-dry-run-'));
  process.on('exit', () => rmSync(copy, { recursive: true, force: true }));
  makeLedgerDirectory(copy);
  checkSeal(stateDir);
  copyOrLink(join(stateDir, 'secret'), join(copy, 'secret'), false);
  for (const name of readdirSync(directory)) {
    if (name !== 'LOCK') copyOrLink(join(directory, name), join(ledgerDirectory(copy), name), IMMUTABLE.test(name));
  }
  try {
    return await Ledger.open(copy, identity);
  } catch (error) {
    // The operator knows nothing of a copy.
    if (error instanceof OperatorError) error.message = error.message.replaceAll(copy, stateDir);
    throw error;
  }
}

function copyOrLink(from: string, to: string, mayLink: boolean): void {
  // A link to a link would be one.
  if (mayLink && lstatSync(from).isFile()) {
    try {
      linkSync(from, to);
      return;
    } catch {
      // Another file system: the bytes have to be copied.
    }
  }
  try {
    copyOwnFile(from, to);
  } catch (error) {
    if (!NOT_REGULAR.includes(errorCode(error))) throw error;
    throw damaged(dirname(from), `${basename(from)} is no regular file`);
  }
}

/** A copy is torn when the run that writes the ledger drops a file meanwhile, which it does once in many seconds. */
const ATTEMPTS = 3;

/**
 * Opens a copy of the ledger to read in, while another run may be writing it; it holds what was recorded by then. Null
 * where there is none.
 * @throws {OperatorError} as `Ledger.open` does, and 10 when no whole copy could be had
 */
export async function openForReading(stateDir: string, identity: LedgerIdentity | null): Promise<Ledger | null> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await openCopy(stateDir, identity);
    } catch (error) {
      if (attempt < ATTEMPTS) continue;
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
      throw new OperatorError(
        EXIT.stateInUse,
        `${ledgerDirectory(stateDir)} is being written by another run, and no whole copy could be made: wait for it`,
      );
    }
  }
}
