import { SessionColumns, type SessionRecord } from '../../src/ledger/record.js';
import type { Layout } from '../../src/session.js';

/** What a test says of a session that is to be recorded. */
export interface NotedSample {
  sid: string;
  layout: Layout;
  source: number;
  mtimeMs: number;
  size: number;
  inode: number;
  ordinal: number;
  before?: SessionRecord | null;
}

export function notedOf(...samples: readonly NotedSample[]): SessionColumns {
  const noted = new SessionColumns(samples.length);
  for (const { sid, layout, source, before, ...file } of samples) {
    noted.ordinal[noted.add(sid, layout, source, file, before ?? null)] = file.ordinal;
  }
  return noted;
}

/** A stored record reads its fields when asked: this asks for all of them. */
export function fieldsOf(record: SessionRecord | null): Omit<SessionRecord, 'isUnacknowledged'> | null {
  if (record === null) return null;
  const { id, state, layout, source, mtimeMs, size, inode, ordinal, pass, batch, versions } = record;
  return { id: Buffer.from(id), state, layout, source, mtimeMs, size, inode, ordinal, pass, batch, versions };
}

/** Eight bytes, as docs/ledger-format.md says of moments. */
export function doubleHex(value: number): string {
  const bytes = Buffer.alloc(8);
  bytes.writeDoubleBE(value);
  return bytes.toString('hex');
}

/** All copies of `bytes` that differ from it in one bit. */
export function* flippedCopies(bytes: Buffer): Generator<Buffer> {
  for (let bit = 0; bit < bytes.length * 8; bit++) {
    const flipped = Buffer.from(bytes);
    flipped[bit >> 3] = (flipped[bit >> 3] as number) ^ (1 << (bit & 7));
    yield flipped;
  }
}
