import type { Application, KeyTemplate } from '../applications/application.js';
import type { ApplicationSettings } from '../applications/application-of.js';
import { placeOf } from '../applications/keys.js';
import { type PoolOrder, serverOf } from '../applications/server-pool.js';

/** One server among several that share the sessions by their ids: see `serverOf`. */
export interface PoolServer {
  /** From 0. */
  index: number;
  weights: readonly number[];
  order: PoolOrder;
}

/** One part of the sids: `index` of `of`, counted from 0, of those that a server has, where several share them. */
export interface Shard {
  index: number;
  of: number;
  server?: PoolServer;
}

/** Which files a run is about, and what decides what becomes of them before anything is sent; plain data. */
export interface FileSettings {
  sources: readonly string[];
  application: ApplicationSettings;
  key: KeyTemplate;
  maxFileBytes: number;
  /** The user whose files alone are taken; absent for those that the application says. */
  ownerUid?: number;
  /** The application is stopped: a file that is cut or empty stays so, and nobody is writing it. */
  isFrozen?: boolean;
  shard: Shard | null;
}

/** The part of the sessions that a run looks at: those whose hash, begun with `seed`, is below `threshold`. */
export interface SessionSample {
  seed: number;
  /** Of 2^32. */
  threshold: number;
}

const HASHES = 2 ** 32;

/**
 * A sample of about `wanted` sessions. Each is drawn by a hash of its id that no earlier run used, whatever its age,
 * size, place or owner, so every session has the same chance; lanes need no list of those that were drawn.
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

/** The session id in a key, or null where the key is no session's of this reader. */
export function sidOfKey(key: string, { before, after, digest }: KeyTemplate, application: Application): string | null {
  if (digest !== undefined) return null;
  if (!key.startsWith(before) || !key.endsWith(after) || application.isLock(key)) return null;
  const sid = key.slice(before.length, key.length - after.length);
  return application.isSid(sid) ? sid : null;
}

/** The key of a session, fit to be shown: with as much of its id or digest as may be. */
export function maskedKey(key: KeyTemplate, sid: string, application: Application): string {
  const place = placeOf(key, sid);
  return `${key.before}${application.mask(place, place)}${key.after}`;
}

/** Whether `sid` belongs to this part: FNV-1a over its characters, so every machine divides alike. */
export function isOfShard(sid: string, shard: Shard): boolean {
  const { server } = shard;
  if (server !== undefined && serverOf(sid, server.weights, server.order) !== server.index) return false;
  let hash = 0x811c9dc5;
  for (let i = 0; i < sid.length; i++) hash = Math.imul(hash ^ sid.charCodeAt(i), 0x01000193);
  return (hash >>> 0) % shard.of === shard.index;
}
