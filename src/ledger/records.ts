import { idOfKey, PACK_LEAD, rangeOf, SESSION_LEAD } from './keys.js';
import type { Ledger } from './ledger.js';
import { Pack } from './pack.js';
import type { StoredRecord } from './record.js';
import { Seen } from './seen.js';
import { SingleRecord } from './single.js';
import { damaged, guarded } from './store.js';

const SINGLES_PER_READ = 4096;
const PACKS_PER_READ = 64;
/** More than so many of either take. */
const BYTES_PER_READ = 2 ** 21;

/** The record of every session in the ledger, some at a time. @throws {OperatorError} for one that is damaged */
export async function* recordsOf(ledger: Ledger): AsyncGenerator<StoredRecord[]> {
  // The record of its own is the newer one, so that in a pack is passed over.
  const met = new Seen();
  for await (const entries of entriesOf(ledger, SESSION_LEAD, SINGLES_PER_READ)) {
    yield entries.map(([key, bytes]) => {
      const record = SingleRecord.from(idOfKey(key), bytes);
      if (record === null) throw damaged(ledger.directory, 'a record whose checksum is wrong');
      met.addOne(record.ordinal);
      return record;
    });
  }
  for await (const entries of entriesOf(ledger, PACK_LEAD, PACKS_PER_READ)) {
    const records: StoredRecord[] = [];
    for (const [key, bytes] of entries) {
      const pack = Pack.from(key, bytes);
      if (pack === null) throw damaged(ledger.directory, 'a pack whose checksum is wrong');
      for (let position = 0; position < pack.count; position++) {
        if (pack.isGone(position)) continue;
        const record = pack.recordAt(position);
        if (!met.has(record.ordinal)) records.push(record);
      }
    }
    yield records;
  }
}

async function* entriesOf(ledger: Ledger, lead: string, most: number): AsyncGenerator<[Buffer, Buffer][]> {
  const entries = ledger.store.iterator({ ...rangeOf(lead), highWaterMarkBytes: BYTES_PER_READ });
  try {
    for (;;) {
      const some = await guarded(ledger.directory, entries.nextv(most));
      if (some.length === 0) return;
      yield some;
    }
  } finally {
    await entries.close();
  }
}
