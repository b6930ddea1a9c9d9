import { entriesOf, packOf, singleOf } from './entries.js';
import { PACK_LEAD, SESSION_LEAD } from './keys.js';
import type { Ledger } from './ledger.js';
import type { StoredRecord } from './record.js';
import { OrdinalSet } from './seen.js';

const SINGLES_PER_READ = 4096;
const PACKS_PER_READ = 64;

/** The record of every session in the ledger, some at a time. @throws {OperatorError} for one that is damaged */
export async function* recordsOf({ store, directory }: Ledger): AsyncGenerator<StoredRecord[]> {
  // The record of its own is the newer one, so that in a pack is passed over.
  const met = new OrdinalSet();
  for await (const entries of entriesOf(store, directory, SESSION_LEAD, SINGLES_PER_READ)) {
    yield entries.map(([key, bytes]) => {
      const record = singleOf(directory, key, bytes);
      met.addOne(record.ordinal);
      return record;
    });
  }
  for await (const entries of entriesOf(store, directory, PACK_LEAD, PACKS_PER_READ)) {
    const records: StoredRecord[] = [];
    for (const [key, bytes] of entries) {
      const pack = packOf(directory, key, bytes);
      for (let position = 0; position < pack.count; position++) {
        if (pack.isGone(position)) continue;
        const record = pack.recordAt(position);
        if (!met.has(record.ordinal)) records.push(record);
      }
    }
    yield records;
  }
}
