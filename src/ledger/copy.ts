import { linkSync, lstatSync, mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { OperatorError } from '../errors.js';
import { copyOwnFile } from '../own-file.js';
import { errorCode } from '../system-error.js';
import type { LedgerIdentity } from './identity.js';
import { Ledger } from './ledger.js';
import { checkSeal } from './seal.js';
import { ledgerDirectory, makeLedgerDirectory } from './secret.js';
import { damaged } from './store.js';

/** Tables never change once they are written (https://github.com/google/leveldb/blob/main/doc/impl.md). */
const IMMUTABLE = /\.(ldb|sst)$/;

/** What is said of a link, and of what is neither link nor file. */
const NOT_REGULAR = ['ELOOP', 'EINVAL', 'ENXIO'];

/**
 * Opens a copy of the ledger for a dry run, which may write into it: the real one is only read. Null where there is none.
 * The copy goes when the process ends. @throws {OperatorError} as `Ledger.open` does
 */
export async function openCopy(stateDir: string, identity: LedgerIdentity | null): Promise<Ledger | null> {
  const directory = ledgerDirectory(stateDir);
  if (statSync(join(directory, 'CURRENT'), { throwIfNoEntry: false }) === undefined) return null;
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
