import { ChunkCursor } from '../source/chunk.js';
import { realFileSystem } from '../source/file-system.js';
import { parseName, type SessionName } from '../source/layout.js';
import { walk } from '../source/walk.js';

/** The part of the sessions that a run looks at: those whose hash, begun with `seed`, is below `threshold`. */
export interface SessionSample {
  seed: number;
  /** Of 2^32. */
  threshold: number;
}

const HASHES = 2 ** 32;
/** Names per turn of the event loop while sessions are counted, so that a signal is heard. */
const NAMES_AT_ONCE = 8192;

/**
 * A sample of about `wanted` sessions. Each is drawn by a hash of its id that no earlier run used, whatever its age, size,
 * place or owner, so every session has the same chance; lanes need no list of those that were drawn.
 */
export function sampleOf(wanted: number, sessions: number, seed: number): SessionSample {
  return { seed, threshold: Math.min(HASHES, Math.ceil((wanted / Math.max(sessions, 1)) * HASHES)) };
}

/** FNV-1a over the characters, then the finish of MurmurHash3: sids that begin alike get hashes far apart. */
export function isSampled(sid: string, { seed, threshold }: SessionSample): boolean {
  let hash = 0x811c9dc5 ^ seed;
  for (let i = 0; i < sid.length; i++) hash = Math.imul(hash ^ sid.charCodeAt(i), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0 < threshold;
}

/** How many entries have the name of a session. Only lists; throws what listing throws. */
export async function countSessions(sources: readonly string[], signal: AbortSignal): Promise<number> {
  const name: SessionName = { kind: null, sid: '', layout: 'flat', isTempFile: false };
  let sessions = 0;
  const chunks = walk(sources, {
    fileSystem: realFileSystem,
    maxEntries: () => NAMES_AT_ONCE,
    shards: null,
    onUnreadable: () => {},
  });
  for (const chunk of chunks) {
    const entries = new ChunkCursor(chunk);
    while (entries.next()) if (entries.mayBeFile && parseName(entries.path, name).kind !== null) sessions++;
    await new Promise((resolve) => setImmediate(resolve));
    if (signal.aborted) break;
  }
  return sessions;
}
