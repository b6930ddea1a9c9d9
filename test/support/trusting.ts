import type { LedgerShare } from '../../src/ledger/record-doubt.js';

/** A pass that has no reason to doubt its ledger or its target. */
export function trusting(mode: LedgerShare['mode']): Pick<LedgerShare, 'mode' | 'doubt' | 'isWhole' | 'settlesDoubt'> {
  return { mode, doubt: null, isWhole: true, settlesDoubt: false };
}
