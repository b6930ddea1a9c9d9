import { copyFileSync, existsSync, linkSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Identity } from './identity.js';
import { Ledger } from './ledger.js';
import { checkSeal } from './seal.js';
import { ledgerDirectory, makeLedgerDirectory } from './secret.js';

/** Tables never change once they are written (https://github.com/google/leveldb/blob/main/doc/impl.md). */
const IMMUTABLE = /\.(ldb|sst)$/;

/**
 * Opens a copy of the ledger for a dry run, which may write into it: the real one is only read. Null where there is none.
 * The copy goes when the process ends. @throws {OperatorError} as `Ledger.open` does
 */
export async function openCopy(stateDir: string, identity: Identity | null): Promise<Ledger | null> {
  const directory = ledgerDirectory(stateDir);
  if (!existsSync(join(directory, 'CURRENT'))) return null;
  const copy = mkdtempSync(join(tmpdir(), 'sess2redis-dry-run-'));
  process.on('exit', () => rmSync(copy, { recursive: true, force: true }));
  makeLedgerDirectory(copy);
  checkSeal(stateDir);
  copyFileSync(join(stateDir, 'secret'), join(copy, 'secret'));
  for (const name of readdirSync(directory)) {
    if (name !== 'LOCK') copyOrLink(join(directory, name), join(ledgerDirectory(copy), name), IMMUTABLE.test(name));
  }
  return Ledger.open(copy, identity);
}

function copyOrLink(from: string, to: string, mayLink: boolean): void {
  if (mayLink) {
    try {
      linkSync(from, to);
      return;
    } catch {
      // Another file system: the bytes have to be copied.
    }
  }
  copyFileSync(from, to);
}
