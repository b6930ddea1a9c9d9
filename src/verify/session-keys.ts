import { isOfShard } from '../lane/shard.js';
import type { KeyTemplate } from '../profiles/profile.js';
import { type Chunk, ChunkPacker } from '../source/chunk.js';
import { kindOfSid } from '../source/layout.js';
import { isSampled } from './sample.js';
import { KEYS, type VerifySettings } from './settings.js';

const SIDS_PER_CHUNK = 512;

/**
 * Turns pages of keys into chunks of the session ids in them: those of this reader, this shard and this sample. A target
 * names a key twice at times; a chunk does not.
 */
export async function* chunksOfKeys(pages: AsyncIterable<string[]>, settings: VerifySettings): AsyncGenerator<Chunk> {
  const packer = new ChunkPacker();
  for await (const keys of pages) {
    for (const key of new Set(keys)) {
      const sid = sidOfKey(key, settings.key);
      if (sid === null || !isLookedAt(sid, settings)) continue;
      packer.add(sid, true);
      if (packer.count === SIDS_PER_CHUNK) yield packer.take(KEYS);
    }
  }
  if (packer.count > 0) yield packer.take(KEYS);
}

/** The session id in a key, or null where the key is no session's of this reader. */
export function sidOfKey(key: string, { before, after }: KeyTemplate): string | null {
  if (!key.startsWith(before) || !key.endsWith(after)) return null;
  const sid = key.slice(before.length, key.length - after.length);
  return kindOfSid(sid) === null ? null : sid;
}

function isLookedAt(sid: string, { sids, shard, sample }: VerifySettings): boolean {
  const kind = kindOfSid(sid);
  if (kind === null || !sids.includes(kind)) return false;
  return (shard === null || isOfShard(sid, shard)) && (sample === null || isSampled(sid, sample));
}
