/**
 * Keys of the ledger besides those of sessions (`sid-cipher.ts`): `b` + pass + batch marks a batch under way, `d` + source
 * + shard the state of a shard directory, `m:` everything about the run.
 */
export const BATCH_LEAD = 'b';
export const SHARD_LEAD = 'd';

export const META = {
  header: Buffer.from('m:header'),
  passes: Buffer.from('m:passes'),
  lastPass: Buffer.from('m:last-pass'),
  ordinals: Buffer.from('m:ordinals'),
  target: Buffer.from('m:target'),
  roots: Buffer.from('m:roots'),
  cutover: Buffer.from('m:cutover'),
} as const;

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

export function shardKey(source: number, shard: string): Buffer {
  const key = Buffer.allocUnsafe(5);
  key.write(SHARD_LEAD, 'latin1');
  key.writeUInt16BE(source, 1);
  key.write(shard, 3, 'latin1');
  return key;
}

/** The range of all keys that begin with `lead`. */
export function rangeOf(lead: string): { gte: Buffer; lt: Buffer } {
  const end = Buffer.from(lead, 'latin1');
  end[end.length - 1] = (end.at(-1) as number) + 1;
  return { gte: Buffer.from(lead, 'latin1'), lt: end };
}
