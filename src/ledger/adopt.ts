import type { Layout, OwnVersion } from '../session.js';
import { batchKey, rangeOf, SHARD_LEAD, sessionKey } from './keys.js';
import type { Ledger } from './ledger.js';
import { SessionColumns, type SessionRecord } from './record.js';
import { SingleEncoder } from './single.js';

/** No batch of a pass has these numbers. What is adopted under the second one lacks its replies. */
const ANSWERED = 2 ** 32 - 1;
const UNANSWERED = 2 ** 32 - 2;

/** A session that the ledger did not know, or not as it was sent last. */
export interface AdoptedSession {
  sid: string;
  layout: Layout;
  state: 'ours' | 'kept';
  /** Of what was sent, the newest first. */
  versions: readonly OwnVersion[];
  pass: number;
  /** Whether every reply to it was read. */
  isAnswered: boolean;
  /** Nothing that was sent of it is known to have arrived. */
  isNeverAnswered: boolean;
  before: SessionRecord | null;
}

/**
 * Records sessions by what receipts say of them; their files are read by the next pass, whatever they look like.
 * @throws {OperatorError}
 */
export async function adoptSessions(ledger: Ledger, sessions: readonly AdoptedSession[]): Promise<void> {
  const { store, cipher } = ledger;
  const write = store.batch();
  const encoder = new SingleEncoder();
  const noted = new SessionColumns(1);
  const ids = cipher.idsOf(sessions.map(({ sid }) => sid));
  let ordinal = await ledger.takeOrdinals(sessions.length);
  for (const [i, { sid, layout, state, versions, pass, isAnswered, isNeverAnswered, before }] of sessions.entries()) {
    const id = ids[i] as Buffer;
    noted.clear();
    noted.add(sid, layout, before?.source ?? 0, { mtimeMs: 0, size: 0, inode: 0 }, null);
    noted.ordinal[0] = before?.ordinal ?? ordinal++;
    const fate = { state, versions, isUnacknowledged: isNeverAnswered };
    const bytes = encoder.encode(noted, 0, id, pass, isAnswered ? ANSWERED : UNANSWERED, fate);
    write.put(sessionKey(id), Buffer.from(bytes));
    if (!isAnswered) write.put(batchKey(pass, UNANSWERED), Buffer.alloc(0));
  }
  await store.commit(write);
}

/**
 * Forgets which shards are as they were: what was adopted is looked for in all of them.
 * @throws {OperatorError}
 */
export async function forgetShards({ store }: Ledger): Promise<void> {
  await store.clear(rangeOf(SHARD_LEAD));
}
