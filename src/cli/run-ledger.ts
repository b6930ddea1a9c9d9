import type { Ledger } from '../ledger/ledger.js';
import type { PassNote } from '../ledger/pass-note.js';
import { ledgerIdentityOf } from '../ledger-identity.js';
import type { RunOptions } from '../options.js';
import { neededStateDir } from '../options-output.js';
import type { RecordedPass } from '../recorded-pass.js';
import type { Summary } from '../report/summary.js';

/** The ledger of a run that writes; a dry run gets a copy of it, or null where there is none. @throws {OperatorError} */
export async function openLedger(options: RunOptions, sources: readonly string[]): Promise<Ledger | null> {
  // LevelDB makes its files by the process's umask; only their owner may read them.
  process.umask(0o077);
  // Imported when something is recorded: an audit is spared the database.
  const { Ledger } = await import('../ledger/ledger.js');
  const identity = ledgerIdentityOf(options, sources);
  if (!options.isDryRun) return Ledger.open(neededStateDir(options), identity);
  const { openCopy } = await import('../ledger/copy.js');
  return options.stateDir === null ? null : openCopy(options.stateDir, identity);
}

/** What the ledger keeps of a pass that ended. */
export function noteOf(summary: Summary, startedMs: number, { isFull }: RecordedPass, isFinal: boolean): PassNote {
  const { command, elapsedMs, listed, outcomes, deletes, exitCode } = summary;
  return { command, startedMs, elapsedMs, isFull, ...(isFinal && { isFinal }), listed, outcomes, deletes, exitCode };
}
