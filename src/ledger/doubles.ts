import type { RecordFinder } from './finder.js';
import { forgetSessions } from './forget.js';
import { sessionKey } from './keys.js';
import { SessionColumns } from './noted.js';
import type { SessionRecord } from './record.js';
import type { SidCipher } from './sid-cipher.js';
import { type Fate, SingleEncoder } from './single.js';

/**
 * Makes one record of each session that is on record twice. A session gets there that Odoo moved to its shard while a pass
 * went by, which met it as two. The one record takes all versions that the target may hold of ours, and its file is read
 * again: so a copy ends, or follows, as if it had been met once. @throws {OperatorError}
 */
export async function mergeDoubles(finder: RecordFinder, cipher: SidCipher): Promise<void> {
  if (finder.index === null) return;
  for (const idStart of finder.index.alike) {
    const groups = groupById(await finder.allPacked(idStart));
    for (const records of groups) if (records.length > 1) await merge(finder, cipher, records);
  }
}

function groupById(records: readonly SessionRecord[]): SessionRecord[][] {
  const groups = new Map<string, SessionRecord[]>();
  for (const record of records) {
    const name = record.id.toString('latin1');
    groups.set(name, [...(groups.get(name) ?? []), record]);
  }
  return [...groups.values()];
}

/** @param packed the records of one session, the oldest first */
async function merge(finder: RecordFinder, cipher: SidCipher, packed: readonly SessionRecord[]): Promise<void> {
  const { id } = packed[0] as SessionRecord;
  const sid = cipher.sidOf(id);
  if (sid === null) return;
  const single = (await finder.singles([id]))[0] ?? null;
  // The packed record that it stands for is out of date.
  const records =
    single === null ? [...packed] : [...packed.filter(({ ordinal }) => ordinal !== single.ordinal), single];
  records.sort((a, b) => a.pass - b.pass || a.batch - b.batch);
  const newest = records.at(-1) as SessionRecord;
  const versions = records.toReversed().flatMap((record) => (record.state === 'ours' ? record.versions : []));
  const noted = new SessionColumns(1);
  // No file has this moment.
  noted.add(sid, newest.layout, newest.source, { mtimeMs: Number.NaN, size: 0, inode: 0 }, null);
  noted.ordinal[0] = newest.ordinal;
  const fate: Fate = { state: versions.length > 0 ? 'ours' : newest.state, versions };
  const bytes = new SingleEncoder().encode(noted, 0, id, newest.pass, newest.batch, fate);
  await finder.store.put(sessionKey(id), bytes);
  finder.index?.noteSingle(id.readUInt32BE());
  await forgetSessions(
    finder,
    packed.filter(({ ordinal }) => ordinal !== newest.ordinal),
  );
}
