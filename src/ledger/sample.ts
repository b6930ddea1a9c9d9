import { randomInt } from 'node:crypto';
import { rangeOf } from './keys.js';
import type { Ledger } from './ledger.js';
import { decodeRecord } from './record.js';
import { LEADS } from './sid-cipher.js';
import { guarded } from './store.js';

const PROBES = 48;
const RECORDS_PER_PROBE = 4;
const SID_CHARACTERS = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-';
/** Keys this close to their end may be gone before anyone looks. */
const MARGIN_MS = 60_000;

/** Ids of some sessions, picked all over the ledger, whose copies the target should hold. */
export async function sampleOfOurs(ledger: Ledger, nowMs: number): Promise<string[]> {
  const { cipher, store, directory, openBatches } = ledger;
  const inDoubt = new Set(openBatches);
  const sids = new Set<string>();
  for (const layout of await ledger.layouts()) {
    for (let probe = 0; probe < PROBES; probe++) {
      const start = LEADS[layout] + randomCharacter() + randomCharacter();
      const gte = Buffer.concat([Buffer.from(start), Buffer.from([randomInt(256)])]);
      const records = store.iterator({ ...rangeOf(LEADS[layout]), gte, limit: RECORDS_PER_PROBE });
      for (const [key, bytes] of await guarded(directory, records.all())) {
        const record = decodeRecord(key, bytes);
        const isSure = record?.state === 'ours' && !inDoubt.has(record.pass * 2 ** 32 + record.batch);
        if (!isSure || !((record.versions[0]?.expiryMs ?? 0) > nowMs + MARGIN_MS)) continue;
        const sid = cipher.sidOf(key);
        if (sid !== null) sids.add(sid);
      }
    }
  }
  return [...sids];
}

function randomCharacter(): string {
  return SID_CHARACTERS[randomInt(SID_CHARACTERS.length)] as string;
}
