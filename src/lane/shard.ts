import type { Shard } from './settings.js';

/** Whether `sid` belongs to this part: FNV-1a over its characters, so every machine divides alike. */
export function isOfShard(sid: string, shard: Shard): boolean {
  let hash = 0x811c9dc5;
  for (let i = 0; i < sid.length; i++) hash = Math.imul(hash ^ sid.charCodeAt(i), 0x01000193);
  return (hash >>> 0) % shard.of === shard.index;
}
