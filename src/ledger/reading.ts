import { OperatorError } from '../errors.js';
import { EXIT } from '../exit-codes.js';
import { openCopy } from './copy.js';
import type { LedgerIdentity } from './identity.js';
import type { Ledger } from './ledger.js';
import { ledgerDirectory } from './secret.js';

/** A copy is torn when the run that writes the ledger drops a file meanwhile, which it does once in many seconds. */
const ATTEMPTS = 3;

/**
 * Opens a copy of the ledger to read in, while another run may be writing it; it holds what was recorded by then. Null
 * where there is none. @throws {OperatorError} as `Ledger.open` does, and 10 when no whole copy could be had
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
