import { idOfKey, rangeOf } from './keys.js';
import { Pack } from './pack.js';
import { SingleRecord } from './single.js';
import { damaged, guarded, type Store } from './store.js';

const BYTES_PER_READ = 2 ** 21;

type Entry = [key: Buffer, bytes: Buffer];

/** All entries whose keys begin with `lead`, at most so many at a time. @throws {OperatorError} */
export async function* entriesOf(store: Store, directory: string, lead: string, most: number): AsyncGenerator<Entry[]> {
  const entries = store.iterator({ ...rangeOf(lead), highWaterMarkBytes: BYTES_PER_READ });
  try {
    for (;;) {
      const some = await guarded(directory, entries.nextv(most));
      if (some.length === 0) return;
      yield some;
    }
  } finally {
    await entries.close();
  }
}

/** The record of an entry. @throws {OperatorError} for one that is damaged */
export function singleOf(directory: string, key: Buffer, bytes: Buffer): SingleRecord {
  const record = SingleRecord.from(idOfKey(key), bytes);
  if (record === null) throw damaged(directory, 'a record whose checksum is wrong');
  return record;
}

/** The pack of an entry. @throws {OperatorError} for one that is damaged */
export function packOf(directory: string, key: Buffer, bytes: Buffer): Pack {
  const pack = Pack.from(key, bytes);
  if (pack === null) throw damaged(directory, 'a pack whose checksum is wrong');
  return pack;
}
