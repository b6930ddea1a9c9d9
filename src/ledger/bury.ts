import type { RecordFinder } from './finder.js';
import { sessionKey } from './keys.js';
import { SessionColumns } from './noted.js';
import type { SessionRecord } from './record.js';
import type { SidCipher } from './sid-cipher.js';
import { SingleEncoder } from './single.js';

/** No batch has this number: what is written under it is never without its replies. */
const NO_BATCH = 2 ** 32 - 1;

/**
 * Makes a tombstone of each record: the session ended, and its copy was deleted in this pass. Where the target goes back,
 * the copy is there again, and the tombstone says whose it is. @throws {Error} of the store
 */
export async function burySessions(
  finder: RecordFinder,
  cipher: SidCipher,
  records: readonly SessionRecord[],
  pass: number,
  nowMs: number,
): Promise<void> {
  const write = finder.store.batch();
  const encoder = new SingleEncoder();
  const noted = new SessionColumns(1);
  for (const { id, layout, source, ordinal, versions } of records) {
    noted.clear();
    noted.add(cipher.sidOf(id) as string, layout, source, { mtimeMs: nowMs, size: 0, inode: 0 }, null);
    noted.ordinal[0] = ordinal;
    const bytes = encoder.encode(noted, 0, id, pass, NO_BATCH, { state: 'ended', versions });
    write.put(sessionKey(id), Buffer.from(bytes));
  }
  await write.write();
}
