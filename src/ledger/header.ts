import { OperatorError } from '../errors.js';
import { EXIT } from '../exit-codes.js';
import type { LedgerIdentity } from './identity.js';
import { META } from './keys.js';
import { damaged, type Store } from './store.js';

/** Raised when the bytes of the ledger change their meaning. Layout 2 had fewer meanings, and becomes 3 when it is opened. */
export const LAYOUT_VERSION = 3;
const READABLE_LAYOUTS = [2, LAYOUT_VERSION];

export interface Header {
  layout: number;
  identity: LedgerIdentity;
}

/** Returns null for a ledger that was never begun. @throws {OperatorError} */
export async function readHeader(store: Store, directory: string): Promise<Header | null> {
  const bytes = await store.get(META.header);
  if (bytes === undefined) {
    for await (const _ of store.keys({ limit: 1 })) throw damaged(directory, 'its header is missing');
    return null;
  }
  const { layout, identity } = JSON.parse(bytes.toString()) as Header;
  if (!READABLE_LAYOUTS.includes(layout)) {
    throw new OperatorError(
      EXIT.stateInUse,
      `the ledger in ${directory} has layout ${layout}, this program knows ${LAYOUT_VERSION}: use the program that made it, or move the ledger away and run again`,
    );
  }
  return { layout, identity };
}
