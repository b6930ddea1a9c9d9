/**
 * Keys of the ledger: `s` + encrypted id is one session, `p` + pass + batch + size of an id + count a pack of sessions,
 * `b` + pass + batch a batch under way, `d` + source + shard the state of a shard directory, `n` + pass how a pass
 * ended, `m:` everything about the run.
 */
export const SESSION_LEAD = 's';
export const PACK_LEAD = 'p';
export const BATCH_LEAD = 'b';
export const SHARD_LEAD = 'd';
export const NOTE_LEAD = 'n';

export const META = {
  header: Buffer.from('m:header'),
  lastPass: Buffer.from('m:last-pass'),
  recorded: Buffer.from('m:recorded'),
  ordinals: Buffer.from('m:ordinals'),
  run: Buffer.from('m:run'),
  marker: Buffer.from('m:marker'),
  doubt: Buffer.from('m:doubt'),
  receipts: Buffer.from('m:receipts'),
  incomplete: Buffer.from('m:incomplete'),
  roots: Buffer.from('m:roots'),
  cutover: Buffer.from('m:cutover'),
} as const;

export function sessionKey(id: Uint8Array): Buffer {
  const key = Buffer.allocUnsafe(1 + id.length);
  key.write(SESSION_LEAD, 'latin1');
  key.set(id, 1);
  return key;
}

/** The id of a session's key. */
export function idOfKey(key: Buffer): Buffer {
  return key.subarray(1);
}

/** What the key of a pack says. */
export interface PackName {
  pass: number;
  batch: number;
  /** Size of each encrypted id in the pack. */
  idBytes: number;
  /** Sessions in it, those that are no longer on record included. */
  count: number;
}

export const PACK_KEY_BYTES = 12;

export function packKey({ pass, batch, idBytes, count }: PackName): Buffer {
  const key = Buffer.allocUnsafe(PACK_KEY_BYTES);
  key.write(PACK_LEAD, 'latin1');
  key.writeUInt32BE(pass, 1);
  key.writeUInt32BE(batch, 5);
  key.writeUInt8(idBytes, 9);
  key.writeUInt16BE(count, 10);
  return key;
}

/** @param key of {@link PACK_KEY_BYTES} */
export function packNameOf(key: Buffer): PackName {
  return {
    pass: key.readUInt32BE(1),
    batch: key.readUInt32BE(5),
    idBytes: key.readUInt8(9),
    count: key.readUInt16BE(10),
  };
}

export function batchKey(pass: number, batch: number): Buffer {
  const key = Buffer.allocUnsafe(9);
  key.write(BATCH_LEAD, 'latin1');
  key.writeUInt32BE(pass, 1);
  key.writeUInt32BE(batch, 5);
  return key;
}

/** The number by which lanes know a batch of an earlier run: `pass * 2^32 + batch`. */
export function batchNumberOf(key: Buffer): number {
  return key.readUInt32BE(1) * 2 ** 32 + key.readUInt32BE(5);
}

/** A number for a shard directory of a source, from the first two characters of its sids. */
export function shardNumber(source: number, shard: string): number {
  return source * 2 ** 16 + shard.charCodeAt(0) * 2 ** 8 + shard.charCodeAt(1);
}

export function shardKey(number: number): Buffer {
  const key = Buffer.allocUnsafe(5);
  key.write(SHARD_LEAD, 'latin1');
  key.writeUInt32BE(number, 1);
  return key;
}

export function shardNumberOf(key: Buffer): number {
  return key.readUInt32BE(1);
}

export function noteKey(pass: number): Buffer {
  const key = Buffer.allocUnsafe(5);
  key.write(NOTE_LEAD, 'latin1');
  key.writeUInt32BE(pass, 1);
  return key;
}

export function passOfNote(key: Buffer): number {
  return key.readUInt32BE(1);
}

/** The range of all keys that begin with `lead`. */
export function rangeOf(lead: string): { gte: Buffer; lt: Buffer } {
  const end = Buffer.from(lead, 'latin1');
  end[end.length - 1] = (end.at(-1) as number) + 1;
  return { gte: Buffer.from(lead, 'latin1'), lt: end };
}
