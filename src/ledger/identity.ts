import { OperatorError } from '../errors.js';
import { EXIT } from '../exit-codes.js';

/** What a ledger belongs to, as names and values that an operator can compare. */
export type LedgerIdentity = Readonly<Record<string, string>>;

/** @throws {OperatorError} that says which part of the identity differs */
export function refuseForeign(directory: string, held: LedgerIdentity, wanted: LedgerIdentity): void {
  for (const name of new Set([...Object.keys(held), ...Object.keys(wanted)])) {
    if (held[name] === wanted[name]) continue;
    throw new OperatorError(
      EXIT.stateInUse,
      `the ledger in ${directory} is of another run, its ${name} is ${held[name] ?? 'not set'} and yours ${wanted[name] ?? 'not set'}: name another --state-dir`,
    );
  }
}
